"""The workbook to fill in: a sheet for each table of the contract, in one language. It loads with no mapping."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from babel.numbers import list_currencies
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from loaders.contract import Column, Table, contract
from loaders.errors import LoadError
from locales import Translator, languages, translator

ROWS = 2_000
"""Rows below the headings that get formats and lists."""
WIDTHS = {"date": 13, "money": 16, "text": 34, "id": 16}
FORMATS = {"date": "yyyy-mm-dd", "money": "#,##0.00", "fraction": "0.0%", "integer": "0"}
LONGEST_LIST = 255
"""Characters that a workbook accepts in a list of values."""
USUAL_CURRENCIES = ("MXN", "COP", "USD", "EUR", "BRL")


def write_template(path: Path, lang: str = "en") -> None:
    """Write the template in a language. Raises LoadError when there is no such language or no such folder."""
    if lang not in languages():
        raise LoadError(f"There is no template in {lang!r}: choose one of {', '.join(languages())}.")
    t = translator(lang)
    try:
        with xlsxwriter.Workbook(str(path), {"strings_to_urls": False}) as workbook:
            _guide(workbook, t)
            for table in contract().values():
                _sheet(workbook, table, t)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise LoadError(
            f"{path} cannot be written: check the folder, and close the file if it is open."
        ) from error


def _guide(workbook: Workbook, t: Translator) -> None:
    sheet = workbook.add_worksheet(t.t("template.guide"))
    title, wrapped = (
        workbook.add_format({"bold": True, "font_size": 14}),
        workbook.add_format({"text_wrap": True}),
    )
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90, wrapped)
    sheet.write_string(0, 0, t.t("template.title"), title)
    for row, key in enumerate(
        ("how", "required", "dates", "amounts", "fractions", "dated", "missing"), start=2
    ):
        sheet.write_string(row, 1, t.t(f"template.{key}"))
    for row, table in enumerate(contract().values(), start=11):
        sheet.write_url(
            row, 0, f"internal:'{t.label('table', table.name)}'!A1", string=t.label("table", table.name)
        )
        sheet.write_string(row, 1, t.t("template.table", columns=", ".join(_labels(table, t, required=True))))


def _sheet(workbook: Workbook, table: Table, t: Translator) -> None:
    sheet = workbook.add_worksheet(t.label("table", table.name))
    must = workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#DCE6F1", "text_wrap": True})
    may = workbook.add_format({"bottom": 1, "text_wrap": True})
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(table.columns.values()):
        kind = workbook.add_format({"num_format": FORMATS[column.type]} if column.type in FORMATS else {})
        sheet.set_column(index, index, WIDTHS.get(column.type, 14), kind)
        sheet.write_string(0, index, t.label("column", column.name), must if column.required else may)
        sheet.write_comment(0, index, _note(column, t), {"x_scale": 2})
        _validate(sheet, index, column, t)


def _note(column: Column, t: Translator) -> str:
    parts = [f"{column.name}: {t.t(f'template.type.{column.type}')}"]
    if column.required:
        parts.append(t.t("template.is_required"))
    if column.values:
        parts.append(", ".join(t.label("value", value) for value in column.values))
    return ". ".join(parts)


def _validate(sheet: Worksheet, index: int, column: Column, t: Translator) -> None:
    rule: dict[str, object] | None = None
    if column.values:
        shown = [t.label("value", value) for value in column.values]
        if len(",".join(shown)) <= LONGEST_LIST:
            rule = {"validate": "list", "source": shown}
    elif column.type == "currency":
        rule = {"validate": "list", "source": list(USUAL_CURRENCIES), "error_type": "warning"}
        assert set(USUAL_CURRENCIES) <= set(list_currencies())
    elif column.type == "fraction":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    if rule:
        sheet.data_validation(1, index, ROWS, index, {"ignore_blank": True, **rule})


def _labels(table: Table, t: Translator, *, required: bool) -> list[str]:
    return [t.label("column", c.name) for c in table.columns.values() if c.required or not required]
