from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import plotly.graph_objects as go
import pytest

from locales import translator
from metrics.queries.schedule import BANDS, UNKNOWN
from ui.charts import rows, schedule
from ui.formats import Formats
from ui.theme import CHART

AS_OF = date(2025, 8, 31)
T = translator("en")
F = Formats(T)


def day(text: str | None) -> pd.Timestamp:
    return pd.NaT if text is None else pd.Timestamp(text)


def ranking(*more: dict[str, object]) -> pd.DataFrame:
    row = {
        "project_id": "P1",
        "name": "Core <swap>",
        "original_baseline_finish": day("2025-09-30"),
        "baseline_finish": day("2026-01-31"),
        "contract_finish": day(None),
        "forecast_finish": day("2026-02-28"),
        "ranked_days": 151,
        "passed": 11,
        "applicable": 13,
        "days_since_status": 0,
        "is_stale": False,
    }
    return pd.DataFrame([row, *({**row, **other} for other in more)])


def by_symbol(fig: go.Figure, symbol: str) -> go.Scatter:
    return next(trace for trace in fig.data if trace.marker.symbol == symbol)


def test_ranking_draws_every_finish_where_it_is() -> None:
    other = {
        "project_id": "P2",
        "passed": None,
        "applicable": None,
        "days_since_status": 62,
        "is_stale": True,
    }
    fig = schedule.ranking(ranking(other), AS_OF, CHART, T, F)
    assert list(by_symbol(fig, "circle-open").x) == [date(2025, 9, 30)] * 2
    assert list(by_symbol(fig, "line-ns").x) == [date(2026, 1, 31)] * 2
    assert list(by_symbol(fig, "x-thin").x) == [None, None]
    assert list(by_symbol(fig, "circle").x) == [date(2026, 2, 28)] * 2
    assert [list(data) for data in by_symbol(fig, "circle").customdata] == [["P1"], ["P2"]]
    assert fig.data[0].text[0] == "Core &lt;swap&gt;"
    assert list(fig.data[1].text) == ["+151\u00a0d · DCMA 11/13", "+151\u00a0d · 2 months old"]


def test_ranking_stops_at_what_can_be_read() -> None:
    many = ranking(*({"project_id": f"P{i}"} for i in range(40)))
    assert len(schedule.ranking(many, AS_OF, CHART, T, F).data[0].text) == schedule.ROWS


def test_distribution_says_what_the_query_said() -> None:
    frame = pd.DataFrame(
        {"band": [*BANDS, UNKNOWN], "original": [1, 0, 2, 3, 4, 5, 6], "current": range(7), "contract": 0}
    )
    original, current = schedule.distribution(frame, CHART, T, F).data
    assert list(original.y) == [1, 0, 2, 3, 4, 5, 6]
    assert list(current.y) == list(range(7))
    assert original.text[1] == ""
    assert list(original.customdata[0]) == ["original", "early"]


def trend(*lines: tuple[str, list[tuple[str, str, bool]], int]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"project_id": name, "name": name, "status_date": day(on), "forecast_finish": day(finish),
             "is_reached": reached, "moved_days": moved, "rank": rank, "of": len(lines)}
            for rank, (name, points, moved) in enumerate(lines, start=1)
            for on, finish, reached in points
        ]
    )  # fmt: skip


def test_trend_names_the_lines_that_moved() -> None:
    frame = trend(
        ("A", [("2025-07-31", "2025-12-31", False), ("2025-08-31", "2026-03-31", False)], 90),
        ("B", [("2025-07-31", "2025-08-15", False), ("2025-08-31", "2025-08-15", True)], 0),
    )
    fig = schedule.trend(frame, AS_OF, CHART, T, F)
    diagonal, b, a = fig.data
    assert list(diagonal.x) == list(diagonal.y) == ["2025-07-31", "2025-08-31"]
    assert list(a.y) == ["2025-12-31", "2026-03-31"]
    assert (a.line.color, b.line.color) == (CHART.ink, CHART.pale)
    assert list(b.marker.symbol) == ["circle", "circle-open"]
    assert [note.text for note in fig.layout.annotations] == ["<b>1</b>", "<b>1</b>  A  +90\u00a0d"]


def due(*days: tuple[int, int | None]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"project_id": f"P{i}", "name": "A", "milestone": "M", "due_on": AS_OF + timedelta(days=ahead),
             "expected_date": AS_OF, "days_late": late, "is_overdue": ahead < 0, "ld_probable": 1.0,
             "ld_maximum": 4.0, "money_in": "USD"}
            for i, (ahead, late) in enumerate(days)
        ]
    )  # fmt: skip


def test_calendar_stacks_a_dot_per_date_and_sums_damages_by_week() -> None:
    fig = schedule.calendar(due((-90, 20), (-3, 0), (0, None), (6, 5), (7, 1)), AS_OF, CHART, T, F)
    dots, maximum, probable = fig.data
    assert list(dots.y) == [0, 1, 0, 1, 0]
    assert len(set(dots.x)) == 3
    assert list(dots.marker.symbol) == ["circle", "circle-open", "circle-dot", "circle", "circle"]
    assert list(maximum.y) == [8, 8, 4]
    assert list(probable.y) == [2, 2, 1]
    assert min(dots.x) < AS_OF


@pytest.mark.parametrize(
    ("moved", "span"), [([5, 2], (0.0, 5.25)), ([5, -10], (-10.5, 10.5)), ([-4], (-4.2, 0.0))]
)
def test_movers_point_the_way_they_went(moved: list[int], span: tuple[float, float]) -> None:
    frame = pd.DataFrame(
        [
            {"project_id": str(i), "name": "A", "moved_days": days, "baseline_moved_days": 0,
             "finish_was": AS_OF, "finish_now": AS_OF}
            for i, days in enumerate(moved)
        ]
    )  # fmt: skip
    fig = schedule.movers(frame, CHART, T, F)
    assert list(fig.data[-1].x) == moved
    assert fig.layout.xaxis.range == pytest.approx(span)


def test_a_new_baseline_is_said_beside_the_move() -> None:
    frame = pd.DataFrame(
        [{"project_id": "1", "name": "A", "moved_days": 5, "baseline_moved_days": 60, "finish_was": AS_OF,
          "finish_now": AS_OF}]
    )  # fmt: skip
    assert schedule.movers(frame, CHART, T, F).data[1].text[0] == "+5\u00a0d, new baseline"


def test_rebaselined_parts_add_up_to_the_original_slip() -> None:
    frame = pd.DataFrame(
        {
            "project_id": ["A", "B", "C"],
            "name": ["A", "B", "C"],
            "rebaseline_count": [2, 1, 1],
            "slip_days": [5, -3, 2],
            "slip_days_original": [205, 7, 2],
            "hidden_days": [200, 10, 0],
        }
    )
    hidden, visible = schedule.rebaselined(frame, CHART, T, F).data[-2:]
    assert list(hidden.x) == [200, 10]
    assert list(visible.x) == [5, -3]
    assert [a + b for a, b in zip(hidden.base, hidden.x, strict=True)] == [205, 7]
    assert list(hidden.y) == [rows.mark_y(0), rows.mark_y(1)]
