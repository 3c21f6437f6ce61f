"""The workbook to fill in: a sheet for each table of the contract, in one language. It loads with no mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from loaders.contract import DELIVERY_DATE, Column, Table, contract
from loaders.errors import LoadError
from loaders.parsing import EARLIEST, LATEST
from locales import Translator, languages, translator

ROWS = 5_000
"""Rows below the headings that get formats and lists."""
WIDTHS = {"date": 13, "money": 17, "text": 32, "id": 16}
FORMATS = {"date": "yyyy-mm-dd", "money": "#,##0.00", "fraction": "0.0%", "integer": "0"}
CURRENCIES = ("MXN", "COP", "USD", "EUR", "BRL")
"""Offered first; any other ISO code is accepted."""
COUNTRIES = ("MX", "CO", "US", "BR")
MARK = " *"
"""After the heading of a column that every row needs."""
LISTS = "_"
"""The hidden sheet that holds what drop-down lists offer."""


def write_template(path: Path, lang: str = "en") -> None:
    """Write the template in a language. Raises LoadError for an unknown one, and a path that can't be a workbook."""
    if lang not in languages():
        raise LoadError.of("error.template_language", language=repr(lang), languages=", ".join(languages()))
    if path.suffix.lower() != ".xlsx":
        raise LoadError.of("error.template_name", path=str(path))
    try:
        with xlsxwriter.Workbook(str(path), {"strings_to_urls": False}) as workbook:
            _Template(workbook, translator(lang)).write()
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        raise LoadError.of("error.template_write", path=str(path)) from error


class _Template:
    """One workbook in the making."""

    def __init__(self, workbook: Workbook, t: Translator) -> None:
        self.workbook = workbook
        self.t = t
        self.lists: list[Sequence[str]] = []
        self.formats: Mapping[str, Format] = {
            name: workbook.add_format(look)
            for name, look in {
                "title": {"bold": True, "font_size": 14},
                "wrapped": {"text_wrap": True, "valign": "top"},
                "name": {"bold": True, "valign": "top"},
                "must": {
                    "bold": True,
                    "bottom": 1,
                    "bg_color": "#DCE6F1",
                    "text_wrap": True,
                    "valign": "top",
                },
                "may": {"bottom": 1, "text_wrap": True, "valign": "top"},
                **{kind: {"num_format": shown} for kind, shown in FORMATS.items()},
            }.items()
        }

    def write(self) -> None:
        """The guide, a sheet for each table, and the lists."""
        self._guide()
        for table in contract().values():
            self._sheet(table)
        self._hide_lists()

    def _guide(self) -> None:
        t, sheet = self.t, self.workbook.add_worksheet(self.t.t("template.guide"))
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 100, self.formats["wrapped"])
        sheet.write_string(0, 0, t.t("template.title"), self.formats["title"])
        rules = (
            "template.how",
            "template.required",
            "template.dates",
            "template.amounts",
            "template.fractions",
            "template.dated",
            "template.missing",
        )
        for row, key in enumerate(rules, start=2):
            sheet.write_string(row, 1, t.t(key, mark=MARK.strip()))
        for row, table in enumerate(contract().values(), start=len(rules) + 3):
            label = t.label("table", table.name)
            needed = ", ".join(t.label("column", name) for name in table.required)
            sheet.write_url(row, 0, f"internal:'{label}'!A1", self.formats["name"], string=label)
            sheet.write_string(row, 1, t.t("template.table", columns=needed))

    def _sheet(self, table: Table) -> None:
        t, sheet = self.t, self.workbook.add_worksheet(self.t.label("table", table.name))
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 30)
        for index, column in enumerate(_columns(table)):
            heading = t.label("column", column.name) + (MARK if column.required else "")
            look = self.formats.get(column.type)
            sheet.set_column(index, index, max(WIDTHS.get(column.type, 14), len(heading) // 2), look)
            sheet.write_string(0, index, heading, self.formats["must" if column.required else "may"])
            sheet.write_comment(0, index, self._note(column), {"x_scale": 2, "y_scale": 1.2})
            self._validate(sheet, index, column)

    def _note(self, column: Column) -> str:
        """What a heading's comment says: the contract's name, what goes in, whether it must."""
        t = self.t
        parts = [f"{column.name}: {t.t(f'template.type.{column.type}')}"]
        if column.required:
            parts.append(t.t("template.is_required"))
        if column.values:
            parts.append(", ".join(t.label("value", value) for value in column.values))
        for bound, key in ((column.min, "template.at_least"), (column.max, "template.at_most")):
            if bound is not None:
                parts.append(t.t(key, bound=f"{bound:g}"))
        return ". ".join(parts)

    def _validate(self, sheet: Worksheet, index: int, column: Column) -> None:
        """What a cell accepts: a list where the contract has one, else dates and numbers that can be true."""
        offered = self._offered(column)
        rule: dict[str, object] | None = None
        if offered:
            is_open = column.type in ("currency", "country")
            rule = {
                "validate": "list",
                "source": self._list(offered),
                "error_type": "warning" if is_open else "stop",
            }
        elif column.type == "date":
            rule = {"validate": "date", "criteria": "between", "minimum": EARLIEST, "maximum": LATEST}
        elif column.type == "fraction":
            rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
        elif column.type in ("money", "number", "integer"):
            rule = {"validate": "integer" if column.type == "integer" else "decimal", **_bounds(column)}
        if rule:
            message = self.t.t(f"template.type.{column.type}")
            sheet.data_validation(
                1, index, ROWS, index, {"ignore_blank": True, "error_message": message, **rule}
            )

    def _offered(self, column: Column) -> tuple[str, ...]:
        t = self.t
        return {
            "enum": tuple(t.label("value", value) for value in column.values),
            "boolean": (t.t("template.yes"), t.t("template.no")),
            "currency": CURRENCIES,
            "country": COUNTRIES,
        }.get(column.type, ())

    def _list(self, offered: tuple[str, ...]) -> str:
        """Where the hidden sheet holds a list; a list in the rule itself would be cut at 255 characters."""
        if offered not in self.lists:
            self.lists.append(offered)
        letter = xlsxwriter.utility.xl_col_to_name(self.lists.index(offered), col_abs=True)
        return f"='{LISTS}'!{letter}$1:{letter}${len(offered)}"

    def _hide_lists(self) -> None:
        sheet = self.workbook.add_worksheet(LISTS)
        for index, offered in enumerate(self.lists):
            sheet.write_column(0, index, offered)
        sheet.hide()


def _columns(table: Table) -> list[Column]:
    """The table's columns; what nothing else dates also has the day of its delivery, the first of all."""
    own = list(table.columns.values())
    if table.dated_by is None and DELIVERY_DATE not in table.columns:
        return [table.accepted[DELIVERY_DATE], *own]
    return own


def _bounds(column: Column) -> dict[str, object]:
    if column.min is not None and column.max is not None:
        return {"criteria": "between", "minimum": column.min, "maximum": column.max}
    low = column.min if column.min is not None else -1e14
    return {"criteria": ">=", "value": low}
