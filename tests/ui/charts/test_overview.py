"""What the trend of the Overview says, on a few given reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from locales import translator
from metrics.queries.overview import Moment
from ui.charts.overview import UPWARDS, trend
from ui.formats import Formats
from ui.theme import CHART

T = translator("en")
F = Formats(T)
JULY = Moment(
    day=date(2025, 7, 31), projects=10, green=6, amber=2, red=1, grey=1, margin_points=20.0, fx_points=0.0,
    margin_known=9, median_slip=3.0, median_slip_current=0.0, worst_slip=90, worst_id="A", worst_name="Core",
    slip_known=9, late=2, risk_exposure=1.0, ld_probable=None, contingency_left=None, unbilled=None,
    overdue=None,
)  # fmt: skip
AUGUST = replace(JULY, day=date(2025, 8, 31), green=4, red=3, margin_points=None, late=4)


def drawn(*reports: Moment):
    return trend(reports, CHART, T, F)


def texts(fig) -> list[str]:
    return [a.text for a in fig.layout.annotations]


def test_bars_are_the_counts_worst_at_the_bottom() -> None:
    bars = [trace for trace in drawn(JULY, AUGUST).data if trace.type == "bar"]
    assert [list(bar.y) for bar in bars] == [[1, 3], [2, 2], [6, 4], [1, 1]]
    assert [bar.customdata[0][1] for bar in bars] == list(UPWARDS)
    assert bars[0].customdata[1] == ["2025-08-31", "red"]


def test_the_last_report_is_labelled_with_shape_number_and_word() -> None:
    assert {"◆ 3 red", "▲ 2 amber", "● 4 green", "○ 1 unknown"} <= set(texts(drawn(JULY, AUGUST)))


def test_an_unknown_margin_is_a_gap_and_late_is_counted() -> None:
    lines = [trace for trace in drawn(JULY, AUGUST).data if trace.type == "scatter"]
    assert [list(line.y) for line in lines] == [[20.0, None], [2.0, 4.0]]
    assert [line.line.dash for line in lines] == ["dash", "solid"]
    assert lines[0].hovertext[1].endswith("n/a")
    assert "20.0\u00a0%" in texts(drawn(JULY, AUGUST))


def test_nothing_known_says_so() -> None:
    unknown = replace(JULY, margin_points=None, slip_known=0)
    assert texts(drawn(unknown)).count("n/a") == 2


@pytest.mark.parametrize("count", [1, 2, 12])
def test_few_months_are_named(count: int) -> None:
    fig = drawn(*(replace(JULY, day=date(2024 + n // 12, n % 12 + 1, 28)) for n in range(count)))
    assert 1 <= len(fig.layout.xaxis.ticktext) <= 5
    assert fig.layout.xaxis.tickvals[0] == count - 1


def test_an_empty_portfolio_draws() -> None:
    empty = replace(
        JULY, projects=0, green=0, amber=0, red=0, grey=0, margin_points=None, slip_known=0, late=0
    )
    assert drawn(empty).layout.yaxis.range[1] > 0
