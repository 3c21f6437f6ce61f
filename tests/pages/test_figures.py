"""Every figure of every screen leads on: its numbers, its files, its definition; and plotly speaks the language."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from metrics.definitions import definitions
from tests.pages.test_every_page import opened
from ui.navigation import available

AT_LEAST = {
    "overview": 1, "rag": 1, "schedule": 6, "margin": 7, "risks": 5, "cash": 2, "sites": 4, "project": 5,
    "compare": 0, "freshness": 1, "definitions": 0,
}  # fmt: skip
"""So many figures each screen has on the demonstration."""
ADDRESSES: dict[str, dict[str, str]] = {
    "project": {"project_id": "CO-2301"},
    "rag": {"project_id": "MX-2401", "dimension": "schedule", "rule": "schedule_spi_t"},
}


AS_DELIVERED = {"project_hours"}
"""Figures of what the sources say, that no metric is made of."""


def figures(block: Any) -> Iterator[tuple[Any, Any]]:
    """Each figure below a block, and what stands after it."""
    children = list(getattr(block, "children", {}).values())
    for i, child in enumerate(children):
        if child.type == "plotly_chart":
            yield child, children[i + 1]
        yield from figures(child)


@pytest.mark.parametrize("name", [screen.name for screen in available()])
def test_every_figure_has_its_numbers_files_and_definition(demo_store: Path, name: str) -> None:
    at = opened(name, lang="pt", **ADDRESSES.get(name, {}))
    found = list(figures(at.main))
    assert len(found) >= AT_LEAST[name]
    known = {definition.id for definition in definitions()}
    for figure, after in found:
        toggle, download, *definition = after.children.values()
        assert (toggle.type, download.type) == ("toggle", "popover")
        if not any(figure.proto.id.endswith(key) for key in AS_DELIVERED):
            assert [link.type for link in definition] == ["page_link"], figure.proto.id
            assert parse_qs(definition[0].proto.query_string)["q"][0] in known, figure.proto.id
        config = json.loads(figure.proto.config)
        assert config["locale"] == "pt"
        assert config["toImageButtonOptions"]["caption"]["title"]
        assert figure.proto.alt
