from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from locales import translator
from metrics.queries.margin import BEST, WORST, Quarter
from ui.charts import margin, rows
from ui.charts.ticks import nice_ticks
from ui.formats import Formats
from ui.theme import CHART

T = translator("en")
F = Formats(T)

WALK = pd.DataFrame(
    [
        ("as_sold", None, 20.0, 40.0, 40.0, 200.0, 20.0),
        ("labour", "ours", -2.0, -4.0, 36.0, 200.0, 18.0),
        ("travel", "ours", 0.0, 0.0, 36.0, 200.0, 18.0),
        ("approved_changes", "customer", 1.0, 2.0, 38.0, 200.0, 19.0),
        ("constant", None, 19.0, 38.0, 38.0, 200.0, 19.0),
        ("exchange_rate", "exchange_rate", -3.0, -6.0, 32.0, 200.0, 16.0),
        ("forecast", None, 16.0, 32.0, 32.0, 200.0, 16.0),
    ],
    columns=["step", "owner", "pp", "amount", "margin_after", "revenue_after", "points_after"],
).assign(currency="USD", projects=2, running=3)


@pytest.mark.parametrize(
    ("unit", "sizes", "said"),
    [
        ("points", {"ours": [-2.0], "customer": [1.0], "exchange_rate": [-3.0]}, "−2.0\u00a0pp"),
        ("money", {"ours": [-4.0], "customer": [2.0], "exchange_rate": [-6.0]}, "−USD\u00a04"),
    ],
)
def test_waterfall_stands_where_the_step_before_ended(unit, sizes: dict[str, list[float]], said: str) -> None:
    fig = margin.waterfall(WALK, unit, CHART, T, F)
    names, notes, *bars = fig.data
    assert list(names.text) == [
        "<b>As sold</b>", "ours · labour", "customer's · approved changes",
        "<b>Forecast, constant currency</b>", "exchange rate", "<b>Forecast, current rates</b>",
    ]  # fmt: skip
    assert notes.text[1] == said
    for trace, owner in zip(bars, margin.OWNERS, strict=False):
        assert list(trace.x) == sizes[owner]
    last = bars[2]
    assert last.base[0] + last.x[0] == (16.0 if unit == "points" else 32.0)


def test_what_moves_nothing_is_not_drawn() -> None:
    assert "travel" not in set(margin.drawn(WALK)["step"])


def eroded(changes: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame({"project_id": [str(i) for i in range(len(changes))], "erosion_pp": changes})
    return frame.assign(
        name="A", ours=frame["erosion_pp"] - 1, customer=0.5, exchange_rate=0.5, as_sold=20.0,
        forecast=20 + frame["erosion_pp"], change=-1.0, money_in="USD",
        worst=range(1, len(changes) + 1), best=range(len(changes), 0, -1),
    )  # fmt: skip


def test_erosion_bars_follow_each_other_to_the_change() -> None:
    ours, customer, rate, ends = margin.erosion(eroded([-4.0, 2.0]), CHART, T, F).data[-4:]
    assert list(ours.base) == [0, 0]
    assert list(customer.base) == list(ours.x) == [-5, 1]
    assert [a + b for a, b in zip(rate.base, rate.x, strict=True)] == list(ends.x) == [-4, 2]


def test_erosion_shows_the_worst_and_the_best() -> None:
    shown = margin.ranked(eroded([float(i) for i in range(-30, 31)]))
    assert list(shown["erosion_pp"])[:2] == [-30, -29]
    assert len(shown) == WORST + BEST
    assert margin.ranked(eroded([0.0])).empty


def test_trend_has_gaps_where_nothing_is_known() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2025-06-30", "2025-07-31", "2025-08-31"]),
            "as_sold": [20.0, 20.0, 20.0],
            "constant": [None, 18.0, 17.0],
            "forecast": [None, 17.0, 15.5],
        }
    )
    fig = margin.trend(frame, CHART, T, F)
    assert [list(trace.y) for trace in fig.data] == [[20, 20, 20], [None, 17, 15.5], [None, 18, 17]]
    assert {note.text for note in fig.layout.annotations} == {
        "as sold 20.0\u00a0%", "current rates 15.5\u00a0%", "constant currency 17.0\u00a0%",
    }  # fmt: skip


def test_quarter_keeps_actual_forecast_and_budget_apart() -> None:
    months = pd.DataFrame(
        {
            "month": pd.to_datetime(["2025-08-31", "2025-09-30", "2025-10-31"]),
            "actual": [10.0, None, None],
            "forecast": [None, 12.0, 13.0],
            "budget": [11.0, 11.0, None],
            "previous": [None, 12.5, 13.0],
            "outlook": [10.0, 12.0, 13.0],
            "in_quarter": [True, True, False],
            "has_passed": [True, False, False],
        }
    )
    said = Quarter(
        date(2025, 7, 1), date(2025, 9, 30), "revenue", 10, 12, 22, 22, 0, 1, 0, 1, 1, 1, "USD", months
    )
    actual, forecast, budget, previous = margin.quarter(said, CHART, T, F).data
    assert list(actual.y) == [10, None, None]
    assert list(forecast.y) == [None, 12, 13]
    assert list(budget.y) == [11, 11, None]
    assert list(previous.y) == [None, 12.5, 13]
    assert list(actual.x) == ["Aug 2025", "Sep 2025", "Oct 2025"]


def test_profitability_marks_sold_and_forecast() -> None:
    frame = pd.DataFrame(
        {"group_id": ["a", None], "as_sold": [20.0, None], "forecast": [18.0, None],
         "erosion_pp": [-2.0, None], "revenue": [1e6, None], "currency": "USD"}
    )  # fmt: skip
    fig = margin.profitability(frame, ["A", "(not stated)"], CHART, T, F)
    sold, forecast = fig.data[-2:]
    assert list(sold.x) == [20, None]
    assert list(forecast.x) == [18, None]
    assert list(fig.data[1].text) == ["18.0\u00a0% (−2.0\u00a0pp) · USD\u00a01\u00a0M", "n/a"]
    assert [list(ids) for ids in forecast.customdata] == [["a"], [None]]


def test_hedging_is_what_is_outlined() -> None:
    frame = pd.DataFrame(
        {"currency": ["USD", "MXN"], "projects": [3, 1], "points": [-0.5, 0.2], "points_before": [-0.8, 0.2],
         "unhedged": [-1e6, 2e5], "money_in": "USD"}
    )  # fmt: skip
    hedged, after = margin.currencies(frame, CHART, T, F).data[-2:]
    assert list(after.x) == [-0.5, 0.2]
    assert [a + b for a, b in zip(hedged.base, hedged.x, strict=True)] == pytest.approx([-0.8, 0.2])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (17.8, 22.4, [18, 19, 20, 21, 22]),
        (-0.29, 0.21, [-0.2, -0.1, 0, 0.1, 0.2]),
        (0, 0, [0]),
        (-3e6, 4e6, [-2e6, 0, 2e6, 4e6]),
    ],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("steps", "points", "said"),
    [
        (
            ["as_sold", "labour", "penalty", "constant", "exchange_rate", "forecast"],
            [21.496, -0.316, 0.289, 21.469, -0.263, 21.206],
            [21.50, -0.32, 0.29, 21.47, -0.26, 21.21],
        ),
        (["as_sold", "labour", "other", "forecast"], [20, -0.003, -0.005, 19.992], [20, 0, -0.01, 19.99]),
        (["as_sold", "forecast"], [20, 20], [20, 20]),
    ],
    ids=["between three ends", "what rounds away", "nothing between"],
)
def test_steps_add_up_to_the_ends_as_they_are_said(
    steps: list[str], points: list[float], said: list[float]
) -> None:
    told = margin.said_points(pd.DataFrame({"step": steps, "pp": points}), 2)
    assert told == pytest.approx(said)
    ends = [value for step, value in zip(steps, told, strict=True) if step in margin.ENDS]
    assert sum(told) - sum(ends) == pytest.approx(ends[-1] - ends[0])


def test_the_line_at_zero_leaves_the_words_free() -> None:
    fig = rows.zero_line(rows.figure(CHART, ["A", "B"], ["a", "b"], x_range=(-1, 1)), 2, CHART.ink)
    words = fig.data[0].y
    assert [shape.y1 < y - 0.1 for shape, y in zip(fig.layout.shapes, words, strict=True)] == [True, True]
    assert [shape.y0 < rows.mark_y(i) < shape.y1 for i, shape in enumerate(fig.layout.shapes)] == [True] * 2
