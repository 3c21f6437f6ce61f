"""Tables on their side: period columns into rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from loaders.mapping import Unpivot
from loaders.names import plain
from loaders.readers.base import Sheet


def unpivot(sheet: Sheet, turns: Sequence[Unpivot]) -> Sheet:
    """The sheet with a row per original row and heading that a turn matches, rows without a value left out.

    `name_to` holds the first group of the match (the whole heading without one), `value_to` the cell. Several
    turns whose names agree stand beside each other; rows keep their number.
    """
    places: dict[str, dict[str, str]] = {}
    turned: set[str] = set()
    for turn in turns:
        for heading in sheet.headings:
            found = re.fullmatch(turn.columns, heading)
            if found:
                turned.add(heading)
                places.setdefault(str(found[1]) if found.groups() else heading, {})[turn.value_to] = heading
    values = list(dict.fromkeys(turn.value_to for turn in turns))
    kept = [
        name
        for name in sheet.table.column_names
        if name not in turned and plain(name) != plain(turns[0].name_to)
    ]
    count = sheet.table.num_rows
    parts, marks = [], []
    for name, columns in places.items():
        cells = {
            value: sheet.table[columns[value]] if value in columns else pa.nulls(count, pa.string())
            for value in values
        }
        part = {
            **{column: sheet.table[column] for column in kept},
            turns[0].name_to: pa.array([name] * count, pa.string()),
        }
        parts.append(pa.table({**part, **cells}))
        no = pa.array([False] * count, pa.bool_())
        origin = {**{column: column for column in kept}, **columns}
        marks.append(pa.table({to: sheet.native.get(of, no) for to, of in origin.items()}))
    if not parts:
        return sheet
    table, native = pa.concat_tables(parts), pa.concat_tables(marks, promote_options="default")
    is_filled = (
        pc.or_kleene(*(pc.is_valid(table[v]) for v in values))
        if len(values) == 2
        else _any_valid(table, values)
    )
    mask = is_filled.combine_chunks() if isinstance(is_filled, pa.ChunkedArray) else is_filled
    filtered = native.filter(mask)
    shown = {name: pc.coalesce(filtered[name], False).combine_chunks() for name in filtered.column_names}
    return replace(
        sheet, table=table.filter(mask), native={n: m for n, m in shown.items() if pc.any(m).as_py()}
    )


def _any_valid(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    filled = pc.is_valid(table[names[0]])
    for name in names[1:]:
        filled = pc.or_(filled, pc.is_valid(table[name]))
    return filled
