from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import plotly.graph_objects as go
import plotly.io as pio
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


def test_a_kept_figure_is_written_out_once(page: SimpleNamespace) -> None:
    fig = kept("written", lambda: go.Figure(go.Bar(y=[1, 2])))
    assert fig.to_dict() is fig.to_dict()
    assert json.loads(pio.to_json(fig.to_dict(), validate=False))["data"][0]["y"] == [1, 2]
    assert kept("written", go.Figure) is fig
