"""mart_site_progress and work.site_status: burn-up by week, stages, blockers."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from tests.metrics.timeline import marts_of, rows

STATUS = date(2025, 6, 30)  # a Monday: its week ends on 6 July


def site(name: str, *, status: date = STATUS, **more: Any) -> dict[str, Any]:
    return {"project_id": "P", "site_id": name, "status_date": status, **more}


def built(*sites: dict[str, Any], **more: Any) -> duckdb.DuckDBPyConnection:
    return marts_of({"projects": [{"project_id": "P", "name": "P"}], "sites": list(sites), **more}, last=14)


def weeks(con: duckdb.DuckDBPyConnection, day: date = STATUS) -> dict[date, dict[str, Any]]:
    found = rows(con, "from mart_site_progress where status_date = $day order by week_end", {"day": day})
    return {row["week_end"]: row for row in found}


ROLLOUT = (
    site(
        "accepted",
        stage="accepted",
        planned_on_air="2025-06-09",
        actual_on_air="2025-06-12",
        provisional_acceptance_on="2025-06-24",
        final_acceptance_on="2025-06-29",
    ),
    site("on air", stage="on_air", planned_on_air="2025-06-15", actual_on_air="2025-06-17"),
    site(
        "late",
        stage="permits",
        planned_on_air="2025-06-16",
        forecast_on_air="2025-07-20",
        blocked_by="permits",
    ),
    site("stale", stage="material", planned_on_air="2025-06-20", forecast_on_air="2025-06-25"),
    site("next", stage="design", planned_on_air="2025-07-07", forecast_on_air="2025-07-07"),
    site("blocked", stage="permits", planned_on_air="2025-07-13", blocked_by="permits"),
    site("waiting", stage="on_air", actual_on_air="2025-06-30", blocked_by="customer"),
    site("unknown"),
)


def test_burn_up() -> None:
    found = weeks(built(*ROLLOUT))
    shown = {
        week.isoformat(): tuple(row[c] for c in ("planned", "forecast", "on_air", "accepted"))
        for week, row in found.items()
    }
    assert shown == {
        "2025-06-15": (2, 1, 1, 0),
        "2025-06-22": (4, 2, 2, 0),
        "2025-06-29": (4, 2, 2, 1),
        "2025-07-06": (4, 4, 3, 1),  # the week of the status date; a forecast in the past counts from today
        "2025-07-13": (6, 5, None, None),
        "2025-07-20": (6, 6, None, None),
    }


def test_stages_and_blockers_are_as_of_the_status_date() -> None:
    found = weeks(built(*ROLLOUT))
    stages = {"accepted": 1, "design": 1, "material": 1, "on_air": 2, "permits": 2, "unknown": 1}
    assert {frozenset(row["stages"].items()) for row in found.values()} == {frozenset(stages.items())}
    assert next(iter(found.values()))["blockers"] == {"permits": 2, "customer": 1}
    assert next(iter(weeks(built(site("free", planned_on_air="2025-07-01"))).values()))["blockers"] == {}


def test_the_projects_counts() -> None:
    con = built(*ROLLOUT)
    found = rows(con, "from work.site_status")[0]
    assert [found[f"sites_{what}"] for what in ("total", "planned", "on_air", "accepted")] == [8, 4, 3, 1]
    assert [ref["row"] for ref in found["site_refs"]] == [4, 5]


def test_a_stage_without_its_date_counts_from_the_report() -> None:
    con = built(
        site("on air", stage="on_air"),
        site("accepted", stage="accepted", actual_on_air="2025-06-01"),
        site("dated", actual_on_air="2025-06-01", final_acceptance_on="2025-06-20"),
        site("to come", actual_on_air="2025-07-02", provisional_acceptance_on="2025-07-10"),
    )
    found = rows(con, "from work.site_status")[0]
    assert (found["sites_on_air"], found["sites_accepted"]) == (3, 2)
    assert weeks(con)[date(2025, 6, 22)]["accepted"] == 1
    assert weeks(con)[date(2025, 7, 6)]["stages"] == {"accepted": 2, "on_air": 1, "unknown": 1}


def test_a_year_mistyped_does_not_make_a_thousand_years_of_weeks() -> None:
    con = built(site("A", planned_on_air="2025-06-30"), site("B", planned_on_air="3025-06-30"))
    assert len(weeks(con)) == 1
    assert rows(con, "from work.site_status")[0]["sites_total"] == 2


def test_planned_is_what_is_due_by_the_day_itself() -> None:
    con = built(site("due", planned_on_air=STATUS), site("to come", planned_on_air="2025-07-01"))
    assert rows(con, "from work.site_status")[0]["sites_planned"] == 1


def test_a_plan_of_nine_years_keeps_its_weeks() -> None:
    con = built(site("A", planned_on_air=STATUS), site("B", planned_on_air="2034-06-30"))
    assert max(weeks(con)) == date(2034, 7, 2)


def test_each_report_stands_for_itself_until_the_next() -> None:
    may = date(2025, 5, 31)
    con = built(
        site("A", status=may, planned_on_air="2025-05-15", actual_on_air="2025-05-20"),
        site("gone", status=may, planned_on_air="2025-05-15"),
        site("A", planned_on_air="2025-05-15", actual_on_air="2025-05-20"),
        quality=[{"project_id": "P", "status_date": date(2025, 6, 15)}],
    )
    found = rows(con, "from work.site_status order by status_date")
    assert [(row["sites_total"], row["sites_planned"], row["sites_on_air"]) for row in found] == [
        (2, 2, 1),
        (2, 2, 1),
        (1, 1, 1),
    ]
    ends = con.execute("select distinct status_date, next_status_date from mart_site_progress order by 1")
    assert ends.fetchall() == [(may, STATUS), (STATUS, None)]


def test_without_sites_nothing_is_known() -> None:
    con = marts_of(
        {
            "projects": [{"project_id": "P", "name": "P"}],
            "quality": [{"project_id": "P", "status_date": STATUS}],
        },
        last=14,
    )
    found = rows(con, "from work.site_status")
    assert [(row["sites_planned"], row["sites_on_air"], row["sites_accepted"]) for row in found] == [
        (None, None, None)
    ]
