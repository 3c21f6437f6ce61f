"""Broken input, file by file: what is said about it, and that the rest is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xlsxwriter

from loaders.batch import Batch, FileReport, Reject
from loaders.intake import read_sources
from locales import languages, translator

SCHEDULES = Path(__file__).parents[1] / "data" / "schedules"
RISK = "project_id,risk_id,status_date,kind,title,probability,cost_impact,currency\n"


def taken_in(folder: Path) -> tuple[dict[str, list[dict]], list[Reject]]:
    """Rows kept by table, and everything refused."""
    kept: dict[str, list[dict]] = {}
    refused: list[Reject] = []
    for found in read_sources([folder]):
        refused += found.rejects
        if isinstance(found, Batch):
            kept.setdefault(found.table, []).extend(found.rows.to_pylist())
    return kept, refused


def csv(folder: Path, name: str, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    (folder / f"{name}.csv").write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("cells", "reason", "column", "value"),
    [
        ("P1,R1,31/02/2026,risk,x,0.5,1,MXN", "date_impossible", "status_date", "31/02/2026"),
        ("P1,R1,03/04/2025,risk,x,0.5,1,MXN", "ambiguous_date", "status_date", "03/04/2025"),
        ("P1,R1,1850-01-01,risk,x,0.5,1,MXN", "date_range", "status_date", "1850-01-01"),
        ("P1,R1,2025-08-31,risk,x,95,1,MXN", "fraction", "probability", "95"),
        ("P1,R1,2025-08-31,risk,x,-0.1,1,MXN", "min", "probability", "-0.1"),
        ("P1,R1,2025-08-31,risk,x,0.1,1,XQQ", "currency", "currency", "XQQ"),
        ("P1,R1,2025-08-31,menace,x,0.5,1,MXN", "enum", "kind", "menace"),
        ("P1,R1,2025-08-31,risk,x,0.5,-1,MXN", "min", "cost_impact", "-1"),
        ("P1,R1,2025-08-31,risk,x,0.5,lots,MXN", "number", "cost_impact", "lots"),
        ('P1,R1,2025-08-31,risk,x,0.5,"1,234",MXN', "ambiguous_number", "cost_impact", "1,234"),
        ("P1,R1,2025-08-31,risk,x,0.5,1e15,MXN", "number_size", "cost_impact", "1e15"),
        ("P1,R1,2025-08-31,risk,x,0.5,#REF!,MXN", "formula", "cost_impact", "#REF!"),
        ("P1,,2025-08-31,risk,x,0.5,1,MXN", "required", "risk_id", None),
    ],
)
def test_a_cell_that_breaks_the_contract_refuses_its_row_alone(
    tmp_path: Path, cells: str, reason: str, column: str, value: str | None
) -> None:
    good = "P1,R9,2025-08-31,risk,fine,0.2,10,MXN\n"
    kept, refused = taken_in(csv(tmp_path, "risks", f"{RISK}{cells}\n{good}"))
    assert [(r.file, r.row, r.column, r.value, r.reason) for r in refused] == [
        ("risks.csv", 2, column, value, reason)
    ]
    assert [row["risk_id"] for row in kept["risks"]] == ["R9"]


def test_every_refusal_is_a_sentence_in_every_language(tmp_path: Path) -> None:
    csv(tmp_path, "risks", f"{RISK}P1,R1,31/02/2026,menace,x,95,lots,QQQ\n")
    for language in languages():
        for reject in taken_in(tmp_path)[1]:
            assert reject.sentence(translator(language)).endswith(".")


def test_a_percentage_is_told_what_to_write(tmp_path: Path) -> None:
    _, (reject,) = taken_in(csv(tmp_path, "risks", f"{RISK}P1,R1,2025-08-31,risk,x,95,1,MXN\n"))
    assert "write 0.95, or percent = true" in reject.sentence(translator("en"))


def test_a_repeated_key_names_the_first_row(tmp_path: Path) -> None:
    row = "P1,R1,2025-08-31,risk,x,0.5,1,MXN\n"
    kept, (reject,) = taken_in(csv(tmp_path, "risks", RISK + row + row))
    assert (reject.reason, reject.row, reject.params["first"]) == ("duplicate", 3, 2)
    assert len(kept["risks"]) == 1


def test_a_missing_required_column_is_one_sentence(tmp_path: Path) -> None:
    kept, refused = taken_in(
        csv(tmp_path, "risks", "project_id,risk_id,kind,title\nP1,R1,risk,x\nP1,R2,risk,y\n")
    )
    assert [(r.reason, r.column, r.row) for r in refused] == [("missing_status_date", "status_date", None)]
    assert kept["risks"] == []


def test_an_unknown_heading_is_named_and_left_out(tmp_path: Path) -> None:
    csv(
        tmp_path, "risks", RISK.replace("title", "title,Probabilty") + "P1,R1,2025-08-31,risk,x,?,0.5,1,MXN\n"
    )
    reports = [found for found in read_sources([tmp_path]) if isinstance(found, FileReport)]
    assert any("Probabilty" in note and "probability" in note for note in reports[0].notes)


@pytest.mark.parametrize(
    ("currency", "quoted", "inverse"), [("MXN", "0.058", "17.24"), ("COP", "0.00025", "4000")]
)
def test_a_rate_the_other_way_round_is_refused(
    tmp_path: Path, currency: str, quoted: str, inverse: str
) -> None:
    text = f"currency,rate_date,basis,per_usd\n{currency},2025-01-31,actual,{quoted}\nEUR,2025-01-31,actual,0.96\n"
    kept, (reject,) = taken_in(csv(tmp_path, "fx_rates", text))
    assert f"write {inverse}" in reject.sentence(translator("en"))
    assert [row["currency"] for row in kept["fx_rates"]] == ["EUR"]


def test_finance_exports_read_without_being_told_how(tmp_path: Path) -> None:
    text = (
        "project_id;status_date;period_end;planned_value;earned_value\n"
        "Bajío;31/08/2025;31/08/2025;1.234,50;1.000,00\nBajío;31/08/2025;30/09/2025;2.000,25;\n"
    )
    kept, refused = taken_in(csv(tmp_path, "earned_value", text.encode("latin-1")))
    assert refused == []
    assert [float(row["planned_value"]) for row in kept["earned_value"]] == [1234.5, 2000.25]
    assert kept["earned_value"][0]["project_id"] == "Bajío"


def test_rows_are_numbered_as_a_person_sees_them(tmp_path: Path) -> None:
    csv(
        tmp_path, "risks", f"{RISK}\nP1,R1,2025-08-31,risk,x,0.5,1,MXN\n\n\nP1,R2,2025-08-31,risk,x,9,1,MXN\n"
    )
    kept, (reject,) = taken_in(tmp_path)
    assert (kept["risks"][0]["row"], reject.row) == (3, 6)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("risks.csv", b"", "is empty"),
        ("risks.csv", b"\n \n", "is empty"),
        ("risks.csv", b"a\x00b,c\n1,2\n", "no text file|not a text file"),
        ("risks.xlsx", b"this is text", "no workbook, whatever its name says"),
        ("risks.xlsx", b"", "is empty"),
        ("risks.parquet", b"PAR1 not really", "no Parquet file"),
        ("plan.xer", b"abc", "damaged or not a schedule"),
        ("plan.doc", b"abc", "is of a kind that cannot be read"),
        ("whatever.csv", b"a,b\n1,2\n", "is named after no table"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    csv(tmp_path, "fx_rates", "currency,rate_date,basis,per_usd\nEUR,2025-01-31,actual,0.96\n")
    kept, (reject,) = taken_in(tmp_path)
    assert reject.file == name
    assert reject.row is None
    assert any(part in reject.sentence(translator("en")) for part in said.split("|"))
    assert len(kept["fx_rates"]) == 1


def test_a_password_is_said(tmp_path: Path) -> None:
    shutil.copy(SCHEDULES / "password-protected-mpp9.mpp", tmp_path)
    _, (reject,) = taken_in(tmp_path)
    assert "protected by a password" in reject.sentence(translator("en"))


def test_a_workbook_says_sheet_and_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "PMO.xlsx")) as workbook:
        sheet = workbook.add_worksheet("Riesgos y oportunidades")
        sheet.write_row(
            1, 0, ["ID del proyecto", "ID del riesgo", "Fecha de corte", "Clase", "Título", "Probabilidad"]
        )
        sheet.write_row(2, 0, ["P1", 7, 45900, "Riesgo", "Permisos", 0.3])
        sheet.write_row(3, 0, ["P1", 8, 45900, "Amenaza", "Permisos", 0.3])
    kept, (reject,) = taken_in(tmp_path)
    assert (reject.sheet, reject.row, reject.column) == ("Riesgos y oportunidades", 4, "Clase")
    (row,) = kept["risks"]
    assert (row["risk_id"], row["status_date"].isoformat(), row["kind"]) == ("7", "2025-08-31", "risk")


def test_every_file_is_reported_even_one_without_a_table(tmp_path: Path) -> None:
    (tmp_path / "whatever.csv").write_text("a,b\n1,2\n")
    reports = [found for found in read_sources([tmp_path]) if isinstance(found, FileReport)]
    assert [(r.file, r.sha256 is not None) for r in reports] == [("whatever.csv", True)]


def test_damaged_slices_are_known(tmp_path: Path) -> None:
    csv(tmp_path, "risks", f"{RISK}P1,R1,2025-08-31,risk,x,9,1,MXN\nP2,R1,2025-08-31,risk,x,0.1,1,MXN\n")
    (batch,) = [found for found in read_sources([tmp_path]) if isinstance(found, Batch)]
    assert [row["project_id"] for row in batch.damaged.to_pylist()] == ["P1"]
