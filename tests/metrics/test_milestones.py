"""mart_milestone_slip: slips, movements, excusable delay and liquidated damages of each milestone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from tests.metrics.timeline import marts_of, rows, together

STATUS = date(2025, 6, 30)


def project(**more: Any) -> dict[str, Any]:
    return {"project_id": "P", "name": "P", "currency": "USD", "contract_value": 1000000, **more}


def milestone(name: str = "M", *, status: date = STATUS, **more: Any) -> dict[str, Any]:
    return {"project_id": "P", "milestone_id": name, "name": name, "status_date": status, **more}


def delay(name: str = "D", *, status: date = STATUS, **more: Any) -> dict[str, Any]:
    row = {"project_id": "P", "delay_id": name, "status_date": status, "milestone_id": "M"}
    return {**row, "cause": "customer", **more}


def built(*milestones: dict[str, Any], **more: Any) -> duckdb.DuckDBPyConnection:
    return marts_of({"projects": [project()], "milestones": list(milestones), **more}, last=14)


def all_of(
    cases: Iterable[dict[str, Any]], columns: tuple[str, ...], table: str = "mart_milestone_slip"
) -> list[tuple[Any, ...]]:
    """Columns of each case's milestone M (or of its project) at STATUS."""
    con = marts_of(together({"projects": [project()], **tables} for tables in cases), last=14)
    where = "milestone_id = 'M' and" if table == "mart_milestone_slip" else ""
    sql = (
        f"select {', '.join(columns)} from {table} where {where} status_date = $day order by project_id::int"
    )
    return con.execute(sql, {"day": STATUS}).fetchall()


def slip(con: duckdb.DuckDBPyConnection, name: str = "M", day: date = STATUS) -> dict[str, Any]:
    query = """
        from mart_milestone_slip
        where milestone_id = $name and status_date <= $day
          and (next_status_date is null or next_status_date > $day)
    """
    return rows(con, query, {"name": name, "day": day})[0]


def status(con: duckdb.DuckDBPyConnection, day: date = STATUS) -> dict[str, Any]:
    return rows(con, "from work.schedule_status where status_date = $day", {"day": day})[0]


SLIPS = [  # dates → expected date, slip against baseline, original, contract
    ({"baseline_date": "2025-07-01", "forecast_date": "2025-07-11"}, "2025-07-11", (10, None, None)),
    (
        {
            "baseline_date": "2025-07-01",
            "original_date": "2025-05-01",
            "contract_date": "2025-08-01",
            "forecast_date": "2025-07-11",
        },
        "2025-07-11",
        (10, 71, -21),
    ),
    (
        {"baseline_date": "2025-06-01", "forecast_date": "2025-07-11", "actual_date": "2025-05-30"},
        "2025-05-30",
        (-2, None, None),
    ),
    ({"baseline_date": "2025-07-01"}, None, (None, None, None)),
    ({"forecast_date": "2025-07-11"}, "2025-07-11", (None, None, None)),
]


def test_slips() -> None:
    columns = ("expected_date", "slip_days", "slip_days_original", "slip_days_contract")
    found = all_of(({"milestones": [milestone(**dates)]} for dates, *_ in SLIPS), columns)
    assert found == [(day and date.fromisoformat(day), *slips) for _, day, slips in SLIPS]


def test_movements_are_counted_between_the_milestones_own_reports() -> None:
    january, february, march = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)
    con = built(
        milestone(status=january, baseline_date="2025-06-01", forecast_date="2025-06-01"),
        milestone(status=february, baseline_date="2025-06-01", forecast_date="2025-06-21"),
        # re-baselined: no slip any more, but it was known to slip in February
        milestone(status=march, baseline_date="2025-07-01", forecast_date="2025-07-01"),
        delays=[delay(status=date(2025, 2, 10))],  # a report of another kind moves nothing
    )
    found = rows(con, "from mart_milestone_slip order by status_date")
    assert [(r["status_date"], r["slip_days"], r["moved_days"], r["first_slipped_on"]) for r in found] == [
        (january, 0, None, None),
        (date(2025, 2, 10), 0, None, None),
        (february, 20, 20, february),
        (march, 0, 10, february),
    ]
    assert [r["next_status_date"] for r in found] == [date(2025, 2, 10), february, march, None]


def test_working_days_are_the_countrys_own() -> None:
    dates = {"baseline_date": "2026-03-13", "original_date": "2026-03-06"}
    con = marts_of(
        {
            "projects": [project(country="MX")],
            "milestones": [
                milestone(status=date(2025, 5, 31), forecast_date="2026-03-20", **dates),
                milestone(forecast_date="2026-03-18", **dates),  # over Benito Juárez's Monday
            ],
        },
        last=14,
    )
    found = slip(con)
    columns = ("slip_working_days", "slip_working_days_original", "moved_working_days")
    assert [found[column] for column in columns] == [2, 7, -2]


def test_of_two_sources_the_newest_row_of_a_milestone_holds() -> None:
    con = built(
        milestone(status=date(2025, 5, 31), forecast_date="2025-07-01", source="schedule"),
        milestone("other", status=date(2025, 5, 31), forecast_date="2025-08-01", source="schedule"),
        milestone(forecast_date="2025-09-01", source="workbook"),
    )
    assert slip(con)["expected_date"] == date(2025, 9, 1)
    assert slip(con, "other")["expected_date"] == date(2025, 8, 1)


def test_a_milestone_that_the_next_report_lacks_is_gone() -> None:
    con = built(
        milestone(status=date(2025, 5, 31), forecast_date="2025-07-01"),
        milestone("new", forecast_date="2025-08-01"),
    )
    found = con.execute("select milestone_id from mart_milestone_slip where status_date = ?", [STATUS])
    assert found.fetchall() == [("new",)]


TERMS = {"contract_date": "2025-07-01", "ld_pct_per_week": 0.005, "ld_cap_pct": 0.02, "ld_base": 200000}


WEEKS = [  # forecast → weeks of damages
    ("2025-06-30", 0),
    ("2025-07-01", 0),  # on the day
    ("2025-07-02", 1),  # a week started
    ("2025-07-08", 1),
    ("2025-07-09", 2),
    ("2025-07-29", 4),
    ("2025-07-30", 4),  # the cap: 2 % is four weeks
    ("2026-07-30", 4),
]


def test_damages_by_the_week_started_up_to_the_cap() -> None:
    found = all_of(
        ({"milestones": [milestone(forecast_date=forecast, **TERMS)]} for forecast, _ in WEEKS),
        ("ld_probable", "ld_maximum"),
    )
    assert found == [(1000 * weeks, 4000) for _, weeks in WEEKS]


DAMAGES = [  # what differs from the terms → probable, maximum
    ({"ld_base": None}, 5000, 20000),  # on the contract value
    ({"ld_cap_pct": None}, 1000, None),  # no cap: no maximum
    ({"ld_pct_per_week": None}, None, 4000),
    ({"ld_pct_per_week": None, "ld_cap_pct": None}, None, None),
    ({"contract_date": None}, None, 4000),
    ({"forecast_date": None}, None, 4000),  # not due yet, and nobody says when it will be
    ({"forecast_date": None, "contract_date": "2025-06-20"}, 2000, 4000),  # ten days late, and counting
    (
        {"forecast_date": "2025-06-22", "contract_date": "2025-06-20"},
        2000,
        4000,
    ),  # a forecast in the past
    ({"actual_date": "2025-06-22", "contract_date": "2025-06-20"}, 1000, 4000),  # reached two days late
    ({"actual_date": "2025-06-22"}, 0, 4000),  # reached in time
    ({"actual_date": "2025-07-05"}, 1000, 4000),  # an actual date to come is a forecast
]


def test_damages_terms() -> None:
    found = all_of(
        (
            {"milestones": [milestone(**{"forecast_date": "2025-07-05", **TERMS, **terms})]}
            for terms, *_ in DAMAGES
        ),
        ("ld_probable", "ld_maximum"),
    )
    assert found == [case[1:] for case in DAMAGES]


GRANTED = [  # delays → claimed, granted, days late, probable damages
    ([], None, None, 20, 3000),  # delays were never reported: unknown
    ([delay("D", milestone_id="other", days_granted=5)], 0, 0, 20, 3000),
    ([delay(days_claimed=30, days_granted=None)], 30, 0, 20, 3000),
    ([delay(days_claimed=30, days_granted=14)], 30, 14, 6, 1000),
    ([delay("D1", days_granted=14), delay("D2", cause="force_majeure", days_granted=6)], 0, 20, 0, 0),
    ([delay(milestone_id=None, days_claimed=3, days_granted=14)], 3, 14, 6, 1000),
    ([delay(days_granted=30)], 0, 30, -10, 0),
    ([delay(days_granted=2.5)], 0, 2.5, 18, 3000),
]


def test_granted_days_extend_the_contract_date() -> None:
    cases = [
        {"milestones": [milestone(forecast_date="2025-07-21", **TERMS)], "delays": delays}
        for delays, *_ in GRANTED
    ]
    found = all_of(cases, ("days_claimed", "days_excusable", "slip_days_contract", "ld_probable"))
    assert found == [case[1:] for case in GRANTED]
    late = all_of(cases, ("contract_days_late",), "work.schedule_status")
    assert late == [(max(0, case[3]),) for case in GRANTED]


def test_delays_carry_their_cause_and_their_notice() -> None:
    con = built(
        milestone(forecast_date="2025-07-21", **TERMS),
        delays=[
            delay("late", notice_due_on="2025-05-01", notified_on="2025-05-02", days=10),
            delay("in time", notice_due_on="2025-05-01", notified_on="2025-05-01", days=5, days_granted=5),
            delay("missed", notice_due_on="2025-06-29", cause="third_party"),
            delay("not due", notice_due_on="2025-06-30"),
            delay("no notice needed", cause="vendor"),
        ],
    )
    found = {item["delay_id"]: item for item in slip(con)["delays"]}
    assert {name: item["notice_missed"] for name, item in found.items()} == {
        "late": True,
        "in time": False,
        "missed": True,
        "not due": False,
        "no notice needed": None,
    }
    assert (found["missed"]["cause"], found["in time"]["days_granted"]) == ("third_party", 5)
    assert {ref["table"] for ref in slip(con)["source_refs"]} == {"milestones", "delays"}


def actual(amount: Any, line: str = "liquidated_damages", **more: Any) -> dict[str, Any]:
    row = {"project_id": "P", "status_date": STATUS, "scenario": "actual", "line": line, "amount": amount}
    return {**row, **more}


def test_booked_damages_are_shared_out_to_the_last_digit() -> None:
    late = {**TERMS, "forecast_date": "2025-07-05"}
    con = built(
        *(milestone(name, **late) for name in "ABC"),
        milestone("later", **{**late, "forecast_date": "2025-07-12"}),
        milestone("in time", **{**late, "forecast_date": "2025-06-30"}),
        milestone("no terms", forecast_date="2025-07-05"),
        financials=[actual("1000.00"), actual(5, "labour")],
    )
    found = dict(con.execute("select milestone_id, ld_booked from mart_milestone_slip").fetchall())
    assert found == {"A": 200, "B": 200, "C": 200, "later": 400, "in time": 0, "no terms": None}
    thirds = built(*(milestone(name, **late) for name in "ABC"), financials=[actual("100.00")])
    shares = [share for (share,) in thirds.execute("select ld_booked from mart_milestone_slip").fetchall()]
    assert sorted(shares) == [Decimal("33.3333"), Decimal("33.3333"), Decimal("33.3334")]
    assert sum(shares) == 100


BOOKED = [  # rows of financials → booked
    ([], None),
    ([actual(5, "labour")], 0),
    ([actual(7, period_end="2025-05-31"), actual(8, period_end="2025-06-30")], 15),
    ([actual(7, period_end="2025-05-31"), actual(9)], 9),
    ([actual(7, currency="EUR")], None),  # no rate
    ([{**actual(7), "scenario": "forecast"}], None),
]


def test_booked_damages_are_the_actual_line() -> None:
    late = milestone(forecast_date="2025-06-30", **TERMS)
    found = all_of(({"milestones": [late], "financials": given} for given, _ in BOOKED), ("ld_booked",))
    assert found == [(booked,) for _, booked in BOOKED]


def test_the_project_adds_its_milestones_up() -> None:
    con = built(
        milestone("A", **{**TERMS, "forecast_date": "2025-07-05"}),
        milestone("B", **{**TERMS, "forecast_date": "2025-07-12"}),
        milestone("C", forecast_date="2025-09-01"),
    )
    found = status(con)
    assert (found["ld_probable"], found["ld_maximum"]) == (3000, 8000)
    assert (found["contract_days_late"], found["damages_running"]) == (11, False)
    assert [ref["row"] for ref in found["contract_refs"]] == [3]


LATENESS = [  # what differs from the terms → days late, damages running
    ({"forecast_date": "2025-07-05"}, 4, False),
    ({"forecast_date": "2025-06-30", "contract_date": "2025-06-20"}, 10, True),
    ({"forecast_date": "2025-06-01", "contract_date": "2025-06-20"}, 10, True),  # it has not happened
    (
        {"actual_date": "2025-06-25", "contract_date": "2025-06-20"},
        0,
        False,
    ),  # over: it is paid, not running
    ({"forecast_date": None}, None, False),  # not due yet
    ({"forecast_date": "2025-07-05", "ld_pct_per_week": None}, 4, None),
    ({"forecast_date": "2025-07-05", "contract_date": None}, None, None),
]


def test_contract_lateness() -> None:
    found = all_of(
        ({"milestones": [milestone(**{**TERMS, **terms})]} for terms, *_ in LATENESS),
        ("contract_days_late", "damages_running"),
        "work.schedule_status",
    )
    assert found == [case[1:] for case in LATENESS]


def test_granted_days_stop_damages_from_running() -> None:
    terms = {**TERMS, "contract_date": "2025-06-20", "forecast_date": "2025-07-05"}
    con = built(milestone(**terms), delays=[delay(days_granted=10)])
    assert (status(con)["contract_days_late"], status(con)["damages_running"]) == (5, False)


def test_without_contractual_milestones_the_contract_finish_counts() -> None:
    tables = {
        "projects": [project(contract_finish="2025-07-31")],
        "milestones": [milestone(forecast_date="2025-08-10")],
    }
    found = status(marts_of(tables, last=14))
    assert (found["slip_days_contract"], found["contract_days_late"]) == (10, 10)


def test_hit_rate() -> None:
    con = built(
        milestone("in time", baseline_date="2025-05-31", actual_date="2025-05-31"),
        milestone("late", baseline_date="2025-05-31", actual_date="2025-06-01"),
        milestone("open", baseline_date="2025-06-30", forecast_date="2025-06-30"),
        milestone("early", baseline_date="2025-07-31", actual_date="2025-06-01"),
        milestone("no baseline", actual_date="2025-06-01"),
        milestone("in the future", baseline_date="2025-06-30", actual_date="2025-07-02"),
    )
    found = status(con)
    assert (found["milestones_due"], found["milestones_met"], found["milestone_hit_rate"]) == (4, 1, 0.25)
    none_due = status(built(milestone(baseline_date="2025-07-31", forecast_date="2025-07-31")))
    assert (none_due["milestones_due"], none_due["milestone_hit_rate"]) == (0, None)


def test_money_is_in_the_projects_currency() -> None:
    rates = [
        {"currency": code, "basis": "actual", "rate_date": STATUS, "per_usd": rate}
        for code, rate in (("MXN", 20), ("EUR", 0.8))
    ]
    terms = {**TERMS, "forecast_date": "2025-07-05", "revenue_amount": 100, "currency": "EUR"}
    tables = {"projects": [project(currency="MXN")], "milestones": [milestone(**terms)]}
    found = slip(marts_of({**tables, "fx_rates": rates}, last=14))
    assert (found["revenue_amount"], found["ld_probable"]) == (2500, 25000)
    unknown = slip(marts_of(tables, last=14))
    assert (unknown["revenue_amount"], unknown["ld_probable"], unknown["ld_maximum"]) == (None, None, None)


def test_damages_without_a_cap_leave_the_project_without_a_maximum() -> None:
    late = {"contract_date": "2025-07-01", "forecast_date": "2025-07-08", "ld_pct_per_week": 0.01}
    capped, open_ended = milestone("A", **late, ld_cap_pct=0.1), milestone("B", **late)
    both = rows(built(capped, open_ended), "from work.schedule_status")[0]
    assert (both["ld_probable"], both["ld_maximum"]) == (20000, None)
    without_terms = milestone("B", contract_date="2025-07-01", forecast_date="2025-07-08")
    assert rows(built(capped, without_terms), "from work.schedule_status")[0]["ld_maximum"] == 100000
