"""Real projects whose numbers are known from elsewhere, loaded like everybody's: load → store → mart.

The public files lie beside the project, not in it; where they are absent these tests are skipped. The baseline dates
and the second opinion on DCMA counts run on schedules of the project's own as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import jpype
import pytest
from python_calamine import CalamineWorkbook

from loaders import store
from loaders.pipeline import load
from tests.metrics.timeline import rows

ROOT = Path(__file__).parents[1]
MAPPINGS = ROOT / "data" / "mappings"
OWN = ROOT / "tests" / "data" / "schedules"
PUBLIC = ROOT.parent / "shared" / "data"


def public(name: str) -> Path:
    path = PUBLIC / name
    if not path.exists():
        pytest.skip(f"the public file {name} does not lie beside the project")
    return path


def opened(
    folder: Path, *deliveries: Sequence[Path], mapping: str | None = None
) -> duckdb.DuckDBPyConnection:
    """The store after these deliveries, one load each; nothing is refused."""
    for files in deliveries:
        result = load(files, folder / "store", mapping=MAPPINGS / mapping if mapping else None)
        assert not result.rejects, result.rejects[:3]
    return store.open_current(folder / "store").cursor()


@pytest.mark.shared
def test_an_airport_project_ends_late_with_an_spi_of_one(tmp_path: Path) -> None:
    """Planned for nine months, done in thirteen; the indices are the workbook's own PV, EV and AC."""
    workbook = public("evm_castor00/EV_input.xlsx")
    con = opened(tmp_path, [workbook], mapping="evm_castor00.toml")
    found = rows(con, "from mart_earned_value order by status_date")
    sheet = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()[1:]
    assert len(found) == len(sheet) == 13
    for row, (month, cost, planned, earned) in zip(found, sheet, strict=True):
        assert (float(row["ev"]), float(row["ac"])) == (
            pytest.approx(1000 * earned),
            pytest.approx(1000 * cost),
        )
        assert row["cpi"] == pytest.approx(earned / cost, rel=1e-12), month
        assert row["spi"] == pytest.approx(earned / planned, rel=1e-12), month
        assert (row["actual_time"], row["planned_duration"], float(row["bac"])) == (month, 9, 360738)
    sixth, last = found[5], found[12]
    expected = {
        "earned_schedule": 5.6002,
        "spi_t": 0.9334,
        "ieac_t_pf1": 9.3998,
        "spi": 0.8885,
        "cpi": 1.0343,
    }
    assert {column: sixth[column] for column in expected} == pytest.approx(expected, abs=5e-5)
    expected = {"earned_schedule": 9, "spi": 1.0, "spi_t": 0.6923, "cpi": 1.0325, "ieac_t_pf1": 13}
    assert {column: last[column] for column in expected} == pytest.approx(expected, abs=5e-5)


@pytest.mark.shared
def test_the_finish_of_a_real_pair_moves_by_twelve_days_and_no_baseline_is_made_up(tmp_path: Path) -> None:
    pair = [[public(f"schedules_github/abusen333__schools_{name}.xer")] for name in ("Baseline", "Updated")]
    con = opened(tmp_path, *pair, mapping="schools_xer.toml")
    found = rows(con, "from mart_project_status order by status_date")
    assert [row["project_id"] for row in found] == ["schools"] * 2
    assert [row["status_date"] for row in found] == [date(2018, 1, 1), date(2018, 10, 9)]
    assert [row["forecast_finish"] for row in found] == [date(2019, 3, 29), date(2019, 4, 10)]
    assert [row["forecast_moved_days"] for row in found] == [None, 12]
    assert {(row["baseline_finish"], row["slip_days"], row["bei"]) for row in found} == {(None, None, None)}
    assert con.execute("select count(*), count(baseline_finish) from tasks").fetchall()[0][1] == 0


Planned = tuple[date | None, date | None]


def mpxj_baselines(path: Path) -> dict[tuple[str, int], Planned]:
    """Every baseline of each task, by the task's number and the baseline's, as MPXJ itself reads it."""
    project = jpype.JClass("org.mpxj.reader.UniversalProjectReader")().read(str(path))
    return {
        (str(task.getUniqueID()), number): (
            _day(task.getBaselineStart(*numbered)),
            _day(task.getBaselineFinish(*numbered)),
        )
        for task in project.getTasks()
        for number, numbered in ((n, (n,) if n else ()) for n in range(11))
    }


def _day(moment: Any) -> date | None:
    return None if moment is None else date.fromisoformat(str(moment)[:10])


BASELINED = (
    *("mpp9baseline.mpp", "mpp12baseline.mpp", "mpp12baselines.mpp", "mpp14timephased2.mpp"),
    *(
        f"generated__task-baselines__task-baselines-project{version}"
        for version in (
            "2000-mpp9.mpp",
            "2003-mspdi.xml",
            "2007-mpp12.mpp",
            "2010-mpp14.mpp",
            "2019-mspdi.xml",
        )
    ),
)
SECOND_OPINION = """
    with task as (
        select *, actual_finish is null and coalesce(percent_complete, 0) < 1 as is_open
        from tasks
        where project_id = $project and coalesce(task_kind, 'discrete') not in ('summary', 'level_of_effort')
    ), link as (
        from task_links where project_id = $project
    )
    select
        count(*) filter (
            is_open
            and not (task_uid in (select successor_uid from link) and task_uid in (select predecessor_uid from link))
        ) as logic,
        (select count(*) from link where lag_days < 0) as leads,
        count(*) filter (is_open and total_slack_days > 44) as high_float,
        count(*) filter (is_open and total_slack_days < 0) as negative_float,
        count(*) filter (is_open and duration_days > 44) as high_duration,
        count(*) filter (
            baseline_finish <= status_date and coalesce(actual_finish, finish) > baseline_finish
        ) as missed_tasks
    from task
"""


def agree(con: duckdb.DuckDBPyConnection) -> int:
    """Compare the offenders of every project with a count over its tasks; how many counts were compared."""
    compared = 0
    for (project,) in con.execute("select distinct project_id from tasks order by 1").fetchall():
        found = rows(con, "from mart_schedule_quality where project_id = $project", {"project": project})
        counted = rows(con, SECOND_OPINION, {"project": project})[0]
        for check in found:
            if check["check_id"] in counted and check["applicable"]:
                name = check["check_id"]
                assert (project, name, check["counted"]) == (project, name, counted[name])
                compared += 1
    return compared


def same_baselines(con: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> dict[int, int]:
    """Compare baseline dates task by task with MPXJ's; how many tasks each number dates.

    The plain Baseline counts as the current one, nothing where it is empty, and all are kept.
    """
    dated: Counter[int] = Counter()
    for path in paths:
        read = mpxj_baselines(path)
        current = con.execute(
            "select task_uid, baseline_start, baseline_finish from tasks where file = ?", [path.name]
        ).fetchall()
        assert current, path.name
        assert {uid: (start, finish) for uid, start, finish in current} == {
            uid: read[uid, 0] for uid, *_ in current
        }
        kept = con.execute(
            "select task_uid, baseline_no, baseline_start, baseline_finish from task_baselines where file = ?",
            [path.name],
        ).fetchall()
        known = {(uid, number): planned for (uid, number), planned in read.items() if any(planned)}
        assert {(uid, no): (start, finish) for uid, no, start, finish in kept if start or finish} == known
        dated.update(number for _, number in known)
    return dated


def test_schedules_of_our_own(tmp_path: Path) -> None:
    numbered = OWN / "generated__task-baselines__task-baselines-project2003-mspdi.xml"
    files = [
        OWN / "mpp12baseline.mpp",
        OWN / "mpp14timephased2.mpp",
        numbered,
        OWN / "PredecessorCalendar.xer",
    ]
    con = opened(tmp_path, files)
    dated = same_baselines(con, files[:3])
    assert dated[0] > 5
    assert all(dated[number] for number in range(11))
    assert agree(con) >= 9


@pytest.mark.shared
def test_public_schedules(tmp_path: Path) -> None:
    baselined = [
        public(f"mpxj_corpus/{name}") for name in BASELINED if (PUBLIC / "mpxj_corpus" / name).exists()
    ]
    if not baselined:
        pytest.skip("the public schedules do not lie beside the project")
    others = [
        public(f"schedules_github/{n}__{t}.mpp") for n, t in (("dcma", "sample"), ("si304_BR", "Cronograma"))
    ]
    con = opened(tmp_path, [*baselined, *others])
    dated = same_baselines(con, [*baselined, *others])
    assert dated[0] > 50
    assert all(dated[number] > 10 for number in range(1, 11))
    assert agree(con) >= 15
