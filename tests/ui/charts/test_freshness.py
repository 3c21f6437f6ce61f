"""What the arrivals say, on two given sources."""

from __future__ import annotations

from datetime import date

import pandas as pd

from locales import translator
from ui.charts.freshness import arrivals
from ui.formats import Formats
from ui.theme import CHART

T = translator("en")
MONTHS = [pd.Timestamp(date(2025, 7, 31)), pd.Timestamp(date(2025, 8, 31))]
FRAME = pd.DataFrame(
    {
        "source": ["<b>erp", "<b>erp", "pmo", "pmo"],
        "month": MONTHS * 2,
        "projects": [4, 2, 0, 0],
        "most": [4, 4, None, None],
    }
)


def test_a_month_is_as_high_as_its_share_of_the_best() -> None:
    fig = arrivals(FRAME, ["2 of 4 projects", ""], CHART, T, Formats(T))
    bars = [trace for trace in fig.data if trace.type == "bar" and trace.hovertext]
    assert [bar.y[1] / bars[0].y[0] for bar in bars] == [0.5, 0]
    assert bars[0].hovertext == ("Jul 2025: 4 projects", "Aug 2025: 2 projects")
    assert bars[1].customdata[1] == ["pmo", "2025-08-31"]


def test_names_of_sources_are_escaped_and_months_named() -> None:
    fig = arrivals(FRAME, ["", ""], CHART, T, Formats(T))
    labels = next(trace for trace in fig.data if trace.type == "scatter")
    assert labels.text[0] == "&lt;b&gt;erp"
    assert "Aug 2025" in fig.layout.xaxis.ticktext
