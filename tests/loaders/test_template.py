"""The workbook to fill in: what it offers, and that it loads once it is filled in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loaders.contract import Column, contract
from loaders.errors import LoadError
from loaders.template import LISTS, MARK, write_template
from locales import languages, translator
from tests.loaders.sheets import taken_in

DAY = date(2025, 8, 31)


@pytest.fixture(scope="module", params=languages())
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    path = tmp_path_factory.mktemp("template") / f"{request.param}.xlsx"
    write_template(path, request.param)
    return request.param, path


def a_value(column: Column, language: str) -> Any:
    """Something that a person would fill in."""
    t = translator(language)
    if column.values:
        return t.label("value", column.values[0])
    return {
        "date": DAY,
        "money": 1234.5,
        "number": 5.5,
        "fraction": 0.3,
        "integer": 3,
        "boolean": t.t("template.yes"),
        "country": "MX",
        "currency": "MXN",
    }.get(column.type, f"{column.name} 1")


def test_a_sheet_for_each_table_and_a_guide(template: tuple[str, Path]) -> None:
    language, path = template
    t = translator(language)
    assert openpyxl.load_workbook(path).sheetnames == [
        t.t("template.guide"),
        *(t.label("table", table) for table in contract()),
        LISTS,
    ]


def test_headings_say_what_is_required_and_what_goes_in(template: tuple[str, Path]) -> None:
    language, path = template
    t = translator(language)
    sheet = openpyxl.load_workbook(path)[t.label("table", "risks")]
    headings = {str(cell.value): cell for cell in sheet[1]}
    required = t.label("column", "title") + MARK
    assert required in headings
    assert t.label("column", "owner") in headings
    assert headings[required].fill.fgColor.rgb != headings[t.label("column", "owner")].fill.fgColor.rgb
    assert "title" in str(headings[required].comment)
    assert t.t("template.is_required") in str(headings[required].comment)


def test_lists_offer_the_values_of_the_language(template: tuple[str, Path]) -> None:
    language, path = template
    t = translator(language)
    workbook = openpyxl.load_workbook(path)
    rules = workbook[t.label("table", "financials")].data_validations.dataValidation
    lists = [rule for rule in rules if rule.type == "list"]
    assert len(lists) == 3
    offered = {str(cell.value) for column in workbook[LISTS].iter_cols() for cell in column if cell.value}
    assert {t.label("value", value) for value in contract()["financials"].columns["line"].values} <= offered
    assert workbook[LISTS].sheet_state == "hidden"
    assert {rule.type for rule in rules} == {"list", "date", "decimal"}


def test_an_empty_template_says_nothing(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", "es")
    kept, refused, notes = taken_in(tmp_path)
    assert ({table for table, rows in kept.items() if rows}, refused, notes) == (set(), [], [])


def test_a_filled_template_loads_without_a_mapping(template: tuple[str, Path], tmp_path: Path) -> None:
    language, path = template
    t = translator(language)
    workbook = openpyxl.load_workbook(path)
    for table in contract().values():
        sheet = workbook[t.label("table", table.name)]
        columns = {t.label("column", name): column for name, column in table.accepted.items()}
        for number, cell in enumerate(sheet[1], start=1):
            column = columns[str(cell.value).removesuffix(MARK)]
            sheet.cell(2, number, 17.5 if column.name == "per_usd" else a_value(column, language))
    workbook.save(tmp_path / "filled.xlsx")
    kept, refused, notes = taken_in(tmp_path)
    assert (refused, notes) == ([], [])
    assert {table: len(rows) for table, rows in kept.items()} == dict.fromkeys(contract(), 1)
    unknown = {
        f"{table}.{name}"
        for table, (row,) in kept.items()
        for name in contract()[table].columns
        if row[name] is None
    }
    assert unknown == set()


def test_registers_can_be_dated(template: tuple[str, Path]) -> None:
    language, path = template
    t = translator(language)
    workbook = openpyxl.load_workbook(path)
    assert workbook[t.label("table", "baselines")]["A1"].value == t.label("column", "status_date")


@pytest.mark.parametrize(
    ("place", "language", "said"),
    [
        ("t.xlsx", "xx", "no template in 'xx'"),
        ("no/such/folder/t.xlsx", "en", "cannot be written"),
        ("t.csv", "en", "a name that ends in .xlsx"),
    ],
)
def test_a_template_that_cannot_be_written(tmp_path: Path, place: str, language: str, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        write_template(tmp_path / place, language)
