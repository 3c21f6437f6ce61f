"""What is said of refused cells and sheets: the reject with everything that its sentence names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from loaders.batch import Reject
from loaders.binding import Bound
from loaders.contract import DELIVERY_DATE, Column, Table
from loaders.mapping import TableRule
from loaders.names import plain
from loaders.parsing import EARLIEST, LATEST, LONGEST, PER_USD

SHOWN = 120
"""Characters of a refused value that a reject keeps."""
MOST_ALIKE = 100
"""Cells of one column of one sheet refused for one reason that are listed; the rest is counted."""

Fields = dict[str, str | int]


class Found(NamedTuple):
    """A problem as the check found it: number `no` of `many` alike; `first_…` is the row that it repeats.

    `currency` is that of the row, None where it has none.
    """

    row: int
    name: str | None
    reason: str
    value: str | None
    currency: str | None
    first_file: str | None
    first_sheet: str | None
    first_row: int | None
    no: int
    many: int


def refused_cell(bound: Bound, table: Table, source: str, found: Found) -> Reject:
    """The reject of one problem; the one after the last that is listed stands for all the rest."""
    if found.no > MOST_ALIKE:
        return _reject(
            bound, table.name, source, "more", found.name, params={"count": found.many - MOST_ALIKE}
        )
    params: Fields = {}
    column = table.accepted.get(found.name or "")
    if found.first_row is not None:
        place = (found.first_file, found.first_sheet, str(found.first_row))
        elsewhere = ", ".join(part for part in place if part)
        is_here = found.reason == "duplicate"
        params = {"first": found.first_row if is_here else elsewhere, "key": ", ".join(table.key)}
    elif column:
        params = {**_limits(column), **_advice(found)}
    return _reject(bound, table.name, source, found.reason, found.name, found.row, found.value, params)


def refused_sheet(bound: Bound, rule: TableRule, source: str) -> Iterator[Reject]:
    """The rejects of a sheet of which no row can be kept."""
    for heading in bound.repeated:
        yield _reject(bound, rule.table, source, "repeated_heading", heading)
    twice = {plain(heading) for heading in bound.repeated}
    for name, heading in bound.lacking.items():
        if plain(heading) in twice:
            continue
        is_undated = name == DELIVERY_DATE and name not in rule.columns
        is_there = name in bound.columns
        reason = "missing_status_date" if is_undated else "empty_column" if is_there else "missing_column"
        yield _reject(bound, rule.table, source, reason, heading)


def _reject(
    bound: Bound,
    table: str,
    source: str,
    reason: str,
    name: str | None,
    row: int | None = None,
    value: str | None = None,
    params: Fields | None = None,
) -> Reject:
    return Reject(
        file=bound.sheet.file,
        sheet=bound.sheet.sheet,
        row=row,
        column=bound.shown.get(name, name) if name else None,
        value=value if value is None or len(value) <= SHOWN else f"{value[:SHOWN]}…",
        reason=reason,
        params={"table": table, **(params or {})},
        table=table,
        source=source,
    )


def _limits(column: Column) -> Fields:
    """The bounds of a column that its sentences name."""
    if column.type == "date":
        return {"min": str(EARLIEST), "max": str(LATEST)}
    if column.type in LONGEST:
        return {"max": LONGEST[column.type]}
    low = 0 if column.type == "fraction" and column.min is None else column.min
    bounds = {"min": low, "max": column.max}
    limits: Fields = {name: f"{bound:g}" for name, bound in bounds.items() if bound is not None}
    return {**limits, "values": ", ".join(column.values)} if column.values else limits


def _advice(found: Found) -> Fields:
    """What the sentence of a reason proposes."""
    if found.reason == "far_rate" and found.currency:
        low, high = PER_USD[found.currency]
        return {"currency": found.currency, "low": f"{low:g}", "high": f"{high:g}"}
    try:
        number = float(str(found.value).replace(",", ".").strip("% "))
    except ValueError:
        number = 0.0
    if found.reason == "inverse_rate":
        return {"inverse": f"{1 / number:.6g}" if number else ""}
    if found.reason == "fraction":
        return {"fraction": f"{number / 100:g}"}
    return {}
