"""Schedule files → contract tables."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jpype
import pytest

from loaders.errors import MappingError, UnreadableFile
from loaders.readers.base import ROW
from loaders.readers.schedule import COLUMNS, SUFFIXES, read_schedule

ROOT = Path(__file__).parents[3]
FILES = ROOT / "tests" / "data" / "schedules"
SHARED = ROOT.parent / "shared" / "data"

BASELINED = "mpp14timephased2.mpp"
LINKED = "generated__task-links__task-links-project2010-mspdi.xml"
PERCENT = "generated__task-percentcomplete__percent-complete-8.4.xer"
OLD_MPX = "generated__task-costs__task-costs-project98.mpx"

Rows = dict[str, list[dict[str, Any]]]


def read(path: Path, project_id: str | None = None) -> Rows:
    sheets = read_schedule(path, path.name, project_id)
    return {str(sheet.target): sheet.table.to_pylist() for sheet in sheets}


def notes(path: Path) -> str:
    return " ".join(note for sheet in read_schedule(path, path.name) for note in sheet.notes)


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the public file {name} is not beside the project")
    return path


def by_uid(rows: Rows) -> dict[str, dict[str, Any]]:
    return {row["task_uid"]: row for row in rows["tasks"]}


def xer(tmp_path: Path, *tables: str, name: str = "plan.xer", encoding: str = "cp1252") -> Path:
    """An export with the given tables, each `NAME|columns|row|row` with ; between the cells."""
    lines = ["ERMHDR\t19.12\t2024-03-01\tProject\tadmin\tadmin\tdb\tProject Management\tUSD"]
    for table in tables:
        title, columns, *rows = table.split("|")
        lines += [f"%T\t{title}", "%F\t" + columns.replace(";", "\t")]
        lines += ["%R\t" + row.replace(";", "\t") for row in rows]
    path = tmp_path / name
    path.write_bytes("\r\n".join([*lines, "%E", ""]).encode(encoding))
    return path


PROJECT_COLUMNS = "proj_id;proj_short_name;clndr_id;last_recalc_date;export_flag"
CALENDAR = "CALENDAR|clndr_id;default_flag;clndr_name;clndr_type;day_hr_cnt;week_hr_cnt|1;Y;Ten;CA_Base;10;50"
WBS_COLUMNS = "wbs_id;proj_id;seq_num;proj_node_flag;wbs_short_name;wbs_name;parent_wbs_id"
TASK_COLUMNS = (
    "task_id;proj_id;wbs_id;clndr_id;task_code;task_name;task_type;status_code;complete_pct_type;phys_complete_pct;"
    "target_drtn_hr_cnt;remain_drtn_hr_cnt;total_float_hr_cnt;"
    "target_start_date;target_end_date;early_start_date;early_end_date;act_start_date;act_end_date;cstr_type"
)
WORK = "2024-03-04 08:00;2024-03-05 18:00;2024-03-04 08:00;2024-03-05 18:00"
MOMENT = "2024-03-05 18:00;2024-03-05 18:00;2024-03-05 18:00;2024-03-05 18:00"


def two_projects(tmp_path: Path, **options: str) -> Path:
    return xer(
        tmp_path,
        f"PROJECT|{PROJECT_COLUMNS}|1;RAN-1;1;2024-03-01 00:00;Y|2;CORE-2;1;2024-03-08 00:00;Y",
        CALENDAR,
        f"PROJWBS|{WBS_COLUMNS}|10;1;1;Y;RAN-1;Instalación;|20;2;1;Y;CORE-2;Núcleo;",
        f"TASK|{TASK_COLUMNS}"
        f"|100;1;10;1;A10;Diseño;TT_Task;TK_NotStart;CP_Phys;0;20;20;30;{WORK};;;CS_MEO"
        f"|101;1;10;1;A20;Aceptación;TT_FinMile;TK_NotStart;CP_Phys;0;0;0;0;{MOMENT};;;"
        f"|102;1;10;1;A30;Seguimiento;TT_LOE;TK_NotStart;CP_Phys;0;20;20;0;{WORK};;;"
        f"|200;2;20;1;A10;Pruebas;TT_Task;TK_NotStart;CP_Phys;0;20;20;0;{WORK};;;",
        "TASKPRED|task_pred_id;task_id;pred_task_id;proj_id;pred_proj_id;pred_type;lag_hr_cnt"
        "|1;101;100;1;1;PR_FS;15|2;200;101;2;1;PR_SS;0",
        **options,
    )


def test_columns_are_the_contracts() -> None:
    contract = tomllib.loads((ROOT / "loaders" / "contract.toml").read_text("utf-8"))
    for table, columns in COLUMNS.items():
        accepted = {*contract[table]["columns"], "status_date"}
        assert set(columns) <= accepted, table
    assert set(COLUMNS["tasks"]) == set(contract["tasks"]["columns"])
    assert set(COLUMNS["task_links"]) == set(contract["task_links"]["columns"])
    assert set(COLUMNS["task_baselines"]) == set(contract["task_baselines"]["columns"])


def test_mpp_with_a_baseline() -> None:
    rows = read(FILES / BASELINED)
    assert rows["projects"] == [
        {
            "project_id": "mpp14timephased2",
            "name": "mpp14timephased2",
            "valid_from": None,
            "currency": "GBP",
            "baseline_start": "2011-12-07",
            "baseline_finish": "2011-12-21",
            ROW: 1,
        }
    ]
    assert rows["baselines"] == [
        {
            "project_id": "mpp14timephased2",
            "status_date": "2011-12-07",
            "baseline_no": "0",
            "approved_on": "2011-12-07",
            "baseline_start": "2011-12-07",
            "baseline_finish": "2011-12-21",
            "baseline_cost": "11100",
            "currency": "GBP",
            ROW: 1,
        }
    ]
    assert by_uid(rows)["2"] == {
        "project_id": "mpp14timephased2",
        "status_date": "2011-12-07",
        "task_uid": "2",
        "wbs": "2",
        "name": "Partially complete task",
        "outline_level": "1",
        "task_kind": "discrete",
        "is_critical": "false",
        "baseline_start": "2011-12-07",
        "baseline_finish": "2011-12-20",
        "start": "2011-12-07",
        "finish": "2011-12-20",
        "actual_start": "2011-12-07",
        "actual_finish": None,
        "percent_complete": "0.1",
        "duration_days": "10",
        "total_slack_days": "1",
        "constraint_type": "AS_SOON_AS_POSSIBLE",
        "baseline_cost": "960",
        "cost": "960",
        "actual_cost": "96",
        "currency": "GBP",
        "resource_count": "1",
        ROW: 2,
    }


def test_the_project_summary_is_a_summary_even_without_name_or_children() -> None:
    (task,) = read(FILES / "empty.mpx")["tasks"]
    assert (task["task_kind"], task["outline_level"], task["name"], task[ROW]) == (
        "summary",
        "0",
        "Project1",
        0,
    )


def test_blank_lines_are_skipped_and_rows_keep_their_numbers() -> None:
    tasks = read(FILES / "mpp9nulltasks.mpp")["tasks"]
    assert [task[ROW] for task in tasks] == [0, 1, 3, 4, 6, 8]
    assert {task["duration_days"] for task in tasks} == {"10"}


def test_a_task_without_a_name_goes_by_its_wbs_number(tmp_path: Path) -> None:
    text = (FILES / LINKED).read_text("utf-8")
    path = tmp_path / "plan.xml"
    path.write_text(text.replace("<Name>Task 2</Name>", "", 1), "utf-8")
    assert [row["name"] for row in read(path)["tasks"]][:3] == ["plan", "Task 1", "2"]
    assert "tasks without a name, shown by their WBS number: 1." in notes(path)


def test_inactive_tasks_and_their_links_are_left_out(tmp_path: Path) -> None:
    text = (FILES / LINKED).read_text("utf-8")
    path = tmp_path / "plan.xml"
    before, task, after = text.partition("<Name>Task 2</Name>")
    path.write_text(before + task + after.replace("<Active>1</Active>", "<Active>0</Active>", 1), "utf-8")
    rows = read(path)
    assert len(rows["tasks"]) == 16
    assert [row["successor_uid"] for row in rows["task_links"]][:2] == ["4", "6"]
    assert "inactive tasks left out: 1." in notes(path)


def test_links_of_every_type_with_lags_in_working_days() -> None:
    links = read(FILES / LINKED)["task_links"]
    found = [(row["predecessor_uid"], row["successor_uid"], row["type"], row["lag_days"]) for row in links]
    assert found == [
        ("1", "2", "FS", "0"),
        ("3", "4", "FS", "1"),
        ("5", "6", "FS", "2"),
        ("7", "8", "FS", "5"),
        ("9", "10", "FS", "10"),
        ("11", "12", "SF", "2"),
        ("13", "14", "SS", "2"),
        ("15", "16", "FF", "2"),
    ]


@pytest.mark.parametrize(
    ("lag", "lag_format", "days"),
    [("14400", "7", "3"), ("100800", "8", "5"), ("50", "19", "0.5"), ("-4800", "7", "-1")],
    ids=["working", "elapsed week", "half the predecessor", "lead"],
)
def test_lag_units(tmp_path: Path, lag: str, lag_format: str, days: str) -> None:
    text = (FILES / LINKED).read_text("utf-8")
    link = text[text.index("<PredecessorLink>") : text.index("</PredecessorLink>")]
    changed = link[: link.index("<LinkLag>")] + f"<LinkLag>{lag}</LinkLag><LagFormat>{lag_format}</LagFormat>"
    path = tmp_path / "plan.xml"
    path.write_text(text.replace(link, changed, 1), "utf-8")
    assert read(path)["task_links"][0]["lag_days"] == days


def test_milestones_carry_baseline_and_forecast() -> None:
    (milestone,) = read(FILES / "mpp12baseline.mpp")["milestones"]
    assert milestone == {
        "project_id": "mpp12baseline",
        "milestone_id": "5",
        "status_date": "2006-09-19",
        "name": "Complete",
        "kind": None,
        "original_date": None,
        "baseline_date": "2006-09-13",
        "forecast_date": "2006-09-14",
        "actual_date": None,
        ROW: 7,
    }


def test_a_baseline_without_its_date_makes_no_baselines_row() -> None:
    rows = read(FILES / "mpp12baseline.mpp")
    assert "baselines" not in rows
    assert rows["projects"][0]["baseline_finish"] == "2006-09-13"
    said = notes(FILES / "mpp12baseline.mpp")
    assert "does not say when its baseline was saved" in said
    assert "6 of 9 tasks have a baseline" in said


@pytest.mark.parametrize("name", ["PredecessorCalendar.xer", "PredecessorCalendar.xml", PERCENT])
def test_primavera_without_a_baseline_project_has_no_baseline_dates(name: str) -> None:
    rows = read(FILES / name)
    assert "baselines" not in rows
    assert {row[column] for row in rows["tasks"] for column in ("baseline_start", "baseline_cost")} == {None}
    assert rows["projects"][0]["baseline_start"] is None
    assert "carries no copy of a baseline" in notes(FILES / name)


def test_primavera_xml_with_its_baseline_project(tmp_path: Path) -> None:
    text = (FILES / "PredecessorCalendar.xml").read_text("utf-8")
    start, end = text.rindex("<Project>"), text.rindex("</Project>") + len("</Project>")
    project, own = text[start:end], "<ObjectId>34136</ObjectId>"
    saved = "<LastBaselineUpdateDate>2020-12-15T09:00:00</LastBaselineUpdateDate>"
    baseline = project.replace("Project>", "BaselineProject>").replace("<Id>201020<", "<Id>201020-B1<")
    baseline = baseline.replace(own, f"<ObjectId>99</ObjectId>{saved}").replace("34136</", "99</")
    copy_of = "<ObjectId>99</ObjectId><OriginalProjectObjectId>34136</OriginalProjectObjectId>"
    baseline = baseline.replace("<ObjectId>99</ObjectId>", copy_of)
    baseline = baseline.replace("2021-05-18T08:00:00", "2021-04-30T08:00:00")
    linked = own + "<CurrentBaselineProjectObjectId>99</CurrentBaselineProjectObjectId>"
    path = tmp_path / "plan.xml"
    path.write_text(text[:start] + project.replace(own, linked) + baseline + text[end:], "utf-8")
    rows = read(path)
    assert [row["project_id"] for row in rows["projects"]] == ["201020"]
    assert by_uid(rows)["A1000"]["baseline_finish"] == "2021-04-30"
    (row,) = rows["baselines"]
    assert (row["baseline_finish"], row["approved_on"]) == ("2021-04-30", "2020-12-15")


def test_primavera_percent_complete_follows_each_activitys_own_kind() -> None:
    tasks = [row for row in read(FILES / PERCENT)["tasks"] if row["task_kind"] != "summary"]
    said = [(row["name"], row["percent_complete"]) for row in tasks]
    assert said == [
        (f"{kind} {percent}%", str(percent / 100).replace(".0", ""))
        for kind in ("Duration", "Physical", "Units")
        for percent in (0, 25, 75, 100)
    ]


def test_an_xer_with_two_projects(tmp_path: Path) -> None:
    rows = read(two_projects(tmp_path))
    assert [row["project_id"] for row in rows["projects"]] == ["RAN-1", "CORE-2"]
    kinds = [(row["project_id"], row["task_uid"], row["task_kind"]) for row in rows["tasks"]]
    assert [kind for kind in kinds if kind[2] != "summary"] == [
        ("RAN-1", "A10", "discrete"),
        ("RAN-1", "A20", "milestone"),
        ("RAN-1", "A30", "level_of_effort"),
        ("CORE-2", "A10", "discrete"),
    ]
    assert {row["project_id"]: row["status_date"] for row in rows["tasks"]} == {
        "RAN-1": "2024-03-01",
        "CORE-2": "2024-03-08",
    }
    links = [
        (r["project_id"], r["predecessor_uid"], r["successor_uid"], r["type"]) for r in rows["task_links"]
    ]
    assert links == [("RAN-1", "A10", "A20", "FS"), ("CORE-2", "RAN-1:A20", "A10", "SS")]


def test_primavera_days_are_those_of_the_activitys_calendar(tmp_path: Path) -> None:
    rows = read(two_projects(tmp_path))
    design = rows["tasks"][1]
    assert (design["name"], design["duration_days"], design["total_slack_days"]) == ("Diseño", "2", "3")
    assert design["constraint_type"] == "FINISH_ON"
    assert rows["tasks"][2]["constraint_type"] == "AS_SOON_AS_POSSIBLE"
    assert rows["task_links"][0]["lag_days"] == "1.5"


def test_a_completed_primavera_activity_has_no_slack(tmp_path: Path) -> None:
    path = xer(
        tmp_path,
        f"PROJECT|{PROJECT_COLUMNS}|1;RAN-1;1;2024-03-10 00:00;Y",
        CALENDAR,
        f"PROJWBS|{WBS_COLUMNS}|10;1;1;Y;RAN-1;Radio;",
        f"TASK|{TASK_COLUMNS}|100;1;10;1;A10;Hito;TT_FinMile;TK_Complete;CP_Phys;100;0;0;;"
        f"2024-03-05 18:00;2024-03-05 18:00;;;;2024-03-06 18:00;",
    )
    rows = read(path)
    task = rows["tasks"][1]
    assert (task["total_slack_days"], task["is_critical"], task["actual_finish"]) == (
        None,
        None,
        "2024-03-06",
    )
    (milestone,) = rows["milestones"]
    assert (milestone["actual_date"], milestone["forecast_date"]) == ("2024-03-06", None)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_accents_in_an_xer(tmp_path: Path, encoding: str) -> None:
    names = [row["name"] for row in read(two_projects(tmp_path, encoding=encoding))["tasks"]]
    assert {"Diseño", "Aceptación"} <= set(names)


def test_no_names_of_people_and_no_amounts_without_costs(tmp_path: Path) -> None:
    rows = read(two_projects(tmp_path))
    assert {row["cost"] for row in rows["tasks"]} == {None}
    assert not {"owner", "resource", "resource_name"} & set(rows["tasks"][0])


@pytest.mark.parametrize(
    ("name", "status_date", "stands_for_it"),
    [
        (BASELINED, "2011-12-07", "the day it was last saved"),
        (OLD_MPX, "2014-11-10", "its current date"),
        ("planner-sample.planner", None, "the mapping has to give one"),
    ],
)
def test_the_status_date_and_what_stands_for_it(
    name: str, status_date: str | None, stands_for_it: str
) -> None:
    assert {row["status_date"] for row in read(FILES / name)["tasks"]} == {status_date}
    assert stands_for_it in notes(FILES / name)


@pytest.mark.parametrize(
    ("name", "currency"),
    [
        (BASELINED, "GBP"),
        ("mpp12baseline.mpp", None),
        ("PredecessorCalendar.xer", None),
        (OLD_MPX, None),
    ],
    ids=["named", "contradicted by its sign", "the database's only", "sign only"],
)
def test_currency_is_known_only_where_the_file_names_it(name: str, currency: str | None) -> None:
    assert read(FILES / name)["projects"][0]["currency"] == currency


@pytest.mark.parametrize(
    ("stem", "project_id"),
    [("Cronograma Núcleo (México)", "cronograma-nucleo-mexico"), ("Zürich  plan_v2", "zurich-plan-v2")],
)
def test_any_file_name_and_the_id_made_of_it(tmp_path: Path, stem: str, project_id: str) -> None:
    path = tmp_path / f"{stem}.mpx"
    path.write_bytes((FILES / OLD_MPX).read_bytes())
    assert read(path)["projects"][0]["project_id"] == project_id


def test_the_mapping_may_name_the_project(tmp_path: Path) -> None:
    rows = read(FILES / PERCENT, project_id="ran-norte")
    assert {row["project_id"] for table in rows.values() for row in table} == {"ran-norte"}
    with pytest.raises(MappingError, match=r"plan\.xer holds 2 projects: remove the one project_id"):
        read(two_projects(tmp_path), project_id="ran-norte")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("plan.mpx", b"", "is empty: export it again"),
        ("plan.xer", b" \r\n", "is empty: export it again"),
        (
            "plan.xer",
            b"abc",
            "damaged or not a schedule, whatever its name says: export it again from Primavera P6",
        ),
        ("plan.mpp", b"Task;Start\n1;2", "damaged or not a schedule.*export it again from Microsoft Project"),
        ("plan.xml", b"<html/>", "damaged or not a schedule.*export it again from the program that made it"),
        ("plan.mpp", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "damaged or not a schedule"),
        ("plan.gan", b"<project", "damaged or not a schedule.*GanttProject"),
        ("plan.xer", b"ERMHDR\t19.12\r\n%T\tPROJECT\r\n%E\r\n", "damaged or not a schedule"),
    ],
    ids=["empty", "blank", "three bytes", "renamed", "other XML", "damaged", "cut off", "nothing in it"],
)
def test_what_is_no_schedule(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=sentence) as caught:
        read(tmp_path / name)
    assert_one_plain_sentence(str(caught.value), name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("password-protected-mpp9.mpp", "is protected by a password: save it without a password"),
        ("sample.de.mpx", "stops making sense at line 21: an MPX file has to come from an English edition"),
    ],
)
def test_what_is_refused_keeps_its_cause(name: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence) as caught:
        read(FILES / name)
    assert_one_plain_sentence(str(caught.value), name)
    assert isinstance(caught.value.__cause__, jpype.JException)


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.mpp").write_bytes((FILES / BASELINED).read_bytes()[:60_000])
    with pytest.raises(UnreadableFile, match="is damaged"):
        read(tmp_path / "plan.mpp")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="check that it exists"):
        read(tmp_path / "plan.mpp")


def test_xml_cannot_reach_other_files(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret", "utf-8")
    text = (FILES / LINKED).read_text("utf-8")
    body = text[text.index("<Project") :].replace("<Name>Task 1</Name>", "<Name>&leak;</Name>")
    declaration = f'<!DOCTYPE Project [<!ENTITY leak SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    path = tmp_path / "plan.xml"
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{declaration}{body}', "utf-8")
    try:
        said = str(read(path))
    except UnreadableFile as error:
        said = str(error)
    assert "the secret" not in said


def test_threads_share_one_runtime() -> None:
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: len(read(FILES / LINKED)["tasks"]), range(8)))
    assert counts == [17] * 8


def test_a_plain_locale_and_warnings_as_errors(tmp_path: Path) -> None:
    path = tmp_path / "Cronograma ñandú.mpx"
    path.write_bytes((FILES / OLD_MPX).read_bytes())
    code = (
        "import pathlib, sys; from loaders.readers.schedule import read_schedule;"
        f"print(len(read_schedule(next(pathlib.Path({str(tmp_path)!r}).glob('*.mpx')), 'plan.mpx')))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("2", "")


def test_mac_roman_is_pythons() -> None:
    read(FILES / OLD_MPX)
    every_byte = bytes(range(256))
    charset = jpype.JClass("java.nio.charset.Charset").forName("MacRoman")
    java_string = jpype.JClass("java.lang.String")
    decoded = java_string(jpype.JArray(jpype.JByte)(every_byte), charset)
    assert str(decoded) == every_byte.decode("mac_roman")
    assert bytes(java_string(every_byte.decode("mac_roman")).getBytes(charset)) == every_byte


@pytest.mark.shared
@pytest.mark.parametrize(
    ("original", "twin"),
    [
        ("si304_BR__Cronograma.mpp", "si304_BR_derived.xml"),
        ("empeniofacil_MX__Cronograma.mpp", "empeniofacil_MX_derived.xml"),
        ("abusen333__schools_Baseline.xer", "abusen333_Baseline_derived.xml"),
    ],
)
def test_the_same_plan_in_two_formats(original: str, twin: str) -> None:
    first = read(shared(f"schedules_github/{original}"))
    second = read(shared(f"derived_mspdi/{twin}"))
    same = ["status_date", "wbs", "name", "outline_level", "task_kind", "start", "finish", "percent_complete"]
    same += ["actual_start", "actual_finish", "duration_days", "total_slack_days", "is_critical"]
    same += ["constraint_type", "resource_count"]
    if not original.endswith(".xer"):
        same += ["task_uid", "baseline_start", "baseline_finish"]
    assert [[r[c] for c in same] for r in first["tasks"]] == [[r[c] for c in same] for r in second["tasks"]]
    links = [Counter((r["type"], r["lag_days"]) for r in rows["task_links"]) for rows in (first, second)]
    assert links[0] == links[1]


@pytest.mark.shared
def test_two_copies_of_a_primavera_project_share_their_activity_ids() -> None:
    before = read(shared("schedules_github/abusen333__schools_Baseline.xer"), project_id="schools")
    after = read(shared("schedules_github/abusen333__schools_Updated.xer"), project_id="schools")
    uids = [{row["milestone_id"] for row in rows["milestones"]} for rows in (before, after)]
    assert uids[0] == uids[1]
    assert len(uids[0]) == 6
    assert {row["project_id"] for rows in (before, after) for row in rows["tasks"]} == {"schools"}


@pytest.mark.shared
def test_a_stub_loads_without_a_status_date() -> None:
    rows = read(shared("schedules_bad/nmoghimi__sample_stub.xer"))
    assert [row["name"] is not None for row in rows["tasks"]] == [True] * 3
    assert {row["status_date"] for row in rows["tasks"]} == {None}


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["schedules_github", "mpxj_corpus", "derived_mspdi", "schedules_bad"])
def test_every_public_file_loads_or_says_why(folder: str) -> None:
    for path in sorted(shared(folder).iterdir()):
        if path.suffix.lower() not in SUFFIXES:
            continue
        try:
            rows = read(path)
        except UnreadableFile as error:
            assert_one_plain_sentence(str(error), path.name)
            continue
        uids = [(row["project_id"], row["task_uid"]) for row in rows["tasks"]]
        assert len(uids) == len(set(uids)), path.name
        ends = {uid for _, uid in uids}
        links = rows.get("task_links", [])
        assert {row["successor_uid"] for row in links} <= ends, path.name
        assert all(row["name"] for row in rows["tasks"]), path.name


def assert_one_plain_sentence(message: str, name: str) -> None:
    assert message.startswith(name)
    assert message.endswith(".")
    assert "\n" not in message
    assert not any(word in message for word in ("Exception", "org.", "java", "Error"))
