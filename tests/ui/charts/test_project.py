# ruff: noqa: E501
from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import plotly.graph_objects as go
import pytest

from locales import translator
from metrics.queries.project import Outlook
from ui.charts import project
from ui.formats import Formats
from ui.theme import CHART

AS_OF = date(2025, 8, 31)
T = translator("en")
F = Formats(T)
ENDS = [date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31), date(2025, 9, 30)]
OUTLOOK = Outlook(
    bac=100, eac=160, eac_variant="cpi", finish=date(2025, 12, 31),
    costs={"eac_budget_rate": 130, "eac_cpi": 160, "eac_composite": 200},
    finishes={"es_forecast_finish_pf1": date(2025, 11, 30), "es_forecast_finish": date(2025, 12, 31)},
    cpi=0.625, spi=0.8, spi_t=0.7, tcpi_bac=2.5, p_factor=None, ev_method="measured", ev_status_date=AS_OF,
)  # fmt: skip


def curve(**own: object) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "period_end": pd.to_datetime(ENDS),
            "planned_value": [20.0, 50.0, 80.0, 100.0],
            "planned_value_original": [30.0, 70.0, 100.0, None],
            "earned_value": [20.0, 40.0, 50.0, None],
            "actual_cost": [20.0, 50.0, 80.0, None],
            "percent_planned": [0.2, 0.5, 0.8, 1.0],
            "percent_complete": [0.2, 0.4, 0.5, None],
            "money_in": ["USD"] * 4,
            **own,
        }
    )


def named(fig: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in fig.data if trace.name == name)


def names(fig: go.Figure) -> set[str]:
    return {trace.name for trace in fig.data}


def test_the_curve_draws_what_the_query_says() -> None:
    fig = project.s_curve(curve(), OUTLOOK, AS_OF, CHART, T, F)
    assert list(named(fig, "planned").y) == [20, 50, 80, 100]
    assert list(named(fig, "earned").y) == [20, 40, 50]
    assert list(named(fig, "spent").x) == ENDS[:3]
    assert named(fig, "planned originally").line.dash == "dot"
    assert named(fig, "eac").line.dash == "dash"


def test_the_cone_spans_every_forecast() -> None:
    fig = project.s_curve(curve(), OUTLOOK, AS_OF, CHART, T, F)
    cone = named(fig, "cone")
    assert (cone.x[0], cone.y[0]) == (AS_OF, 80)
    assert (max(cone.x), min(cone.y[1:3]), max(cone.y)) == (date(2025, 12, 31), 130, 200)
    assert (named(fig, "eac").x[-1], named(fig, "eac").y[-1]) == (OUTLOOK.finish, 160)


@pytest.mark.parametrize(
    "outlook",
    [None, replace(OUTLOOK, finishes={}), replace(OUTLOOK, costs={}), replace(OUTLOOK, finish=None)],
)
def test_without_a_forecast_there_is_no_cone(outlook: Outlook | None) -> None:
    assert names(project.s_curve(curve(), outlook, AS_OF, CHART, T, F)) & {"cone", "eac"} == set()


def test_a_baseline_that_was_never_changed_is_drawn_once() -> None:
    fig = project.s_curve(curve(planned_value_original=[20.0, 50.0, 80.0, 100.0]), None, AS_OF, CHART, T, F)
    assert "planned originally" not in names(fig)


def test_without_money_the_curve_is_in_shares() -> None:
    unknown = [None] * 4
    fig = project.s_curve(
        curve(planned_value=unknown, earned_value=unknown, actual_cost=unknown, planned_value_original=unknown),
        OUTLOOK, AS_OF, CHART, T, F,
    )  # fmt: skip
    assert list(named(fig, "earned").y) == [0.2, 0.4, 0.5]
    assert fig.layout.yaxis.ticktext[-1].endswith("%")


def tasks(*more: dict[str, object]) -> pd.DataFrame:
    row: dict[str, object] = {
        "task_uid": "1", "name": "Install <b>", "outline_level": 1, "is_summary": False, "is_milestone": False,
        "is_critical": True, "is_done": False, "percent_complete": 0.5, "total_slack_days": 0.0,
        "start_on": pd.Timestamp("2025-08-01"), "finish_on": pd.Timestamp("2025-08-20"),
        "baseline_start": pd.Timestamp("2025-08-01"), "baseline_finish": pd.Timestamp("2025-08-15"),
        "original_start": pd.Timestamp("2025-07-01"), "original_finish": pd.Timestamp("2025-07-15"),
        "slip_days": 5, "under": 0,
    }  # fmt: skip
    return pd.DataFrame([row, *({**row, **other} for other in more)])


TEST = {"task_uid": "2", "name": "Test", "is_critical": False, "percent_complete": None, "outline_level": 2,
        "original_start": pd.Timestamp("2025-08-01"), "original_finish": pd.Timestamp("2025-08-15"), "slip_days": 0}  # fmt: skip
GATE = {"task_uid": "3", "name": "Gate", "is_milestone": True, "is_done": True}
LINKS = pd.DataFrame(
    {
        "predecessor_uid": ["1", "1", "9"],
        "successor_uid": ["2", "3", "1"],
        "type": ["FS"] * 3,
        "lag_days": [0] * 3,
    }
)


def test_gantt_bars_split_what_is_done_from_what_is_to_do() -> None:
    fig = project.gantt(tasks(TEST, GATE), LINKS, AS_OF, CHART, T, F)
    done, to_do = named(fig, "critical_done"), named(fig, "critical_to_do")
    day = 86_400_000
    assert (done.base[0], done.x[0], to_do.base[0], to_do.x[0]) == (
        date(2025, 8, 1),
        10 * day,
        date(2025, 8, 11),
        10 * day,
    )
    assert to_do.marker.color == "rgba(0,0,0,0)"
    assert (len(named(fig, "other_done").x), len(named(fig, "other_to_do").x)) == (0, 1)
    assert list(named(fig, "critical_milestones").marker.symbol) == ["diamond"]
    assert list(done.customdata) == [["1"]]


def test_gantt_draws_the_original_baseline_only_where_it_differs() -> None:
    fig = project.gantt(tasks(TEST), LINKS, AS_OF, CHART, T, F)
    assert len([x for x in named(fig, "baseline").x if x]) == 4
    assert [x for x in named(fig, "original_baseline").x if x] == [date(2025, 7, 1), date(2025, 7, 15)]


def test_gantt_links_only_what_is_in_sight() -> None:
    fig = project.gantt(tasks(TEST, GATE), LINKS, AS_OF, CHART, T, F)
    assert len([x for x in named(fig, "links").x if x is None]) == 1
    assert len([x for x in named(fig, "critical_links").x if x is None]) == 1


def test_gantt_names_are_escaped_and_indented() -> None:
    fig = project.gantt(tasks(TEST), LINKS, AS_OF, CHART, T, F)
    labels = fig.data[0].text
    assert labels[0] == "Install &lt;b&gt;"
    assert labels[1].strip() == "Test"
    assert len(labels[1]) > len("Test")
    assert list(fig.data[1].text) == ["+5\u00a0d", ""]


def test_gantt_of_tasks_without_dates_is_still_a_figure() -> None:
    nothing = dict.fromkeys(
        (
            "start_on",
            "finish_on",
            "baseline_start",
            "baseline_finish",
            "original_start",
            "original_finish",
            "slip_days",
        ),
        pd.NaT,
    )
    fig = project.gantt(tasks({**nothing, "task_uid": "2"}).tail(1), LINKS, AS_OF, CHART, T, F)
    assert all(len(trace.x) == 0 for trace in fig.data if isinstance(trace, go.Bar))


def test_hours_show_a_forecast_only_where_nothing_is_actual() -> None:
    frame = pd.DataFrame(
        {
            "period_end": pd.to_datetime(ENDS[2:]),
            "hours_planned": [100.0, 50.0],
            "hours_actual": [80.0, None],
            "hours_forecast": [90.0, 60.0],
        }
    )
    fig = project.hours(frame, AS_OF, CHART, T, F)
    assert list(named(fig, "hours_actual").y) == [80, None]
    assert list(named(fig, "hours_forecast").y) == [None, 60]
    assert list(named(fig, "hours_planned").y) == [100, 50]


@pytest.mark.parametrize(("as_of", "is_in_sight"), [(AS_OF, True), (date(2030, 1, 1), False)])
def test_gantt_of_long_ago_is_not_squeezed_by_today(as_of: date, is_in_sight: bool) -> None:
    fig = project.gantt(tasks(), LINKS, as_of, CHART, T, F)
    assert (fig.layout.xaxis.range[1] > as_of) == is_in_sight
    assert bool(fig.layout.shapes) == is_in_sight
