from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import plotly.graph_objects as go
import pytest

from locales import translator
from metrics.scope import Scope
from ui.charts.kept import kept


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    page = SimpleNamespace(
        store=SimpleNamespace(version="kept 1"), scope=Scope("", date(2025, 8, 31)), t=translator("en")
    )
    monkeypatch.setattr("ui.charts.kept.current", lambda: page)
    return page


def test_a_figure_is_drawn_again_only_when_what_it_shows_may_differ(page: SimpleNamespace) -> None:
    drawn = []

    def draw() -> go.Figure:
        drawn.append(1)
        return go.Figure()

    def count(*choice: str) -> int:
        kept("figure", draw, *choice)
        return len(drawn)

    assert (count(), count()) == (1, 1)
    assert (count("points"), count("points"), count("money")) == (2, 2, 3)
    page.scope = replace(page.scope, currency="MXN")
    assert (count(), count()) == (4, 4)
    page.t = translator("es")
    assert count() == 5
    page.store = SimpleNamespace(version="kept 2")
    assert count() == 6
