"""Workbooks: exact values, errors of formulas, merged and hidden parts, and files that are something else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from loaders.errors import UnreadableFile
from loaders.readers import excel
from loaders.readers.base import ROW, Heading, Sheet
from loaders.readers.excel import NEVER_CALCULATED, read_workbook

BOOKS = Path(__file__).parents[2] / "data" / "workbooks"
Fill = Callable[[xlsxwriter.Workbook, Worksheet], Any]


def book(folder: Path, fill: Fill) -> Path:
    path = folder / "given.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        fill(workbook, workbook.add_worksheet("Risks"))
    return path


def read(path: Path, heading: Heading | None = None) -> Sheet:
    (sheet,) = read_workbook(path, path.name, lambda _: heading or Heading()).sheets
    return sheet


def test_values_keep_every_digit(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["number", "whole", "day", "moment", "flag", "text", "share"])
        sheet.write_row(1, 0, [0.1, 12.0])
        sheet.write_datetime(1, 2, date(2025, 8, 31), day)
        sheet.write_datetime(1, 3, datetime(2025, 8, 31, 13, 5), day)
        sheet.write_boolean(1, 4, True)
        sheet.write_string(1, 5, "00012")
        sheet.write_number(1, 6, 0.95, workbook.add_format({"num_format": "0%"}))

    found = read(book(tmp_path, fill))
    assert found.table.to_pylist() == [
        {
            "number": "0.1",
            "whole": "12",
            "day": "2025-08-31",
            "moment": "2025-08-31 13:05:00",
            "flag": "true",
            "text": "00012",
            "share": "0.95",
            ROW: 2,
        }
    ]
    assert {name: marks.to_pylist() for name, marks in found.native.items()} == {
        name: [True] for name in ("number", "whole", "day", "moment", "flag", "share")
    }


def test_rows_are_numbered_as_in_the_workbook(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write(1, 1, "Portfolio, August 2025")
        sheet.write_row(4, 1, ["A", "B"])
        sheet.write_row(6, 1, ["1", "2"])

    assert read(book(tmp_path, fill)).table.to_pydict() == {
        "column 1": [None, None],
        "A": [None, "1"],
        "B": [None, "2"],
        ROW: [6, 7],
    }


def test_errors_of_formulas_show(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["A", "B", "C"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=A9", None, "#REF!")
        sheet.write_formula(1, 2, "=1+1", None, 2)

    assert read(book(tmp_path, fill)).table.to_pylist() == [{"A": "#DIV/0!", "B": "#REF!", "C": "2", ROW: 2}]


def test_a_formula_that_was_never_calculated_shows(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    assert workbook.active
    workbook.active.append(["A", "B"])
    workbook.active.append(["x", "=1+1"])
    workbook.save(tmp_path / "given.xlsx")
    assert read(tmp_path / "given.xlsx").table["B"].to_pylist() == [NEVER_CALCULATED]


def test_rows_of_nothing_but_such_formulas_are_not_lost(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    assert workbook.active
    for row in (["A", "B"], ["x", "y"], ["=A2", "=B2"], ["=A3", "=1/0"]):
        workbook.active.append(row)
    workbook.save(tmp_path / "given.xlsx")
    assert read(tmp_path / "given.xlsx").table["A"].to_pylist() == ["x", NEVER_CALCULATED, NEVER_CALCULATED]


def test_a_formula_whose_result_is_no_text_is_an_empty_cell(tmp_path: Path) -> None:
    """As spreadsheet programs save =IF(A2="","",A2): a text, and nothing in it."""

    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_row(0, 0, ["A", "B"])
        sheet.write_string(1, 0, "x")
        sheet.write_formula(1, 1, '=IF(A9="","",A9)', None, "gone")

    path = book(tmp_path, fill)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content.replace(b"<v>gone</v>", b"<v></v>"))
    assert read(path).table["B"].to_pylist() == [None]


def test_a_merged_text_holds_for_its_rows_and_an_amount_once(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.merge_range(0, 0, 0, 2, "Title over all")
        sheet.write_row(1, 0, ["Project", "Risk", "Amount"])
        sheet.merge_range(2, 0, 4, 0, "P1")
        sheet.merge_range(2, 2, 3, 2, 500)
        for row, risk in enumerate(["R1", "R2", "R3"], start=2):
            sheet.write(row, 1, risk)

    found = read(book(tmp_path, fill), Heading(frozenset({"project", "risk"}))).table
    assert found["Project"].to_pylist() == ["P1", "P1", "P1"]
    assert found["Amount"].to_pylist() == ["500", None, None]


def test_hidden_sheets_are_read_only_where_they_are_named(tmp_path: Path) -> None:
    def fill(workbook: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write(0, 0, "A")
        hidden = workbook.add_worksheet("Old")
        hidden.write(0, 0, "B")
        hidden.hide()
        workbook.add_worksheet("Empty")

    path = book(tmp_path, fill)
    found = read_workbook(path, "given.xlsx")
    assert ([s.sheet for s in found.sheets], found.hidden) == (["Risks"], ["Old"])
    assert found.names == ["Risks", "Old", "Empty"]
    found = read_workbook(path, "given.xlsx", is_named=lambda name: name == "Old")
    assert ([s.sheet for s in found.sheets], found.hidden) == (["Old"], [])


@pytest.mark.parametrize("name", ["risks.xls", "risks.ods"])
def test_older_and_open_formats_read_alike(name: str) -> None:
    found = read(BOOKS / name).table
    assert next(str(row[3]).lower() for row in zip(*found.to_pydict().values(), strict=True)) == "risk"
    assert found[found.column_names[2]].to_pylist()[0] == "2025-08-31"
    assert found[found.column_names[5]].to_pylist()[0] == "0.3"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"project_id,name\nP1,Core\n", "text_as_workbook"),
        (b"\xef\xbb\xbf<html><table><tr><td>P1", "web_page"),
        (b"PK\x03\x04 and nothing more", "no_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "no_workbook"),
        (b"\x00\x01\x02\x03", "no_workbook"),
    ],
)
def test_what_is_no_workbook_is_one_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "given.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        read_workbook(path, "given.xlsx")
    assert getattr(caught.value, "reason") == reason  # noqa: B009


def test_a_password_is_said() -> None:
    with pytest.raises(UnreadableFile, match=r"password\.xlsx is protected by a password"):
        read_workbook(BOOKS / "password.xlsx", "password.xlsx")


def test_a_locked_open_document_is_said(tmp_path: Path) -> None:
    path = tmp_path / "given.ods"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        packed.writestr("content.xml", b"\x8f\x01\x02")
    with pytest.raises(UnreadableFile, match="protected by a password"):
        read_workbook(path, "given.ods")


def test_a_damaged_old_workbook_takes_nothing_down(tmp_path: Path) -> None:
    """Read in another process, whose memory is limited: what kills that one is a sentence here."""
    content = bytearray((BOOKS / "risks.xls").read_bytes())
    content[1000:1400] = b"\xff" * 400
    path = tmp_path / "given.xls"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged or no workbook"):
        read_workbook(path, "given.xls")


def test_a_small_file_that_unpacks_to_too_much_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "LARGEST_UNPACKED", 1_000_000)
    path = tmp_path / "given.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    assert path.stat().st_size < 50_000
    with pytest.raises(UnreadableFile, match="unpacks to more"):
        read_workbook(path, "given.xlsx")


def test_cells_too_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    def fill(_: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write(0, 0, "A")
        sheet.write(1_000_000, 16_000, "lost")

    with pytest.raises(UnreadableFile, match="so far apart"):
        read_workbook(book(tmp_path, fill), "given.xlsx")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "LARGEST", 100)
    with pytest.raises(UnreadableFile, match="split it"):
        read_workbook(book(tmp_path, lambda _, sheet: sheet.write(0, 0, "A")), "given.xlsx")
