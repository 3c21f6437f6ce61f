"""Definitions on the demonstration: an area with its cards, every one that has numbers with a project's own."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from locales import translator
from metrics.definitions import GROUPS, definitions
from tests.pages.test_every_page import opened

EN = translator("en")
NAME = re.compile(r'at-definition-name">(.*?)</div>')


def cards(area: str, **address: str) -> str:
    at = opened("definitions", area=area, **address)
    assert not at.exception
    return "".join(markdown.value for markdown in at.markdown if "at-definition" in markdown.value)


@pytest.mark.parametrize("area", [*GROUPS, "all"])
def test_an_area_shows_its_metrics_and_no_others(demo_store: Path, area: str) -> None:
    wanted = [EN.t(f"metric.{d.id}.name") for d in definitions() if area in {d.group, "all"}]
    assert sorted(html.unescape(name) for name in NAME.findall(cards(area))) == sorted(wanted)


def test_the_examples_are_the_chosen_projects(demo_store: Path) -> None:
    shown = cards("margin", example="CO-2301")
    told = [card for card in shown.split('<div class="at-definition">')[1:] if "OSS consolidation" in card]
    assert len(told) > 20
