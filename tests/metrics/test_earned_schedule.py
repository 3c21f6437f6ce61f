"""Earned schedule: plateaus, padding, partial periods, completion, forecasts in time, adherence, S-curves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from tests.metrics.timeline import marts_of, rows, together
from tools.validation import rows as builders
from tools.validation.rows import Calendar, days, months, weeks


def plan(*given: Any, **more: Any) -> list[dict[str, Any]]:
    """Rows of earned_value: a plan by period, what was earned by then, as of a day or a period's end."""
    return [{"project_id": "P", **row} for row in builders.plan(*given, **more)]


def schedule_of(
    given: list[dict[str, Any]], *, start: date | None = date(2025, 1, 1), **more: Any
) -> dict[str, Any]:
    names = sorted({row["project_id"] for row in given})
    projects = [{"project_id": name, "name": name, "baseline_start": start} for name in names]
    con = marts_of({"projects": projects, "earned_value": given, **more}, last=9)
    return rows(con, "from mart_earned_value order by status_date desc limit 1")[0]


def all_of(cases: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the mart says of each case: tables by name, `start` the baseline's."""
    tables = [
        {
            "projects": [
                {"project_id": "P", "name": "P", "baseline_start": case.get("start", date(2025, 1, 1))}
            ],
            **{name: given for name, given in case.items() if name != "start"},
        }
        for case in cases
    ]
    con = marts_of(together(tables), last=9)
    return rows(con, "from mart_earned_value order by project_id::int")


# Vanhoucke, PM Knowledge Center, table 2 of forecasting time: planned by week, earned by week, PD 9.
PMKC = (5, 10, 25, 55, 85, 120, 130, 140, 150, 150, 150)
PMKC_EARNED = (3.33, 6.67, 10, 22.5, 70, 82.5, 90, 120, 130, 140, 150)

PMKC_EXPECTED = {  # week: ES, SPI(t), IEAC(t); the plan is padded flat after week 9, where ES stops
    1: (0.666, 0.666, 13.513514),
    4: (2.833333, 0.708333, 12.705882),
    5: (4.5, 0.9, 10),
    7: (5.142857, 0.734694, 12.25),
    8: (6, 0.75, 12),
    11: (9, 0.818182, 11),
}


def test_published_table() -> None:
    found = all_of(
        {
            "start": date(2024, 12, 30),
            "earned_value": plan(PMKC, {week: PMKC_EARNED[week - 1]}, calendar=weeks),
        }
        for week in PMKC_EXPECTED
    )
    for row, (week, (es, spi_t, ieac_t)) in zip(found, PMKC_EXPECTED.items(), strict=True):
        assert (row["planned_duration"], row["actual_time"]) == (9, week)
        expected = {
            "earned_schedule": es,
            "sv_t": es - week,
            "spi_t": spi_t,
            "ieac_t": ieac_t,
            "ieac_t_pf1": week + 9 - es,
        }
        assert {column: row[column] for column in expected} == pytest.approx(expected, abs=1e-6), week


ON_THE_PLAN = [  # plan by month, earned in the second, ES
    ((100, 200, 300), 0, 0),
    ((100, 200, 300), 50, 0.5),
    ((100, 200, 300), 200, 2),
    ((100, 200, 300), 300, 3),
    ((100, 200, 300), 350, 3),  # above the budget: complete
    ((100, 200, 200, 200, 300), 200, 2),  # on a plateau: its earliest time
    ((100, 200, 200, 200, 300), 200.01, 4.0001),  # past it: beyond its end
    ((0, 0, 100, 200), 0, 0),
    ((0, 0, 100, 200), 50, 2.5),  # a late start of the plan
    ((0, 0, 100, 200), 200, 4),
    ((100, 200, 300, 300, 300), 300, 3),  # padded
    ((100, 200, 300, 300, 300), 299, 2.99),
    ((100, 300, 200, 400), 250, 1.75),  # a plan that falls: the first time it reached the value
]


def test_where_the_earned_value_lies_on_the_plan() -> None:
    found = all_of({"earned_value": plan(planned, {2: earned})} for planned, earned, _ in ON_THE_PLAN)
    assert [row["earned_schedule"] for row in found] == pytest.approx(
        [es for *_, es in ON_THE_PLAN], abs=1e-9
    )


def budget(cost: float) -> dict[str, Any]:
    return {"project_id": "P", "baseline_no": 0, "approved_on": date(2024, 12, 1), "baseline_cost": cost}


AGAINST_THE_BUDGET = [  # plan, budget, earned → ES, PD, note
    ((100, 200, 300, 300), 400, 350, 3, 3, "above_plan"),  # above the plan's peak, below the budget
    ((100, 200, 300, 300), 400, 250, 2.5, 3, "plan_below_budget"),
    ((100, 200, 300, 300), 400, 400, 3, 3, "plan_below_budget"),  # complete
    ((100, 200, 300, 300), 200, 200, 2, 2, None),  # a plan above the budget: done where it reaches the budget
    ((100, 200, 300, 300), 200, 150, 1.5, 2, None),
]


def test_a_plan_that_does_not_end_at_the_budget() -> None:
    found = all_of(
        {"earned_value": plan(planned, {4: earned}), "baselines": [budget(cost)]}
        for planned, cost, earned, *_ in AGAINST_THE_BUDGET
    )
    columns = ("earned_schedule", "planned_duration", "es_note")
    assert [tuple(row[c] for c in columns) for row in found] == [case[3:] for case in AGAINST_THE_BUDGET]


ACTUAL_TIMES = [  # status date, calendar of three periods, baseline start, AT
    (date(2024, 12, 15), months, date(2025, 1, 1), 0),  # before the start
    (date(2024, 12, 31), months, date(2025, 1, 1), 0),  # the day before it is the start itself
    (date(2025, 1, 31), months, date(2025, 1, 1), 1),
    (date(2025, 2, 7), months, date(2025, 1, 1), 1.25),
    (date(2025, 1, 21), months, date(2025, 1, 12), 0.5),  # a first period of twenty days
    (date(2025, 1, 31), months, None, 1),
    (date(2025, 1, 15), months, None, 15 / 31),  # no baseline: a whole month
    (date(2025, 1, 15), months, date(2025, 9, 1), 15 / 31),  # a start after the first period: the same
    (date(2025, 3, 31), months, date(2025, 1, 1), 3),
    (date(2025, 4, 30), months, date(2025, 1, 1), 4),  # beyond the last period the months go on
    (date(2025, 5, 31), months, date(2025, 1, 1), 5),
    (date(2025, 6, 15), months, date(2025, 1, 1), 5.5),
    (date(2026, 2, 28), months, date(2025, 1, 1), 14),
    (date(2025, 1, 19), weeks, date(2024, 12, 30), 3),
    (date(2025, 2, 2), weeks, date(2024, 12, 30), 5),  # and so do the weeks
    (date(2025, 1, 23), weeks, date(2024, 12, 30), 3 + 4 / 7),
    (date(2025, 1, 2), days, date(2025, 1, 1), 2),
]


def test_actual_time() -> None:
    def earned_at(day: date, calendar: Calendar) -> list[dict[str, Any]]:
        current = next((n for n in (1, 2) if calendar(n) >= day), 3)
        return plan((100, 200, 300), {current: 10}, day=day, calendar=calendar)

    found = all_of(
        {"start": start, "earned_value": earned_at(day, calendar)} for day, calendar, start, _ in ACTUAL_TIMES
    )
    expected = [case[3] for case in ACTUAL_TIMES]
    assert [row["actual_time"] for row in found] == pytest.approx(expected, abs=1e-12)
    assert [row["spi_t"] is None for row in found] == [at == 0 for at in expected]


def test_quarters_go_on_in_quarters() -> None:
    def quarters(n: int) -> date:
        return months(3 * n)

    found = schedule_of(plan((100, 200, 300), {3: 250}, day=months(12), calendar=quarters))
    assert (found["actual_time"], found["earned_schedule"]) == (4, 2.5)


def test_one_period_without_a_start_is_known_at_its_end_only() -> None:
    def once(_: int) -> date:
        return date(2025, 1, 20)

    at_end = schedule_of(plan((100,), {1: 50}, calendar=once), start=None)
    assert (at_end["actual_time"], at_end["earned_schedule"]) == (1, 0.5)
    inside = schedule_of(plan((100,), {1: 50}, day=date(2025, 1, 10), calendar=once), start=None)
    assert (inside["actual_time"], inside["pv"], inside["spi_t"]) == (None, None, None)


FORECASTS = [  # earned against a plan of 100 a month for three, status date → finish by SPI(t), by PF = 1
    ({2: 200}, months(2), months(3), months(3)),  # on time: the plan's own end
    ({2: 100}, months(2), months(6), months(4)),  # half as fast: six months, or four
    ({2: 300}, months(2), months(2), months(2)),  # done: today
    ({2: 150}, months(2), months(4), date(2025, 4, 15)),  # 3.5 months: half of April
    ({2: 0}, months(2), None, months(5)),  # nothing earned: no pace to go on with
    ({1: 0.01}, months(1), None, months(4)),  # three thousand years from now is no date
]


def test_forecast_finish() -> None:
    found = all_of({"earned_value": plan((100, 200, 300), earned, day=day)} for earned, day, *_ in FORECASTS)
    finishes = [(row["es_forecast_finish"], row["es_forecast_finish_pf1"]) for row in found]
    assert finishes == [case[2:] for case in FORECASTS]


def test_the_third_performance_factor_is_spi_t_times_cpi() -> None:
    known, unknown = all_of(
        [
            {"earned_value": plan((100, 200, 300), {2: 100}, cost={2: 200})},
            {"earned_value": plan((100, 200, 300), {2: 100})},
        ]
    )
    assert (known["spi_t"], known["cpi"], known["sci_t"]) == (0.5, 0.5, 0.25)
    assert known["ieac_t_sci"] == 2 + (3 - 1) / 0.25
    assert known["es_forecast_finish_sci"] == months(10)
    assert (unknown["sci_t"], unknown["ieac_t_sci"], unknown["ieac_t"]) == (None, None, 6)


def test_forecast_in_weeks_counts_days() -> None:
    found = schedule_of(plan((100, 200, 300), {2: 150}, calendar=weeks), start=date(2024, 12, 30))
    assert found["ieac_t"] == 4
    assert found["es_forecast_finish"] == weeks(4)


def task(
    uid: str, first: date, last: date, cost: float | None, complete: float, **more: Any
) -> dict[str, Any]:
    row = {"project_id": "P", "status_date": date(2025, 4, 9), "task_uid": uid, "name": uid}
    dates = {"baseline_start": first, "baseline_finish": last}
    return {**row, **dates, "baseline_cost": cost, "percent_complete": complete, **more}


# The plan by task at ES (10 March): A all 40, B all 30, C a quarter of 40; earned 40, 20, 20.
TASKS = [
    task("A", date(2025, 1, 1), date(2025, 1, 31), 40, 1.0),
    task("B", date(2025, 2, 1), date(2025, 2, 28), 30, 20 / 30),
    task("C", date(2025, 3, 1), date(2025, 4, 9), 40, 0.5),
    task("sum", date(2025, 1, 1), date(2025, 4, 9), 110, 0.7, task_kind="summary"),
    task("no cost", date(2025, 1, 1), date(2025, 4, 9), None, 0.1),
]


ADHERENCE = [  # earned at 9 April, the schedule's rows → P
    (80, TASKS, (40 + 20 + 10) / 80),
    (110, [{**row, "percent_complete": 1} for row in TASKS], 1),
    (0, TASKS, None),
    (80, [{**row, "baseline_cost": None} for row in TASKS], None),
    (80, [{**row, "status_date": date(2025, 3, 1)} for row in TASKS], None),  # too old
    (80, [{**row, "status_date": date(2025, 5, 1)} for row in TASKS], None),  # of a later day
]


def test_schedule_adherence() -> None:
    ends = (date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 10), date(2025, 4, 9))
    tables = [
        {
            "projects": [{"project_id": "P", "name": "P", "baseline_start": date(2025, 1, 1)}],
            "earned_value": plan((40, 70, 80, 110), {4: earned}, calendar=lambda n: ends[n - 1]),
            "tasks": tasks,
        }
        for earned, tasks, _ in ADHERENCE
    ]
    con = marts_of(together(tables), last=9)
    found = con.execute(
        "select p_factor from mart_earned_value where status_date = '2025-04-09' order by project_id::int"
    ).fetchall()
    for (p_factor,), (*_, expected) in zip(found, ADHERENCE, strict=True):
        assert p_factor == (expected and pytest.approx(expected))


def curve(given: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    projects = [{"project_id": "P", "name": "P", "baseline_start": date(2025, 1, 1)}]
    con = marts_of({"projects": projects, "earned_value": given, **more}, last=9)
    return rows(con, "from mart_period_value order by status_date, period_no")


def test_the_curve_ends_where_the_status_date_is() -> None:
    found = curve(plan((100, 200, 300), {1: 80, 2: 150, 3: 999}, at=2, cost={1: 90, 2: 160, 3: 999}))
    assert [row["period_end"] for row in found] == [months(1), months(2), months(3)]
    assert [row["planned_value"] for row in found] == [100, 200, 300]
    assert [row["earned_value"] for row in found] == [80, 150, None]
    assert [row["actual_cost"] for row in found] == [90, 160, None]
    assert [row["earned_schedule"] for row in found] == [0.8, 1.5, None]
    assert [row["spi_t"] for row in found] == [0.8, 0.75, None]
    assert [row["percent_complete"] for row in found] == [80 / 300, 0.5, None]


AFTER_THE_END = [  # earned by month against a plan of 100 a month for three → AT, SPI(t) at the last
    ({1: 100, 2: 200, 3: 250, 4: 300}, (4, 0.75)),
    ({1: 100, 2: 200, 3: 250, 4: 300, 5: 300, 6: 300}, (4, 0.75)),
    ({1: 100, 2: 300, 3: 250, 4: 290, 5: 300, 6: 300}, (5, 0.6)),
    ({6: 300}, (6, 0.5)),
    ({1: 100, 2: 200, 3: 250, 4: 280, 5: 280, 6: 280}, (6, 2.8 / 6)),
]


@pytest.mark.parametrize(("earned", "expected"), AFTER_THE_END)
def test_time_stops_when_all_is_earned(earned: dict[int, float], expected: tuple[float, float]) -> None:
    last = max(earned)
    case = {
        "start": date(2025, 1, 1),
        "earned_value": plan((100, 200, 300, 300, 300, 300), earned, at=last),
    }
    (found,) = all_of([case])
    assert (found["actual_time"], found["spi_t"]) == pytest.approx(expected)
    of_period = curve(plan((100, 200, 300, 300, 300, 300), earned, at=last))[last - 1]
    assert of_period["spi_t"] == pytest.approx(expected[1])


@pytest.mark.parametrize(
    ("foreign", "expected"),
    [((), (2.7, 0.9)), ((2,), (None, None)), ((3,), (None, None)), ((4,), (None, None))],
)
def test_a_plan_without_a_rate_is_unknown(
    foreign: tuple[int, ...], expected: tuple[float | None, float | None]
) -> None:
    """Rows in reais without a rate: no period is passed over as if nothing had been planned in it."""
    given = plan((100, 200, 300, 400), {3: 270}, at=3)
    for row in given:
        row["currency"] = "BRL" if row["period_end"] in {months(n) for n in foreign} else "USD"
    projects = [{"project_id": "P", "name": "P", "baseline_start": date(2025, 1, 1), "currency": "USD"}]
    con = marts_of({"projects": projects, "earned_value": given}, last=9)
    (found,) = rows(con, f"from mart_earned_value where status_date = date '{months(3)}'")
    assert (found["earned_schedule"], found["spi_t"]) == tuple(v and pytest.approx(v) for v in expected)


def test_the_original_plan_stands_beside_a_re_baselined_one() -> None:
    baselines = [
        {"project_id": "P", "baseline_no": n, "approved_on": day, "baseline_start": date(2025, 1, 1)}
        for n, day in ((0, date(2024, 12, 1)), (1, date(2025, 2, 15)))
    ]
    given = plan((100, 200, 300), {1: 50}) + plan((50, 100, 200, 300), {2: 90})
    found = curve(given, baselines=baselines)
    before, after = found[:3], found[3:]
    assert [row["planned_value_original"] for row in before] == [100, 200, 300]
    assert [row["planned_value"] for row in after] == [50, 100, 200, 300]
    assert [row["planned_value_original"] for row in after] == [100, 200, 300, None]


def test_a_derived_curve_is_labelled() -> None:
    milestones = [
        {
            "project_id": "P",
            "milestone_id": str(month),
            "status_date": months(2),
            "name": str(month),
            "weight": 1,
            "baseline_date": date(2025, month, 10),
            "actual_date": date(2025, 2, 1) if month == 1 else None,
        }
        for month in (1, 2, 4)
    ]
    found = curve([], milestones=milestones)
    assert {row["ev_method"] for row in found} == {"milestones"}
    assert [row["percent_planned"] for row in found] == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1], abs=1e-6)
    assert [row["percent_complete"] for row in found][:2] == pytest.approx([0, 1 / 3], abs=1e-6)
    assert {row["planned_value"] for row in found} == {None}


def test_a_curve_that_is_gone_gives_way_to_the_one_before_it() -> None:
    """Sites of January, earned value in February, taken back in March: no day shows a later day's curve."""
    site = {"project_id": "P", "site_id": "S", "status_date": months(1), "planned_on_air": months(2)}
    tables = {
        "projects": [{"project_id": "P", "name": "P", "baseline_start": date(2025, 1, 1)}],
        "sites": [{**site, "actual_on_air": None}],
        "earned_value": plan((100, 200), {2: 150}),
    }
    con = marts_of(tables, slices=[("earned_value", "P", months(3))], last=9)
    found = con.execute("select distinct status_date, ev_method from mart_period_value order by 1")
    assert found.fetchall() == [(months(1), "sites"), (months(2), "measured"), (months(3), "sites")]
