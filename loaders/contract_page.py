"""docs/contract.md, written from the contract: `python -m loaders.contract_page` writes it anew."""

from __future__ import annotations

from pathlib import Path

from loaders.contract import DELIVERY_DATE, NO_STATUS_DATE, Column, Table, contract
from loaders.parsing import EARLIEST, LATEST, LONGEST
from locales import SOURCE_LANGUAGE, Translator, translator

PAGE = Path(__file__).parents[1] / "docs" / "contract.md"

_TYPES = {
    "id": f"identifier, up to {LONGEST['id']} characters",
    "text": f"text, up to {LONGEST['text']:,} characters",
    "enum": "one of the values listed",
    "country": "ISO 3166-1 alpha-2 code, or a country's name",
    "currency": "ISO 4217 code of a currency in use",
    "date": f"{EARLIEST} to {LATEST}",
    "money": "DECIMAL(18,4)",
    "number": "number",
    "fraction": "0 to 1",
    "integer": "whole number",
    "boolean": "true or false, yes or no",
}
_HEAD = """# The contract: what comes in

<!-- Written by `python -m loaders.contract_page` from loaders/contract.toml: change that file, not this one. -->

Files and sheets named after these tables, with these columns as headings, load without a mapping: a folder of CSV or
Parquet files, or a workbook with a sheet for each table. Names and labels are compared without regard to case, accents
and punctuation, and every label of every language is accepted (`baseline_finish`, *Baseline finish*, *Fin línea base*);
so are the values' labels. Anything else loads with a mapping: docs/mappings.md.

**Required** columns are marked; without one in a row the row is refused, without one in a sheet the whole sheet.
Everything else may be missing and is then unknown. Every table also accepts `status_date`, the day that its delivery
shows, but for {undated}; the mapping or the file's name may say it instead. A column `delivered_at` says when the
delivery was made: of two deliveries of one slice the later one counts.

Amounts are in the row's `currency`, without one in the project's. Revenue and cost are both positive. Each row keeps the
file, the sheet and the row that it came from.

| type | what goes in |
|---|---|
{types}
"""


def page() -> str:
    """The text of docs/contract.md."""
    t = translator(SOURCE_LANGUAGE)
    types = "\n".join(f"| {name} | {meaning} |" for name, meaning in _TYPES.items())
    head = _HEAD.format(types=types, undated=", ".join(f"`{name}`" for name in NO_STATUS_DATE))
    return head + "".join(_table(table, t) for table in contract().values())


def _table(table: Table, t: Translator) -> str:
    key = ", ".join(f"`{name}`" for name in table.key) or "none: every row stands for itself"
    owner = ", ".join(f"`{name}`" for name in table.slice)
    dated = (
        f"A delivery is a slice for each {owner} and `{table.dated_by}`."
        if table.dated_by
        else f"A register: each delivery replaces all rows of a {owner}."
    )
    default = (
        f" Without `valid_from` a row holds from its delivery's `{DELIVERY_DATE}`."
        if table.dated_by == "valid_from"
        else ""
    )
    rows = "".join(_row(column, t) for column in table.columns.values())
    return (
        f"\n## {table.name}\n\n*{t.label('table', table.name)}.* One row per {table.grain}. Key: {key}. {dated}"
        f"{default}\n\n"
        f"| column | label | type | required | accepts |\n|---|---|---|---|---|\n{rows}"
    )


def _row(column: Column, t: Translator) -> str:
    required = "yes" if column.required else ""
    cells = (f"`{column.name}`", t.label("column", column.name), column.type, required, _accepts(column))
    return f"| {' | '.join(cells)} |\n"


def _accepts(column: Column) -> str:
    parts = [", ".join(column.values)] if column.values else []
    if column.min is not None and column.max is not None:
        parts.append(f"{column.min:g} to {column.max:g}")
    elif column.min is not None:
        parts.append(f"{column.min:g} or more")
    elif column.max is not None:
        parts.append(f"{column.max:g} or less")
    if column.refs:
        parts.append(f"an id of {column.refs}; an unknown one becomes a stub")
    return "; ".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
