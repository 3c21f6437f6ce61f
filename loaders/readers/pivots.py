"""Tables on their side: period columns into rows, and one column per record into one row each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow as pa

from loaders.mapping import Unpivot
from loaders.readers.base import ROW
from loaders.readers.tabular import unique_headers


def unpivot(table: pa.Table, turns: Sequence[Unpivot]) -> pa.Table:
    """The table with a row per original row and heading that a turn matches.

    `name_to` holds the first group of the match (the whole heading without one), `value_to` the cell. Several turns
    whose names agree stand beside each other; rows keep their number.
    """
    headings = [name for name in table.column_names if name != ROW]
    places: dict[str, dict[str, str]] = {}
    turned: set[str] = set()
    for turn in turns:
        for heading in headings:
            found = re.fullmatch(turn.columns, heading)
            if found:
                turned.add(heading)
                places.setdefault(found[1] if found.groups() else heading, {})[turn.value_to] = heading
    kept = [name for name in table.column_names if name not in turned]
    values = list(dict.fromkeys(turn.value_to for turn in turns))
    name_to = turns[0].name_to
    parts = []
    for name, columns in places.items():
        part = {column: table[column] for column in kept}
        part[name_to] = pa.array([name] * table.num_rows, pa.string())
        for value in values:
            part[value] = table[columns[value]] if value in columns else pa.nulls(table.num_rows, pa.string())
        parts.append(pa.table(part))
    return pa.concat_tables(parts) if parts else table


def transpose(table: pa.Table) -> pa.Table:
    """The table with its first column as headings and a row per other column; `__row` is that column's number."""
    first, *others = [name for name in table.column_names if name != ROW]
    names = unique_headers([first, *table[first].to_pylist()])
    cells = [[heading, *table[heading].to_pylist()] for heading in others]
    columns = {name: pa.array([row[index] for row in cells], pa.string()) for index, name in enumerate(names)}
    return pa.table({**columns, ROW: pa.array(range(2, len(cells) + 2), pa.int64())})
