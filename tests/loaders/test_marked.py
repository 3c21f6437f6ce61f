from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from loaders import marked
from loaders.batch import Reject
from loaders.errors import LoadError, NotMarkedError, UnreadableFile
from loaders.intake import read_sources
from locales import translator

EN, ES = translator("en"), translator("es")
BOOK = "book.xlsx"


def workbook(**parts: str) -> bytes:
    """A title, headings in row 3, two rows of data, a formula, a merged cell, a comment; a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Hitos"
    for row in (
        ["Reporte"],
        [],
        ["Proyecto", "Peso", "Fecha", "Peso"],
        ["A", "95x", "=1+1", 2],
        ["B", 0.5, "2025-08-31", 3],
    ):
        sheet.append(row)
    sheet["A4"].font = Font(bold=True)
    sheet["B4"].number_format = "0.0%"
    sheet["B5"].comment = Comment("Ours", "PMO")
    sheet.merge_cells("A5:A6")
    book.create_sheet("Otra")["B2"] = "x"
    out = io.BytesIO()
    book.save(out)
    whole = io.BytesIO()
    with (
        zipfile.ZipFile(out) as packed,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in packed.namelist():
            again.writestr(name, parts.pop(name, None) or packed.read(name))
        for name, text in parts.items():
            again.writestr(name, text)
    return whole.getvalue()


def reject(reason: str = "number", **at: object) -> Reject:
    return Reject(file=BOOK, reason=reason, **{"value": "95x", **at})  # type: ignore[arg-type]


def comments(content: bytes) -> dict[str, str]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


@pytest.mark.parametrize(
    ("at", "cell"),
    [
        ({"sheet": "Hitos", "row": 4, "column": "Peso"}, "Hitos!B4"),
        ({"sheet": "Hitos", "row": 4, "column": "PESO (2)"}, "Hitos!D4"),
        ({"sheet": "Hitos", "row": 4, "column": "Nunca"}, "Hitos!A4"),
        ({"sheet": "Hitos", "row": 4}, "Hitos!A4"),
        ({"sheet": "Hitos", "row": 6, "column": "Proyecto"}, "Hitos!A5"),
        ({"sheet": "Hitos", "column": "Fecha"}, "Hitos!C3"),
        ({"sheet": "Hitos"}, "Hitos!A1"),
        ({"sheet": "Otra", "row": 2}, "Otra!B2"),
        ({"sheet": "Gone", "row": 9}, "Hitos!A1"),
        ({}, "Hitos!A1"),
    ],
)
def test_where_a_refusal_is_marked(at: dict[str, object], cell: str) -> None:
    given = reject(**at)
    found = comments(marked.marked(workbook(), BOOK, [given], EN))
    assert found.pop("Hitos!B5") == "Ours"
    assert found == {cell: given.sentence(EN)}


def test_the_rest_stays_as_it_was() -> None:
    before = openpyxl.load_workbook(io.BytesIO(workbook()))
    copy = marked.marked(workbook(), BOOK, [reject(sheet="Hitos", row=4, column="Peso")], ES)
    after = openpyxl.load_workbook(io.BytesIO(copy))
    assert after.sheetnames == before.sheetnames
    for sheet in before:
        for row in sheet.iter_rows():
            for cell in row:
                other = after[sheet.title][cell.coordinate]
                assert (other.value, other.number_format, other.font.b) == (
                    cell.value, cell.number_format, cell.font.b,
                )  # fmt: skip
                is_marked = cell.coordinate == "B4"
                assert (other.fill.fgColor.rgb == marked.FILL.fgColor.rgb) is is_marked
    assert after["Hitos"]["C4"].value == "=1+1"


def test_sentences_of_one_cell_stand_together_below_what_was_there() -> None:
    at = {"sheet": "Hitos", "row": 5, "column": "Peso"}
    given = [reject("required", **at), reject("required", **at)]
    given += [reject("number", value=str(n), **at) for n in range(7)]
    text = comments(marked.marked(workbook(), BOOK, given, EN))["Hitos!B5"]
    assert text.startswith(f"Ours\n\n{given[0].sentence(EN)}\n\nPeso holds 0, which is no number")
    assert text.endswith("… and 3 more refusals here.")


def test_what_a_load_refuses_is_marked_and_a_repaired_copy_loads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "milestones"
    for row in (
        ["project_id", "milestone_id", "status_date", "name", "weight"],
        ["A", "M1", "2025-08-31", "Start", "much"],
        ["A", "M2", "2025-08-31", "End", 0.5],
    ):
        book.active.append(row)
    path = tmp_path / BOOK
    book.save(path)

    def rejects() -> list[Reject]:
        return [r for item in read_sources([path]) for r in item.rejects]

    refused = rejects()
    copy = marked.marked(path.read_bytes(), BOOK, refused, EN)
    assert list(comments(copy)) == ["milestones!E2"]
    repaired = openpyxl.load_workbook(io.BytesIO(copy))
    repaired["milestones"]["E2"] = 0.5
    repaired.save(path)
    assert len(refused) == 1
    assert rejects() == []


@pytest.mark.parametrize(
    ("content", "file", "kind", "words"),
    [
        (lambda: b"a,b", "a.csv", NotMarkedError, "only in workbooks (.xlsm, .xlsx)"),
        (lambda: b"not a workbook", BOOK, UnreadableFile, "is no workbook"),
        (lambda: workbook()[:-300], BOOK, LoadError, BOOK),
        (lambda: workbook(**{"xl/media/big.bin": "0" * 16_000_000}), BOOK, NotMarkedError, "more than 15 MB"),
        (lambda: workbook(**{"docProps/extra.xml": '<!ENTITY b "c">'}), BOOK, NotMarkedError, "saved in a way"),
        (lambda: workbook(**{"xl/worksheets/sheet1.xml": "<worksheet"}), BOOK, LoadError, BOOK),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_is_a_sentence(
    content: Callable[[], bytes], file: str, kind: type[LoadError], words: str
) -> None:
    with pytest.raises(kind) as told:
        marked.marked(content(), file, [reject(sheet="Hitos", row=4, column="Peso")], EN)
    assert words in str(told.value)
    assert file in told.value.sentence(ES)


def test_macros_stay(tmp_path: Path) -> None:
    content = workbook(**{"xl/vbaProject.bin": "macro"})
    copy = marked.marked(content, "book.xlsm", [reject(sheet="Hitos", row=4)], EN)
    with zipfile.ZipFile(io.BytesIO(copy)) as packed:
        assert packed.read("xl/vbaProject.bin") == b"macro"
