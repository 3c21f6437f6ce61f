"""Folders as they arrive: which file is which table, what is left out, and what is said of it."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from loaders.batch import Batch, FileReport
from loaders.errors import LoadError, MappingError
from loaders.intake import read_sources
from locales import languages, translator
from tests.loaders.sheets import taken_in

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
SCHEDULES = ROOT / "tests" / "data" / "schedules"
MAPPINGS = ROOT / "data" / "mappings"
RISKS = "project_id,risk_id,status_date,kind,title\n"
ONE_RISK = f"{RISKS}P1,R1,2025-08-31,risk,Permits\n"
T = translator("en")

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the public data is not beside the project")


def folder(place: Path, **files: str | bytes) -> Path:
    """Files by name; two underscores stand for the point of a suffix, three for a folder."""
    for name, content in files.items():
        path = place / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return place


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("risks.csv", "risks"),
        ("RISKS.CSV", "risks"),
        ("risks_2025-08.csv", "risks"),
        ("Riesgos y oportunidades.csv", "risks"),
        ("mx/risks.csv", "risks"),
        ("risks.tsv", "risks"),
        ("anything.csv", None),
        ("my risks.csv", None),
    ],
)
def test_a_file_is_named_after_its_table(tmp_path: Path, name: str, table: str | None) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ONE_RISK, encoding="utf-8")
    kept, refused, _ = taken_in(tmp_path)
    assert [*kept] == ([table] if table else [])
    assert [r.reason for r in refused] == ([] if table else ["no_table"])


def test_a_refused_name_is_told_what_to_write(tmp_path: Path) -> None:
    _, (reject,), _ = taken_in(folder(tmp_path, riskss__csv=ONE_RISK))
    assert "rename the file or sheet, for instance risks" in reject.sentence(T)


@pytest.mark.parametrize("language", languages())
def test_headings_and_values_in_any_language(tmp_path: Path, language: str) -> None:
    t = translator(language)
    headings = [
        t.label("column", c) for c in ("project_id", "risk_id", "status_date", "kind", "title", "probability")
    ]
    row = ["P1", "R1", "2025-08-31", t.label("value", "risk").upper(), "x", "0.5"]
    kept, refused, notes = taken_in(
        folder(tmp_path, risks__csv=";".join(headings) + "\n" + ";".join(row) + "\n")
    )
    assert (refused, notes) == ([], [])
    assert (kept["risks"][0]["kind"], kept["risks"][0]["probability"]) == ("risk", 0.5)


def test_a_name_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    folder(tmp_path, risks__csv=ONE_RISK)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/risks_\xe9.csv")).write_text(ONE_RISK)
    kept, (reject,), _ = taken_in(tmp_path)
    assert [*kept] == ["risks"]
    assert reject.sentence(T).startswith(
        "risks_\ufffd.csv has characters in its name that are no text: rename"
    )


def test_a_table_that_is_only_in_a_hidden_sheet_is_a_sentence(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "august.xlsx")) as workbook:
        workbook.add_worksheet("Cover").write(0, 0, "Steering")
        hidden = workbook.add_worksheet("risks")
        hidden.write_row(0, 0, RISKS.strip().split(","))
        hidden.hide()
    _, (reject,), _ = taken_in(tmp_path)
    assert "nothing but the hidden sheet risks to load" in reject.sentence(T)


def test_what_is_no_data_is_left_alone(tmp_path: Path) -> None:
    folder(
        tmp_path, risks__csv=ONE_RISK, README__md="x", notes__md="x", slides__pptx="x", LICENSE="x",
        **{".hidden.csv": "x", ".git___config.csv": "x", "~$risks.xlsx": "x"},
    )  # fmt: skip
    kept, refused, _ = taken_in(tmp_path)
    assert ([*kept], refused) == (["risks"], [])


@pytest.mark.parametrize(
    ("place", "said"), [("nowhere", "does not exist: check the path"), ("empty", "There is nothing to load")]
)
def test_a_source_that_is_not_there(tmp_path: Path, place: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(LoadError, match=said):
        taken_in(tmp_path / place)


def test_a_single_file_is_a_source(tmp_path: Path) -> None:
    kept, _, _ = taken_in(folder(tmp_path, risks__csv=ONE_RISK) / "risks.csv")
    assert kept["risks"][0]["file"] == "risks.csv"


def test_files_keep_their_place_in_the_folder(tmp_path: Path) -> None:
    kept, _, _ = taken_in(folder(tmp_path, mx___risks__csv=ONE_RISK))
    assert kept["risks"][0]["file"] == "mx/risks.csv"


def test_two_sources_with_files_of_one_name(tmp_path: Path) -> None:
    folder(tmp_path, jul___risks__csv=ONE_RISK.replace("-08-31", "-07-31"), aug___risks__csv=ONE_RISK)
    places = [tmp_path / "jul", tmp_path / "aug", tmp_path / "aug" / "risks.csv"]
    found = list(read_sources(places))
    assert [f.file for f in found if isinstance(f, FileReport)] == ["jul/risks.csv", "aug/risks.csv"]
    assert [f.rows.num_rows for f in found if isinstance(f, Batch)] == [2]


def test_progress_is_told_file_by_file(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    list(read_sources([folder(tmp_path, risks__csv=ONE_RISK)], progress=lambda *step: told.append(step)))
    assert told == [("risks.csv", 0, 1), ("risks", 1, 1)]


def test_the_newest_truth_of_many_files_is_checked_together(tmp_path: Path) -> None:
    for month in (6, 7, 8):
        folder(tmp_path, **{f"risks_{month}__csv": ONE_RISK.replace("-08-31", f"-0{month}-30")})
    batches = [found for found in read_sources([tmp_path]) if isinstance(found, Batch)]
    assert [(b.rows.num_rows, len(b.parts)) for b in batches] == [(3, 3)]


# -- mappings on the way ---------------------------------------------------------------------------------------

MAPPING = """
source = "pmo"
ignore = ["old/*"]
[[file]]
match = "R*.csv"
status_date = { file_name = '(?P<year>\\d{4})-(?P<month>\\d\\d)' }
delivered_at = 2025-09-03
[[file.table]]
table = "risks"
[file.table.columns]
project_id = "Proyecto"
risk_id = "Clave*"
kind = { from = "Tipo", values = { "Amenaza" = "risk" } }
title = ["Descripción", "Título"]
owner = { from = ["Nombre", "Apellido"], join = " " }
"""


def test_a_mapping_in_the_folder_is_found(tmp_path: Path) -> None:
    folder(
        tmp_path,
        mapping__toml=MAPPING,
        old___R__csv="x",
        **{
            "R 2025-08__csv": "Proyecto,Clave (PMO),Tipo,Título,Nombre,Apellido,Otro\nP1,R1,amenaza,Permisos,Ana,Paz,x\n"
        },
    )
    (report, batch) = list(read_sources([tmp_path]))
    assert isinstance(batch, Batch)
    (row,) = batch.rows.to_pylist()
    assert (row["risk_id"], row["kind"], row["title"], row["owner"]) == ("R1", "risk", "Permisos", "Ana Paz")
    assert (row["status_date"], batch.source, batch.delivered_at) == (
        date(2025, 8, 31),
        "pmo",
        datetime(2025, 9, 3),
    )
    assert report.notes == ("not mapped: Otro",)  # type: ignore[union-attr]


def test_a_heading_that_a_mapping_misses_is_noted_or_refused(tmp_path: Path) -> None:
    folder(tmp_path, mapping__toml=MAPPING, **{"R 2025-08__csv": "Proyecto,Tipo,Título\nP1,Amenaza,x\n"})
    kept, (reject,), notes = taken_in(tmp_path)
    assert (reject.reason, reject.column, reject.row, kept["risks"]) == ("missing_column", "Clave*", None, [])
    assert "no heading 'Nombre' or 'Apellido' for owner" in notes


def test_a_mapping_that_fits_nothing_says_so(tmp_path: Path) -> None:
    path = folder(tmp_path, m___my__toml=MAPPING) / "m" / "my.toml"
    with pytest.raises(MappingError, match=r"none of its sections matches a file .* 'R\*\.csv'"):
        taken_in(folder(tmp_path / "in", other__csv="a\n1\n"), path)


def test_a_sheet_that_a_mapping_names_has_to_be_there(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "PMO.xlsx")) as workbook:
        workbook.add_worksheet("Otra").write(0, 0, "x")
    text = '[[file]]\nmatch = "*.xlsx"\n[[file.table]]\nsheet = "Hitos"\ntable = "milestones"\n'
    _, (reject,), _ = taken_in(folder(tmp_path, mapping__toml=text))
    assert "has no sheet Hitos, where its mapping looks for milestones" in reject.sentence(T)
    _, refused, _ = taken_in(folder(tmp_path, mapping__toml=f"{text}optional = true\n"))
    assert [r.reason for r in refused] == ["no_rows"]


def test_period_columns_become_rows(tmp_path: Path) -> None:
    folder(
        tmp_path,
        hours__csv="Rol,2025-07 plan,2025-07 real,2025-08 plan,2025-08 real\nPM,10,8,12,\nDev,,,5,\n",
        mapping__toml="""
            [[file]]
            match = "hours.csv"
            project_id = "P1"
            status_date = 2025-07-31
            [[file.table]]
            table = "resources"
            [[file.table.unpivot]]
            columns = '(\\d{4}-\\d\\d) plan'
            name_to = "Mes"
            value_to = "Plan"
            [[file.table.unpivot]]
            columns = '(\\d{4}-\\d\\d) real'
            name_to = "Mes"
            value_to = "Real"
            [file.table.columns]
            role = "Rol"
            period_end = { from = "Mes", values = { "2025-07" = "2025-07-31", "2025-08" = "2025-08-31" } }
            hours_planned = "Plan"
            hours_actual = "Real"
            """,
    )
    kept, refused, notes = taken_in(tmp_path)
    assert (refused, notes) == ([], [])
    assert sorted(
        (r["row"], r["role"], str(r["period_end"]), r["hours_planned"], r["hours_actual"])
        for r in kept["resources"]
    ) == [
        (2, "PM", "2025-07-31", 10, 8),
        (2, "PM", "2025-08-31", 12, None),
        (3, "Dev", "2025-08-31", 5, None),
    ]


def test_rows_are_chosen_and_filled_down(tmp_path: Path) -> None:
    folder(
        tmp_path,
        risks__csv="Proyecto,No,Estado,Título\nP1,R1,Activo,a\n,R2,Cerrado,b\n,R3,en curso,c\nP2,R4,Nota  de pie (x),d\n",
        mapping__toml="""
            [[file]]
            match = "risks.csv"
            status_date = 2025-08-31
            [[file.table]]
            table = "risks"
            fill_down = ["Proyecto"]
            where = { Estado = ["Activo", "En*", "Nota de pie (x)"] }
            where_not = { Estado = "nota de*" }
            [file.table.columns]
            project_id = "Proyecto"
            risk_id = "No"
            title = "Título"
            kind = { value = "risk" }
            """,
    )
    kept, refused, _ = taken_in(tmp_path)
    assert refused == []
    assert [(r["project_id"], r["risk_id"], r["row"]) for r in kept["risks"]] == [
        ("P1", "R1", 2),
        ("P1", "R3", 4),
    ]


def test_the_first_row_of_a_key_in_all_files(tmp_path: Path) -> None:
    section = """
        [[file]]
        match = "{year}*.csv"
        status_date = {year}-12-31
        [[file.table]]
        table = "baselines"
        first = true
        [file.table.columns]
        project_id = "p"
        baseline_no = {{ value = 0 }}
        approved_on = {{ value = {year}-12-31 }}
        baseline_finish = "end"
        """
    folder(
        tmp_path,
        mapping__toml="".join(section.format(year=year) for year in (2024, 2025)),
        **{
            "2024__csv": "p,end\nA,2026-01-31\n",
            "2025__csv": "p,end\nA,2027-01-31\nB,2028-01-31\n",
        },
    )
    kept, refused, _ = taken_in(tmp_path)
    assert refused == []
    assert [(r["project_id"], str(r["baseline_finish"])) for r in kept["baselines"]] == [
        ("A", "2026-01-31"),
        ("B", "2028-01-31"),
    ]


# -- what is said of sheets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason", "said"),
    [
        ("project_id,risk_id,kind,title\nP1,R1,risk,x\n", "missing_status_date", "give status_date in a mapping"),
        ("project_id,status_date,kind,title\nP1,2025-08-31,risk,x\n", "missing_column", "The column risk_id is missing"),
        (f"{RISKS}P1,,2025-08-31,risk,x\nP1,,2025-08-31,risk,y\n", "empty_column", "risk_id is empty in every row"),
        ("project_id,risk_id,status_date,kind,title,Title\nP1,R1,2025-08-31,risk,x,y\n", "repeated_heading",
         "title stands in the sheet more than once"),
    ],
)  # fmt: skip
def test_a_sheet_without_what_its_rows_need_is_one_sentence(
    tmp_path: Path, text: str, reason: str, said: str
) -> None:
    folder(
        tmp_path,
        risks__csv=text,
        fx_rates__csv="currency,rate_date,basis,per_usd\nEUR,2025-01-31,actual,0.96\n",
    )
    kept, (reject,), _ = taken_in(tmp_path)
    assert (reject.reason, reject.row) == (reason, None)
    assert said in reject.sentence(T)
    assert (kept["risks"], len(kept["fx_rates"])) == ([], 1)


def test_a_sheet_that_is_refused_counts_its_rows(tmp_path: Path) -> None:
    folder(tmp_path, risks__csv="project_id,risk_id,kind,title\nP1,R1,risk,x\n\nP1,R2,risk,x\n")
    (_, batch) = list(read_sources([tmp_path]))
    assert isinstance(batch, Batch)
    assert [(p.rows_in, p.rows_kept) for p in batch.parts] == [(2, 0)]
    assert batch.damaged.to_pylist() == [{"project_id": None, "slice_date": None}]


def test_a_row_with_more_cells_than_headings_is_refused(tmp_path: Path) -> None:
    text = f"{RISKS}P1,R1,2025-08-31,risk,Permits, Jalisco\nP1,R2,2025-08-31,risk,fine\n"
    kept, (reject,), _ = taken_in(folder(tmp_path, risks__csv=text))
    assert (reject.reason, reject.row, reject.value) == ("ragged", 2, " Jalisco")
    assert [r["risk_id"] for r in kept["risks"]] == ["R2"]


def test_a_heading_close_to_a_column_is_named(tmp_path: Path) -> None:
    text = ONE_RISK.replace("title", "title,Probabilty").replace("Permits", "Permits,0.5")
    _, _, (note,) = taken_in(folder(tmp_path, risks__csv=text))
    assert note == "no columns of risks, so left out: 'Probabilty' (the closest column is probability)"


def test_sheets_and_headings_of_a_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "PMO.xlsx")) as workbook:
        sheet = workbook.add_worksheet("Riesgos y oportunidades")
        sheet.merge_range(0, 0, 0, 4, "Portafolio, agosto de 2025")
        sheet.write_row(2, 0, ["ID del proyecto *", "ID del riesgo", "Fecha de corte", "Clase", "Título"])
        sheet.write_row(3, 0, ["P1", 7, 45900, "Riesgo", "Permisos"])
        sheet.write_row(4, 0, ["P1", 8, "2025-08-31", "Amenaza", "Permisos"])
        sheet.write_formula(5, 0, "=A99", None, "#REF!")
        sheet.write_row(5, 1, [9, "2025-08-31", "Riesgo", "x"])
        workbook.add_worksheet("Resumen").write(0, 0, "x")
    kept, refused, notes = taken_in(tmp_path)
    assert [(r.sheet, r.row, r.column, r.reason) for r in refused] == [
        ("Riesgos y oportunidades", 5, "Clase", "enum"),
        ("Riesgos y oportunidades", 6, "ID del proyecto *", "formula"),
    ]
    (row,) = kept["risks"]
    assert (row["risk_id"], row["status_date"], row["row"]) == ("7", date(2025, 8, 31), 4)
    assert "sheet 'Resumen' is named after no table and was left out" in notes


def test_real_numbers_of_a_workbook_are_safe_from_the_mapping(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "orders.xlsx")) as workbook:
        sheet = workbook.add_worksheet("orders")
        sheet.write_row(0, 0, ["project_id", "order_id", "status_date", "amount"])
        sheet.write_row(1, 0, ["P1", "A", "2025-08-31", 1234.567])
        sheet.write_row(2, 0, ["P1", "B", "2025-08-31", "1.234,5"])
    folder(tmp_path, mapping__toml='[[file]]\nmatch = "*.xlsx"\ndecimal = ","\nthousands = "."\n')
    kept, refused, _ = taken_in(tmp_path)
    assert refused == []
    assert [float(r["amount"]) for r in kept["orders"]] == [1234.567, 1234.5]


# -- schedules ---------------------------------------------------------------------------------------------------


def test_a_schedule_reads_without_a_mapping_as_a_source_of_its_own(tmp_path: Path) -> None:
    shutil.copy(SCHEDULES / "PredecessorCalendar.xer", tmp_path)
    found = list(read_sources([tmp_path]))
    assert {f.source for f in found} == {"schedule"}
    assert {f.table for f in found if isinstance(f, Batch)} >= {"projects", "tasks"}
    assert [r for f in found for r in f.rejects] == []


def test_a_mapping_gives_a_schedule_its_project_and_day(tmp_path: Path) -> None:
    shutil.copy(SCHEDULES / "planner-sample.planner", tmp_path)
    _, refused, _ = taken_in(tmp_path)
    assert {r.reason for r in refused} == {"missing_status_date"}
    folder(
        tmp_path,
        mapping__toml='[[file]]\nmatch = "*.planner"\nproject_id = "MX-1"\nstatus_date = 2025-08-31\nsource = "plan"\n',
    )
    kept, refused, _ = taken_in(tmp_path)
    assert refused == []
    assert {(r["project_id"], str(r["status_date"])) for r in kept["tasks"]} == {("MX-1", "2025-08-31")}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("password-protected-mpp9.mpp", "protected by a password"),
        ("sample.de.mpx", "stops making sense at line"),
    ],
)
def test_a_schedule_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str, said: str) -> None:
    shutil.copy(SCHEDULES / name, tmp_path)
    kept, (reject,), _ = taken_in(tmp_path)
    assert (kept, reject.row) == ({}, None)
    assert said in reject.sentence(T)


# -- real data that lies beside the project ------------------------------------------------------------------------


@needs_shared
@pytest.mark.shared
def test_five_years_of_a_government_portfolio() -> None:
    kept, refused, _ = taken_in(SHARED / "uk_gmpp", MAPPINGS / "uk_gmpp.toml")
    assert refused == []
    assert {table: len(rows) for table, rows in kept.items()} == {
        "programmes": 87,
        "projects": 774,
        "baselines": 462,
        "status_reports": 774,
        "milestones": 744,
        "financials": 697,
    }
    assert {str(row["status_date"]) for row in kept["status_reports"]} == {
        "2013-09-30", "2017-09-30", "2018-09-30", "2019-09-30", "2021-03-31"
    }  # fmt: skip
    assert {row["reported_overall"] for row in kept["status_reports"]} == {"green", "amber", "red", None}


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("place", "mapping", "rows"),
    [
        ("evm_castor00", "evm_castor00", {"projects": 1, "earned_value": 169}),
        ("world_bank_projects", "world_bank_projects", {"projects": 1575, "milestones": 750}),
        ("colombia_secop", "colombia_secop", {"programmes": 314, "projects": 4856}),
        ("nyc_sca_schools", "nyc_sca_schools", {"projects": 6886, "milestones": 13036}),
    ],
)
def test_public_data_loads_whole(place: str, mapping: str, rows: dict[str, int]) -> None:
    kept, refused, _ = taken_in(SHARED / place, MAPPINGS / f"{mapping}.toml")
    assert refused == []
    assert {table: len(found) for table, found in kept.items()} == rows


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize(
    ("place", "tasks", "reasons"),
    [
        ("schedules_github", 875, {"no_table", "missing_status_date"}),
        ("mpxj_corpus", 686, {"password", "not_english_mpx", "missing_status_date"}),
        ("schedules_bad", 0, {"no_schedule", "missing_status_date"}),
    ],
)
def test_real_schedules_load_or_say_why_not(place: str, tasks: int, reasons: set[str]) -> None:
    kept, refused, _ = taken_in(SHARED / place)
    assert len(kept.get("tasks", [])) == tasks
    assert {r.reason for r in refused} == reasons
    for reject in refused:
        assert reject.sentence(T).endswith(".")


@needs_shared
@pytest.mark.shared
def test_two_updates_of_one_schedule_are_one_project() -> None:
    kept, _, _ = taken_in(SHARED / "schedules_github", MAPPINGS / "primavera_updates.toml")
    finish = {
        day: max(
            r["finish"] for r in kept["tasks"] if (r["project_id"], str(r["status_date"])) == ("schools", day)
        )
        for day in ("2018-01-01", "2018-10-09")
    }
    assert (finish["2018-10-09"] - finish["2018-01-01"]).days == 12
