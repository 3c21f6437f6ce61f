"""mart_baseline and work.baseline: which baselines a project has, as known on any day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.metrics.timeline import Row, marts_of

JAN, JUN, SEP = "2025-01-31", "2025-06-30", "2025-09-30"
FILE = {"source": "schedule", "file": "plan.mpp"}


def stated(no: int, approved: str, finish: str, day: str | None = None, **more: Any) -> Row:
    """A row of `baselines`, of the delivery of a day."""
    row = {"project_id": "P", "baseline_no": no, "approved_on": approved, "baseline_start": "2025-01-01"}
    return {**row, "baseline_finish": finish, "status_date": day, **more}


def in_file(no: int, approved: str, finish: str, day: str) -> Row:
    """The same out of a schedule file."""
    return stated(no, approved, finish, day, **FILE)


def schedule(*days: str) -> list[Row]:
    """What shows that the file is a schedule: its tasks' baselines."""
    return [
        {"project_id": "P", "task_uid": "1", "baseline_no": 0, "status_date": day, **FILE} for day in days
    ]


def found(baselines: list[Row], *days: str) -> dict[str, list[tuple[int, str, str]]]:
    """Status date → number, approval and finish of the baselines known then."""
    tables = {
        "projects": [{"project_id": "P", "name": "P"}],
        "quality": [{"project_id": "P", "status_date": day} for day in (JAN, JUN, SEP)],
        "task_baselines": schedule(*days),
        "baselines": baselines,
    }
    con = marts_of(tables, last=4)
    sql = """
        select s.status_date, list((b.baseline_no, b.approved_on, b.baseline_finish) order by b.baseline_no)
        from work.spine s
        join mart_baseline b
          on b.valid_from <= s.status_date and (b.valid_to is null or s.status_date < b.valid_to)
        group by 1 order by 1
    """
    return {
        str(day): [(no, str(on), str(finish)) for no, on, finish in known]
        for day, known in con.execute(sql).fetchall()
    }


FIRST, SECOND, THIRD = (
    ("2025-01-10", "2025-08-31"),
    ("2025-06-15", "2025-12-31"),
    ("2025-09-10", "2026-03-31"),
)


def numbered(*baselines: tuple[str, str]) -> list[tuple[int, str, str]]:
    return [(no, *baseline) for no, baseline in enumerate(baselines)]


@pytest.mark.parametrize(
    ("baselines", "expected"),
    [
        (
            [in_file(0, *FIRST, JAN), in_file(0, *SECOND, JUN), in_file(0, *THIRD, SEP)],
            {JAN: numbered(FIRST), JUN: numbered(FIRST, SECOND), SEP: numbered(FIRST, SECOND, THIRD)},
        ),
        (
            [in_file(0, *FIRST, JAN), in_file(0, *FIRST, JUN), in_file(1, *SECOND, JUN)],
            {JAN: numbered(FIRST), JUN: numbered(FIRST, SECOND), SEP: numbered(FIRST, SECOND)},
        ),
        (
            [in_file(0, *FIRST, JAN), in_file(1, *SECOND, JAN), in_file(0, *FIRST, JUN)],
            {JAN: numbered(FIRST, SECOND), JUN: numbered(FIRST), SEP: numbered(FIRST)},
        ),
        (
            [in_file(0, *FIRST, JAN), in_file(0, FIRST[0], "2025-08-15", JUN)],
            {
                JAN: numbered(FIRST),
                JUN: numbered((FIRST[0], "2025-08-15")),
                SEP: numbered((FIRST[0], "2025-08-15")),
            },
        ),
    ],
    ids=[
        "saved over the one before",
        "kept beside it",
        "the mapping went back to the first",
        "the same, mended",
    ],
)
def test_a_schedule_file_forgets_and_the_store_does_not(
    baselines: list[Row], expected: dict[str, list[tuple[int, str, str]]]
) -> None:
    assert found(baselines, JAN, JUN, SEP) == expected


def test_a_register_is_taken_at_its_last_word() -> None:
    register = [stated(0, *FIRST, JAN), stated(0, *SECOND, JUN)]
    assert found(register) == {JAN: numbered(FIRST), JUN: numbered(SECOND), SEP: numbered(SECOND)}


def test_a_planners_file_does_not_overrule_the_register() -> None:
    register = [stated(0, *FIRST, JUN)]
    file = [in_file(0, "2025-01-05", "2025-07-31", JAN), in_file(0, *THIRD, SEP)]
    assert found([*register, *file], JAN, SEP) == {
        JAN: numbered(("2025-01-05", "2025-07-31")),
        JUN: numbered(FIRST),
        SEP: numbered(FIRST),
    }


def test_saving_over_a_baseline_hides_no_slip() -> None:
    tables = {
        "projects": [{"project_id": "P", "name": "P"}],
        "tasks": [
            {"project_id": "P", "task_uid": "1", "name": "1", "status_date": day, "finish": "2026-01-15"}
            | {"baseline_finish": finish, **FILE}
            for day, (_, finish) in ((JAN, FIRST), (JUN, SECOND))
        ],
        "task_baselines": schedule(JAN, JUN),
        "baselines": [in_file(0, *FIRST, JAN), in_file(0, *SECOND, JUN)],
    }
    con = marts_of(tables, last=14)
    sql = """
        select slip_days, slip_days_original, rebaseline_count, original_baseline_finish
        from work.schedule_status where status_date = $day
    """
    assert con.execute(sql, {"day": JAN}).fetchall() == [(137, 137, 0, date(2025, 8, 31))]
    assert con.execute(sql, {"day": JUN}).fetchall() == [(15, 137, 1, date(2025, 8, 31))]
