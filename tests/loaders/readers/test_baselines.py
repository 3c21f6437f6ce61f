"""Which of a schedule's baselines count, and in what order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import jpype
import pytest

from loaders import store
from loaders.pipeline import load
from loaders.readers import schedule
from loaders.readers.base import Sheet
from loaders.readers.baselines import Baselines
from loaders.readers.schedule import read_schedule

OWN = Path(__file__).parents[3] / "tests" / "data" / "schedules"

JANUARY, MARCH, JUNE = "2025-01-10T09:00", "2025-03-05T17:30", "2025-06-01T08:00"

Spans = Mapping[int, tuple[str, str, int]]
"""Baseline → start, finish and cost of a task."""


def plan(folder: Path, *tasks: Spans, earned_value: int | None = None) -> Path:
    """A plan as Microsoft Project writes it in XML, a task for each of `tasks`; the last one is a milestone."""
    said = "" if earned_value is None else f"<BaselineForEarnedValue>{earned_value}</BaselineForEarnedValue>"
    path = folder / "plan.xml"
    path.write_text(
        '<?xml version="1.0"?><Project xmlns="http://schemas.microsoft.com/project"><Name>plan</Name>'
        f"<CurrencyCode>MXN</CurrencyCode><StatusDate>2025-06-30T17:00:00</StatusDate>{said}<Tasks>"
        + "".join(_task(uid, spans, uid == len(tasks)) for uid, spans in enumerate(tasks, 1))
        + "</Tasks></Project>",
        "utf-8",
    )
    return path


def _task(uid: int, spans: Spans, is_milestone: bool) -> str:
    baselines = "".join(
        f"<Baseline><Number>{number}</Number><Start>{start}T08:00:00</Start><Finish>{finish}T17:00:00</Finish>"
        f"<Cost>{cost * 100}</Cost></Baseline>"
        for number, (start, finish, cost) in spans.items()
    )
    return (
        f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>Task {uid}</Name><OutlineLevel>1</OutlineLevel>"
        f"<WBS>{uid}</WBS><Start>2025-02-01T08:00:00</Start><Finish>2025-09-30T17:00:00</Finish>"
        f"<Milestone>{int(is_milestone)}</Milestone>{baselines}</Task>"
    )


THREE: tuple[Spans, ...] = (
    {
        0: ("2025-03-01", "2025-08-01", 150),
        1: ("2025-02-01", "2025-06-01", 100),
        2: ("2025-02-15", "2025-07-01", 120),
    },
    {0: ("2025-08-15", "2025-08-15", 0), 1: ("2025-06-15", "2025-06-15", 0)},
)
FINISH = {0: "2025-08-01", 1: "2025-06-01", 2: "2025-07-01"}


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """The moments at which baselines were saved: an .mpp says them, and nothing but the program writes those."""
    moments: dict[int, str] = {}
    read = schedule._projects

    def projects(content: bytes, file: str, suffix: str) -> list[Any]:
        found = read(content, file, suffix)
        for number, moment in moments.items():
            of = (number,) if number else ()
            day = jpype.JClass("java.time.LocalDateTime").parse(moment)
            found[0].getProjectProperties().setBaselineDate(*of, day)
        return found

    monkeypatch.setattr(schedule, "_projects", projects)
    return moments


def read(path: Path, baseline: int | None = None) -> dict[str, Sheet]:
    return {str(sheet.target): sheet for sheet in read_schedule(path, path.name, baseline=baseline)}


def rows(sheets: Mapping[str, Sheet], table: str) -> list[dict[str, Any]]:
    return sheets[table].table.to_pylist() if table in sheets else []


def notes(sheets: Mapping[str, Sheet]) -> str:
    return " ".join(sheets["projects"].notes)


@pytest.mark.parametrize(
    ("earned_value", "chosen", "used", "said"),
    [
        (
            None,
            None,
            0,
            "the plain Baseline was used: it is Microsoft Project's default, and the file names no",
        ),
        (0, None, 0, "the plain Baseline was used: the file names it as the one for earned value."),
        (2, None, 2, "Baseline 2 was used: the file names it as the one for earned value."),
        (2, 1, 1, "Baseline 1 was used: the mapping chose it."),
        (2, 0, 0, "the plain Baseline was used: the mapping chose it."),
        (
            5,
            None,
            None,
            "none was used: the file names Baseline 5 as the one for earned value, and that is empty.",
        ),
        (None, 3, None, "none was used: the mapping asks for Baseline 3, which the file does not hold."),
    ],
)
def test_which_one_counts(
    tmp_path: Path, earned_value: int | None, chosen: int | None, used: int | None, said: str
) -> None:
    sheets = read(plan(tmp_path, *THREE, earned_value=earned_value), chosen)
    task, milestone = rows(sheets, "tasks")
    finish = None if used is None else FINISH[used]
    assert (task["baseline_finish"], milestone["baseline_finish"]) == (
        finish,
        THREE[1].get(used, (None, None))[1] if used is not None else None,
    )
    assert rows(sheets, "projects")[0]["baseline_start"] == task["baseline_start"]
    assert rows(sheets, "milestones")[0]["baseline_date"] == milestone["baseline_finish"]
    assert (
        "holds the plain Baseline (day unknown), Baseline 1 (day unknown), Baseline 2 (day unknown)"
        in notes(sheets)
    )
    assert said in notes(sheets)


def test_no_numbered_one_takes_the_place_of_an_empty_one(tmp_path: Path) -> None:
    sheets = read(plan(tmp_path, {3: ("2025-02-01", "2025-06-01", 100)}, {}))
    assert {row["baseline_finish"] for row in rows(sheets, "tasks")} == {None}
    assert rows(sheets, "projects")[0]["baseline_finish"] is None
    assert [row["baseline_no"] for row in rows(sheets, "task_baselines")] == ["3"]
    assert (
        "the file holds Baseline 3 (day unknown); none was used: the plain Baseline is empty, and the file names"
        " no other. A line such as baseline = 3 in the mapping chooses one." in notes(sheets)
    )


def test_all_are_kept(tmp_path: Path, saved: dict[int, str]) -> None:
    saved |= {0: JUNE, 1: JANUARY}
    kept = rows(read(plan(tmp_path, *THREE)), "task_baselines")
    shown = ("task_uid", "baseline_no", "baseline_start", "baseline_finish", "baseline_cost", "saved_on")
    assert [tuple(row[column] for column in shown) for row in kept] == [
        ("1", "0", "2025-03-01", "2025-08-01", "150", "2025-06-01"),
        ("1", "1", "2025-02-01", "2025-06-01", "100", "2025-01-10"),
        ("1", "2", "2025-02-15", "2025-07-01", "120", None),
        ("2", "0", "2025-08-15", "2025-08-15", "0", "2025-06-01"),
        ("2", "1", "2025-06-15", "2025-06-15", "0", "2025-01-10"),
    ]
    assert {(row["status_date"], row["currency"]) for row in kept} == {("2025-06-30", "MXN")}


NO_ORDER = "which baseline came first is not known: "


@pytest.mark.parametrize(
    ("moments", "chosen", "expected", "said"),
    [
        (
            {0: JUNE, 1: JANUARY, 2: MARCH},
            None,
            [("0", "2025-01-10", 1, "100"), ("1", "2025-03-05", 2, "120"), ("2", "2025-06-01", 0, "150")],
            "the plain Baseline (saved on 2025-06-01), Baseline 1 (saved on 2025-01-10), Baseline 2 (saved on",
        ),
        (
            {0: JANUARY, 1: MARCH, 2: JUNE},
            None,
            [("0", "2025-01-10", 0, "150")],
            "saved after the one used, so not in its place: Baseline 1, Baseline 2.",
        ),
        (
            {0: JANUARY, 1: MARCH, 2: JUNE},
            1,
            [("0", "2025-01-10", 0, "150"), ("1", "2025-03-05", 1, "100")],
            "saved after the one used, so not in its place: Baseline 2.",
        ),
        ({0: JUNE, 1: JANUARY}, None, [("0", "2025-06-01", 0, "150")], f"{NO_ORDER}the file does not say of"),
        ({1: JANUARY}, None, [], "the file does not say when its baseline was saved."),
        (
            {0: JUNE, 1: JUNE, 2: MARCH},
            None,
            [("0", "2025-06-01", 0, "150")],
            f"{NO_ORDER}some were saved at",
        ),
        ({0: JUNE, 1: JANUARY, 2: MARCH}, 7, [], "none was used: the mapping asks for Baseline 7"),
    ],
    ids=[
        "in order",
        "the first counts",
        "the second",
        "one undated",
        "current undated",
        "one moment",
        "none",
    ],
)
def test_the_earliest_is_the_original(
    tmp_path: Path,
    saved: dict[int, str],
    moments: dict[int, str],
    chosen: int | None,
    expected: list[tuple[str, str, int, str]],
    said: str,
) -> None:
    saved |= moments
    sheets = read(plan(tmp_path, *THREE), chosen)
    found = [
        (row["baseline_no"], row["approved_on"], row["baseline_finish"], row["baseline_cost"])
        for row in rows(sheets, "baselines")
    ]
    last = {0: "2025-08-15", 1: "2025-06-15", 2: "2025-07-01"}
    assert found == [(no, day, last[number], cost) for no, day, number, cost in expected]
    assert said in notes(sheets)


STANDS, UNKNOWN = "The one used stands as the original, too.", "The original stays unknown until a register"


@pytest.mark.parametrize(
    ("moments", "is_kept"),
    [
        ({0: JUNE, 1: JANUARY}, True),
        ({0: JUNE, 1: JUNE, 2: MARCH}, True),
        ({1: JANUARY, 2: MARCH}, False),
        ({}, False),
    ],
    ids=["one undated", "one moment", "current undated", "none dated"],
)
def test_the_note_says_whether_an_original_is_kept(
    tmp_path: Path, saved: dict[int, str], moments: dict[int, str], is_kept: bool
) -> None:
    saved |= moments
    path = plan(tmp_path, *THREE)
    said = notes(read(path))
    assert (STANDS in said, UNKNOWN in said) == (is_kept, not is_kept)
    con = stored(tmp_path, path)
    kept = con.execute("select baseline_no, baseline_cost from mart_baseline").fetchall()
    assert kept == ([(0, 150)] if is_kept else [])
    finish = con.execute("select original_baseline_finish from mart_project_status").fetchall()
    assert finish == [(date(2025, 8, 15),)]


def test_a_milestones_original_date_is_the_original_baselines(tmp_path: Path, saved: dict[int, str]) -> None:
    saved |= {0: JUNE, 1: JANUARY, 2: MARCH}
    (milestone,) = rows(read(plan(tmp_path, *THREE)), "milestones")
    assert (milestone["original_date"], milestone["baseline_date"]) == ("2025-06-15", "2025-08-15")


A, B, C = "one plan", "another", "a third"


@pytest.mark.parametrize(
    ("moments", "current", "plans", "sequence"),
    [
        ({0: JANUARY}, 0, {0: A}, (0,)),
        ({0: None}, 0, {0: A}, (0,)),
        ({0: JUNE, 1: JANUARY}, 0, {0: B, 1: A}, (1, 0)),
        ({0: JANUARY, 1: JANUARY, 2: JUNE}, 2, {0: A, 1: A, 2: B}, (0, 2)),
        ({0: JANUARY, 1: JANUARY}, 0, {0: A, 1: A}, (1,)),
        ({0: JUNE, 1: JANUARY, 2: MARCH}, 0, {0: A, 1: A, 2: B}, (1, 2, 0)),
        ({0: MARCH, 1: JANUARY, 2: JUNE}, 0, {0: B, 1: A, 2: C}, (1, 0)),
        ({1: JANUARY}, None, {1: A}, ()),
    ],
    ids=[
        "one",
        "undated",
        "two",
        "a copy",
        "nothing but a copy",
        "back to the first",
        "a later one",
        "unknown",
    ],
)
def test_sequence(
    moments: dict[int, str | None], current: int | None, plans: dict[int, str], sequence: tuple[int, ...]
) -> None:
    assert Baselines(moments, current, current or 0, "default").sequence(plans)[0] == sequence


@pytest.mark.parametrize("path", sorted(OWN.glob("*baseline*.*")), ids=lambda path: path.name)
def test_every_baseline_is_as_mpxj_reads_it(path: Path) -> None:
    sheets = read(path)
    kept = {
        (row["task_uid"], int(row["baseline_no"])): (row["baseline_start"], row["baseline_finish"])
        for row in rows(sheets, "task_baselines")
    }
    project = jpype.JClass("org.mpxj.reader.UniversalProjectReader")().read(str(path))
    expected = {
        (str(task.getUniqueID()), number): (_day(task, "Start", number), _day(task, "Finish", number))
        for task in project.getTasks()
        for number in range(11)
    }
    assert any(kept.values())
    assert {key: kept.get(key, (None, None)) for key in expected} == expected


def _day(task: Any, end: str, number: int) -> str | None:
    moment = getattr(task, f"getBaseline{end}")(*((number,) if number else ()))
    return None if moment is None else str(moment)[:10]


def stored(folder: Path, *sources: Path, mapping: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The store after one more load, in which nothing is refused."""
    result = load(sources, folder / "store", mapping=mapping)
    assert result.rejects == ()
    return store.open_current(folder / "store").cursor()


TABLES = ("projects", "baselines", "tasks", "task_baselines", "milestones")


def held(con: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    return {name: con.execute(f"from {name} order by all").fetchall() for name in TABLES}


def test_the_same_file_again_changes_nothing(tmp_path: Path, saved: dict[int, str]) -> None:
    saved |= {0: JUNE, 1: JANUARY, 2: MARCH}
    path = plan(tmp_path, *THREE)
    before = held(stored(tmp_path, path))
    assert [len(before[name]) for name in TABLES] == [1, 3, 2, 5, 1]
    assert held(stored(tmp_path, path)) == before


def test_re_baselining_hides_no_slip(tmp_path: Path, saved: dict[int, str]) -> None:
    saved |= {0: JUNE, 1: JANUARY, 2: MARCH}
    con = stored(tmp_path, plan(tmp_path, *THREE))
    found = con.execute(
        "select baseline_finish, original_baseline_finish, slip_days, slip_days_original, rebaseline_count"
        " from mart_project_status"
    ).fetchall()
    assert found == [(date(2025, 8, 15), date(2025, 6, 15), 46, 107, 2)]
    found = con.execute("select slip_days, slip_days_original from mart_milestone_slip").fetchall()
    assert found == [(46, 107)]


def test_the_mapping_chooses_and_the_load_says_so(tmp_path: Path) -> None:
    path = plan(tmp_path, *THREE)
    mapping = tmp_path / "mine.toml"
    mapping.write_text('[[file]]\nmatch = "*.xml"\nbaseline = 2\n', "utf-8")
    stored(tmp_path, path)
    con = stored(tmp_path, path, mapping=mapping)
    finishes = con.execute("select baseline_finish from tasks order by task_uid").fetchall()
    assert finishes == [(date(2025, 7, 1),), (None,)]
    notes = con.execute("select notes from loads order by load_id desc limit 1").fetchall()[0][0]
    assert "Baseline 2 was used: the mapping chose it." in notes
