"""mart_schedule_quality: the fourteen checks, who offends, what does not apply; BEI, hit share, CPLI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.readers.schedule import read_schedule
from tests.metrics.timeline import marts_of, rows, together
from tools.validation.rows import STATUS, chain, done, link, population, sound_schedule, task

SHARED = Path(__file__).parents[3] / "shared"
OWN = Path(__file__).parents[1] / "data" / "schedules"
CHECKS = (
    *("logic", "leads", "lags", "relationship_types", "hard_constraints", "high_float", "negative_float"),
    *("high_duration", "invalid_dates", "resources", "missed_tasks", "critical_path", "cpli", "bei"),
)


CLEAN = sound_schedule()


def changed(uid: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """The clean schedule with one task otherwise."""
    return {
        "tasks": [{**row, **more} if row["task_uid"] == uid else row for row in CLEAN["tasks"]],
        "task_links": CLEAN["task_links"],
    }


def built(
    cases: Iterable[Mapping[str, Sequence[dict[str, Any]]]], settings: dict[str, str] | None = None
) -> duckdb.DuckDBPyConnection:
    project = {"project_id": "P", "name": "P", "country": "MX"}
    tables = together({"projects": [project], **case} for case in cases)
    return marts_of(tables, last=14, settings=settings)


def checks_of(con: duckdb.DuckDBPyConnection, case: int = 0) -> dict[str, dict[str, Any]]:
    found = rows(con, "from mart_schedule_quality where project_id = $case order by no", {"case": str(case)})
    return {row["check_id"]: row for row in found}


def test_a_sound_schedule_passes_all_it_can() -> None:
    found = checks_of(built([CLEAN]))
    assert tuple(found) == CHECKS
    assert [row["no"] for row in found.values()] == list(range(1, 15))
    # the last of twenty tasks has no successor, and that is all
    assert {name: row["pass"] for name, row in found.items()} == dict.fromkeys(CHECKS, True)
    assert found["logic"]["offenders"] == [{"task_uid": "20", "name": "Task 20"}]
    assert (found["logic"]["counted"], found["logic"]["total"], found["logic"]["value"]) == (1, 20, 0.05)
    assert all(row["applicable"] and row["reason_key"] is None for row in found.values())


ONE_FAULT: list[tuple[str, dict[str, Any], str, float]] = [  # what is wrong with task 5 → check, its value
    ("hard_constraints", {"constraint_type": "MUST_FINISH_ON"}, "5", 0.05),
    ("hard_constraints", {"constraint_type": "Must Start On"}, "5", 0.05),
    ("hard_constraints", {"constraint_type": "FNLT"}, "5", 0.05),
    ("high_float", {"total_slack_days": 44.5}, "5", 0.05),
    ("negative_float", {"total_slack_days": -0.5}, "5", 0.05),
    ("high_duration", {"duration_days": 45}, "5", 0.05),
    ("invalid_dates", {"finish": "2025-06-29"}, "5", 1),  # should have finished
    ("invalid_dates", {"start": "2025-06-29"}, "5", 1),  # should have started
    ("invalid_dates", {"actual_start": "2025-07-01"}, "5", 1),  # has started in the future
    ("invalid_dates", {"actual_start": "2025-06-01", "actual_finish": "2025-07-01"}, "5", 1),
    ("resources", {"resource_count": 0}, "5", 1 / 19),
    ("missed_tasks", {"baseline_finish": "2025-06-30", "finish": "2025-07-31"}, "5", 0.5),
    ("bei", {"baseline_finish": "2025-06-30"}, "5", 0.5),
    ("bei", {"baseline_finish": None}, "5", 0.5),
]


def test_each_fault_is_found_by_its_check_with_its_task() -> None:
    con = built(changed(uid, **fault) for _, fault, uid, _ in ONE_FAULT)
    for case, (check, fault, uid, value) in enumerate(ONE_FAULT):
        row = checks_of(con, case)[check]
        assert row["offenders"] == [{"task_uid": uid, "name": f"Task {uid}"}], (check, fault)
        assert row["value"] == pytest.approx(value), (check, fault)
        assert row["counted"] == 1


NO_FAULT: list[tuple[str, dict[str, Any]]] = [
    ("hard_constraints", {"constraint_type": "START_NO_EARLIER_THAN"}),
    ("high_float", {"total_slack_days": 44}),
    ("high_duration", {"duration_days": 44}),
    ("invalid_dates", {"start": "2025-06-30", "finish": "2025-06-30"}),  # on the day itself
    ("invalid_dates", {"start": "2025-06-01", "actual_start": "2025-06-01"}),
    ("resources", {"resource_count": 0, "cost": 10}),
    ("resources", {"resource_count": 0, "duration_days": 0}),
    ("missed_tasks", {"baseline_finish": "2025-07-01"}),  # not due
    ("high_float", {"total_slack_days": 99, "task_kind": "summary"}),
    ("negative_float", {"total_slack_days": -9, "task_kind": "level_of_effort"}),
    ("bei", {"baseline_finish": "2025-06-30", "task_kind": "milestone"}),
    ("bei", {"baseline_finish": "2025-06-30", "task_kind": "level_of_effort"}),
]


def test_what_is_no_fault_is_not_listed() -> None:
    con = built(changed("5", **fault) for _, fault in NO_FAULT)
    found = [(check, checks_of(con, case)[check]["offenders"]) for case, (check, _) in enumerate(NO_FAULT)]
    assert found == [(check, []) for check, _ in NO_FAULT]


def test_what_is_complete_is_not_counted() -> None:
    late = changed("5", actual_start="2025-06-01", actual_finish="2025-06-20", total_slack_days=-5)
    found = checks_of(built([late]))
    assert (found["negative_float"]["counted"], found["negative_float"]["total"]) == (0, 19)
    by_share = checks_of(built([changed("5", percent_complete=1, total_slack_days=-5)]))
    assert by_share["negative_float"]["total"] == 19


def test_links() -> None:
    links = [
        *chain("1", "2", "3", "4", "5", "6", "7", "8"),
        link("1", "3", "SS", 5),
        link("2", "4", "FF", -2),
        link("3", "5", None, None),  # a link without a type is finish to start
    ]
    found = checks_of(built([{"tasks": [task(str(n)) for n in range(1, 10)], "task_links": links}]))
    assert found["leads"]["offenders"] == [{"task_uid": "4", "name": "Task 2 → Task 4"}]
    assert found["lags"]["offenders"] == [{"task_uid": "3", "name": "Task 1 → Task 3"}]
    assert [found[c]["value"] for c in ("leads", "lags", "relationship_types")] == pytest.approx(
        [0.1, 0.1, 0.8]
    )
    assert [found[c]["pass"] for c in ("leads", "lags", "relationship_types")] == [False, False, False]
    assert [row["task_uid"] for row in found["logic"]["offenders"]] == ["1", "8", "9"]
    assert found["logic"]["value"] == pytest.approx(3 / 9)


def test_exactly_at_the_threshold_passes() -> None:
    tasks = [task(str(n)) for n in range(1, 11)]
    nine = chain(*(str(n) for n in range(1, 11)))
    found = checks_of(built([{"tasks": tasks, "task_links": [*nine, link("1", "3", "SS")]}]))
    assert (found["relationship_types"]["value"], found["relationship_types"]["pass"]) == (0.9, True)


BARE = {"baseline_start": None, "baseline_finish": None}
NOT_APPLICABLE: list[tuple[Mapping[str, Any], dict[str, str]]] = [
    (
        {"tasks": CLEAN["tasks"]},
        dict.fromkeys(("logic", "leads", "lags", "relationship_types", "critical_path"), "no_links"),
    ),
    (
        {**CLEAN, "tasks": [{**row, **BARE} for row in CLEAN["tasks"]]},
        dict.fromkeys(("missed_tasks", "cpli", "bei"), "no_baseline"),
    ),
    (
        {**CLEAN, "tasks": [{**row, "resource_count": 0} for row in CLEAN["tasks"]]},
        {"resources": "no_resources"},
    ),
    (
        {
            **CLEAN,
            "tasks": [{**row, "total_slack_days": None, "is_critical": None} for row in CLEAN["tasks"]],
        },
        {**dict.fromkeys(("high_float", "negative_float"), "no_float"), "critical_path": "no_critical"},
    ),
    (
        {**CLEAN, "tasks": [{**row, "constraint_type": None} for row in CLEAN["tasks"]]},
        {"hard_constraints": "no_constraints"},
    ),
    (
        {**CLEAN, "tasks": [{**row, "duration_days": None} for row in CLEAN["tasks"]]},
        {"high_duration": "no_durations", "resources": "all_complete"},
    ),
    (
        {"tasks": [task("1"), task("2")], "task_links": chain("1", "2")},
        {"missed_tasks": "none_due", "bei": "none_due"},
    ),
    (
        {"tasks": [done("1"), done("2")], "task_links": chain("1", "2")},
        dict.fromkeys(
            (
                *("logic", "hard_constraints", "high_float", "negative_float", "high_duration"),
                *("resources", "critical_path", "cpli"),
            ),
            "all_complete",
        ),
    ),
]


def test_what_does_not_apply_says_why_and_neither_passes_nor_fails() -> None:
    con = built(case for case, _ in NOT_APPLICABLE)
    for case, (_, expected) in enumerate(NOT_APPLICABLE):
        found = checks_of(con, case)
        reasons = {name: row["reason_key"] for name, row in found.items() if not row["applicable"]}
        assert reasons == expected
        for name in expected:
            row = found[name]
            assert (row["value"], row["pass"], row["total"], row["counted"]) == (None, None, None, 0)


def test_thresholds_are_the_pmos_to_set() -> None:
    settings = {"dcma_logic": "0.01", "dcma_long_days": "10"}
    found = checks_of(built([CLEAN], settings))
    assert (found["logic"]["threshold"], found["logic"]["pass"]) == (0.01, False)
    assert (found["high_duration"]["counted"], found["lags"]["threshold"]) == (19, 0.05)


# A chain 1 → 2 → 3 → 9; 9 is the last. Which links and tasks let a delay of task 1 reach it?
def network(
    links: Sequence[dict[str, Any]], first: Mapping[str, Any] | None = None, **tasks: dict[str, Any]
) -> dict[str, Any]:
    dates = {"1": "2025-07-10", "2": "2025-07-20", "3": "2025-07-25", "9": "2025-07-31"}
    given = [
        {**task(uid, start=finish, finish=finish, is_critical=uid == "1"), **tasks.get(f"t{uid}", {})}
        for uid, finish in dates.items()
    ]
    return {"tasks": [{**given[0], **(first or {})}, *given[1:]], "task_links": list(links)}


PATHS: list[tuple[dict[str, Any], bool]] = [
    (network(chain("1", "2", "3", "9")), True),
    (network(chain("1", "2", "3")), False),  # the chain breaks off
    (network([link("1", "9")]), True),
    (network([link("1", "2", "SS"), *chain("2", "3", "9")]), False),  # a longer task starts no later
    (network([link("1", "2", "FF"), *chain("2", "3", "9")]), True),
    (network([link("1", "2"), link("2", "3", "SS"), link("3", "9", "FF")]), True),
    (network(chain("1", "2", "3", "9"), t2={"constraint_type": "MUST_START_ON"}), False),  # pinned
    (
        network(chain("1", "2", "3", "9"), t2={"actual_finish": "2025-06-30", "actual_start": "2025-06-01"}),
        False,
    ),
    (network([*chain("1", "2", "1", "3"), link("3", "9", lag=10)]), True),  # a loop ends
    (network(chain("9", "1")), False),
    (network(chain("1", "2"), first={"finish": "2025-07-31"}), True),  # itself the last
    # 2 is under way ahead of its predecessor; what is under way counts, not what is next
    (
        network(
            chain("2", "3", "9"),
            t2={"is_critical": True, "actual_start": "2025-06-01", "percent_complete": 0.5},
        ),
        True,
    ),
]


def test_critical_path() -> None:
    con = built(case for case, _ in PATHS)
    found = [checks_of(con, case)["critical_path"] for case in range(len(PATHS))]
    assert [row["pass"] for row in found] == [passed for _, passed in PATHS]
    assert [row["offenders"] for row in found] == [
        [] if passed else [{"task_uid": "1", "name": "Task 1"}] for _, passed in PATHS
    ]


def test_a_link_of_a_summary_is_one_of_its_tasks() -> None:
    tasks = [
        task("1", wbs="1", start="2025-07-01", finish="2025-07-10"),
        task("S", wbs="2", task_kind="summary", finish="2025-07-31"),
        task("2", wbs="2.1", is_critical=False, start="2025-07-11", finish="2025-07-20"),
        task("9", wbs="2.2", is_critical=False, start="2025-07-11", finish="2025-07-31"),
        task("x", wbs="20", is_critical=False, start="2025-07-11", finish="2025-07-12"),
    ]
    found = checks_of(built([{"tasks": tasks, "task_links": [link("1", "S")]}]))
    assert found["critical_path"]["pass"]


def measures(
    cases: Iterable[Sequence[dict[str, Any]]], *columns: str, settings: dict[str, str] | None = None
) -> list[tuple[Any, ...]]:
    con = built(({"tasks": tasks} for tasks in cases), settings)
    wanted = f"select {', '.join(columns)} from work.schedule_status"
    return con.execute(f"{wanted} where status_date = ? order by project_id::int", [STATUS]).fetchall()


INDICES = [  # tasks → BEI, BEI with completed tasks only, hit share of the period
    (population(on_time=6), 1, 1, 1),
    (population(on_time=95, open=5), 0.95, 0.95, 0.95),
    (population(on_time=95, open=5, unplanned=10), 95 / 110, 0.95, 0.95),  # DAU: unplanned ones widen it
    (population(on_time=90, open=10, unplanned_done=10), 100 / 110, 100 / 110, 0.9),
    (population(on_time=90, open=10, unplanned_done=5, unplanned=5), 95 / 110, 95 / 105, 0.9),
    (population(on_time=18, late=4, open=2), 22 / 24, 22 / 24, 0.75),  # late ones are done, not hits
    (population(on_time=2, early=2), 2, 2, 1),  # early ones lift BEI above one
    (population(on_time=1, open=1, milestone=5, summary=5, effort=5), 0.5, 0.5, 0.5),
    (population(on_time=1, earlier=2, earlier_late=1), 1, 1, 1),  # the hit share looks at the period alone
    (population(earlier=2), 1, 1, None),
    (population(future=3), None, None, None),
    (population(unplanned=3, unplanned_done=1), None, None, None),  # no baseline at all
]


def test_baseline_execution_and_hit_share() -> None:
    found = measures((case[0] for case in INDICES), "bei", "bei_discrete", "hit_task_pct")
    for got, (_, *expected) in zip(found, INDICES, strict=True):
        assert got == tuple(value and pytest.approx(value) for value in expected)


def test_the_other_wording_of_bei_is_a_setting() -> None:
    case = population(on_time=90, open=10, unplanned_done=5, unplanned=5)
    assert measures([case], "bei", settings={"bei_variant": "discrete"}) == [(pytest.approx(95 / 105),)]


def test_the_period_of_the_hit_share_is_since_the_schedule_before() -> None:
    before = [{**row, "status_date": date(2025, 4, 30)} for row in population(earlier=1)]
    now = population(on_time=1, earlier=5, open=1)
    quarter = [task(uid, baseline_finish="2025-05-15") for uid in ("A", "B")]
    found = measures([[*before, *now, *quarter]], "hit_task_pct")
    assert found == [(0.25,)]  # one of four that were due in May and June


# On the Mexican calendar: 22 working days from 1 to 30 July 2025, 23 to the 31st.
TARGETS = [  # the last open task → CPLI
    ({"finish": "2025-07-31", "baseline_finish": "2025-07-31"}, 1),
    ({"finish": "2025-07-31", "baseline_finish": "2025-07-24"}, (23 - 5) / 23),
    ({"finish": "2025-07-24", "baseline_finish": "2025-07-31"}, (18 + 5) / 18),
    ({"finish": "2025-07-31", "baseline_finish": None, "total_slack_days": -10}, 13 / 23),
    ({"finish": "2025-07-31", "baseline_finish": "2025-07-31", "total_slack_days": -10}, 13 / 23),
    ({"finish": "2025-07-31", "baseline_finish": None, "total_slack_days": 0}, None),  # against no date
    (
        {
            "finish": "2025-07-31",
            "baseline_finish": None,
            "total_slack_days": 0,
            "constraint_type": "MUST_FINISH_ON",
        },
        1,
    ),
    ({"finish": "2025-07-31", "baseline_finish": None, "total_slack_days": None}, None),
    ({"finish": "2025-06-30", "baseline_finish": "2025-06-30"}, None),  # no way left to go
    ({"finish": None, "baseline_finish": "2025-07-31"}, None),
]


def test_critical_path_length() -> None:
    found = measures(([task("1", **target), done("0")] for target, _ in TARGETS), "cpli")
    assert [cpli for (cpli,) in found] == [value and pytest.approx(value) for _, value in TARGETS]


def test_an_older_schedule_of_another_source_is_not_part_of_the_plan() -> None:
    old = [{**task("old", source="a", finish="2027-01-01"), "status_date": date(2025, 5, 31)}]
    con = built([{"tasks": [*old, task("1", source="b")]}])
    found = rows(con, "select * from work.schedule_status order by status_date")
    assert [row["forecast_finish"] for row in found] == [date(2027, 1, 1), date(2025, 7, 31)]
    assert con.execute(
        "select distinct status_date, next_status_date from mart_schedule_quality order by all"
    ).fetchall() == [(date(2025, 5, 31), STATUS), (STATUS, None)]


def schedule_file(path: Path, project_id: str = "P") -> dict[str, list[dict[str, Any]]]:
    """The tables of a schedule file, as the loaders hand them over."""
    sheets = read_schedule(path, path.name, project_id)
    return {
        str(sheet.target): [
            {name: value for name, value in row.items() if not name.startswith("__")}
            for row in sheet.table.to_pylist()
        ]
        for sheet in sheets
    }


SECOND_OPINION = """
    with task as (
        select *, actual_finish is null and coalesce(percent_complete, 0) < 1 as is_open
        from timeline.tasks
        where coalesce(task_kind, 'discrete') not in ('summary', 'level_of_effort')
    )
    select
        count(*) filter (
            is_open and not (
                task_uid in (select successor_uid from timeline.task_links)
                and task_uid in (select predecessor_uid from timeline.task_links)
            )
        ),
        count(*) filter (is_open and total_slack_days > 44),
        count(*) filter (is_open and total_slack_days < 0),
        count(*) filter (is_open and duration_days > 44),
        count(*) filter (baseline_finish <= slice_date and coalesce(actual_finish, finish) > baseline_finish)
    from task
"""


def agrees_with_a_second_opinion(path: Path) -> bool:
    con = marts_of(schedule_file(path), last=14)
    names = ("logic", "high_float", "negative_float", "high_duration", "missed_tasks")
    found = {row["check_id"]: row for row in rows(con, "from mart_schedule_quality")}
    counted = con.execute(SECOND_OPINION).fetchall()[0]
    return all(
        len(found[name]["offenders"]) == count
        for name, count in zip(names, counted, strict=True)
        if found[name]["applicable"]
    )


@pytest.mark.parametrize("name", ["PredecessorCalendar.xer", "mpp12baseline.mpp"])
def test_counts_on_files_of_our_own(name: str) -> None:
    assert agrees_with_a_second_opinion(OWN / name)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the public schedules do not lie beside the project")
@pytest.mark.parametrize(
    "name", ["dcma__sample.mpp", "empeniofacil_MX__Cronograma.mpp", "si304_BR__Cronograma.mpp"]
)
def test_counts_on_public_files(name: str) -> None:
    assert agrees_with_a_second_opinion(SHARED / "data" / "schedules_github" / name)
