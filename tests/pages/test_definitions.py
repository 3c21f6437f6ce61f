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


def test_a_roll_up_is_worked_out_of_the_projects_programme(demo_store: Path) -> None:
    """Every metric of the portfolio names the programme and its projects, and comes to something."""
    shown = cards("portfolio", example="MX-2401").split('<div class="at-definition">')[1:]
    told = [card for card in shown if "Its programme Evolución a 5G Anáhuac: " in card and "→" in card]
    assert len(told) == len(shown) == sum(d.group == "portfolio" for d in definitions())


def test_the_method_of_the_project_is_marked_among_those_there_are(demo_store: Path) -> None:
    shown = cards("contract", example="CO-2406")
    progress = next(
        card for card in shown.split('<div class="at-definition">') if "Progress for revenue" in card
    )
    assert re.findall(r"<strong>(.*?)</strong>", progress) == ["By cost"]
    assert progress.count("at-definition-variant") == 3
