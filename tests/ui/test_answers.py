from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from locales import translator
from metrics.scope import Scope
from ui.answers import Answer


@dataclass
class Asked:
    """A query, and how often it was asked."""

    answer: pd.DataFrame
    times: int = 0

    def __call__(self, query: Callable[..., Any], scope: Scope, *args: Any) -> pd.DataFrame:
        self.times += 1
        return self.answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Asked:
    page = SimpleNamespace(
        store=SimpleNamespace(version=request.node.name),
        scope=Scope("", date(2025, 8, 31)),
        t=translator("en"),
    )
    for module in ("ui.answers", "ui.clicks", "ui.charts.kept"):
        monkeypatch.setattr(f"{module}.current", lambda: page)
    monkeypatch.setattr("ui.clicks.links.href", lambda screen: "/rag")
    asked = Asked(pd.DataFrame({"days": [3, 4]}))
    monkeypatch.setattr("ui.answers.ask", asked)
    return asked


def slips() -> None:
    """Stands for a query."""


def test_what_is_remembered_is_not_asked_for_again(asked: Asked) -> None:
    for _ in range(2):
        answer = Answer(slips, "original")
        assert answer.told("worst", lambda found: int(found["days"].max())) == 4
        assert list(answer.drawn("bars", lambda found: go.Figure(go.Bar(y=found["days"]))).data[0].y) == [
            3,
            4,
        ]
    assert asked.times == 1


def test_each_query_argument_name_and_choice_has_words_of_its_own(asked: Asked) -> None:
    def told(name: str, *args: str, choice: str = "") -> str | None:
        return Answer(slips, *args).told(name, lambda found: f"{name} {args} {choice}", choice)

    assert told("worst", "original") == "worst ('original',) "
    assert told("worst", "current") == "worst ('current',) "
    assert told("best", "current") == "best ('current',) "
    assert told("best", "current", choice="days") == "best ('current',) days"


def test_of_no_rows_nothing_is_told(asked: Asked) -> None:
    asked.answer = asked.answer.head(0)
    assert Answer(slips).told("worst", len) is None
