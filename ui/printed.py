"""Tables on paper: a canvas prints only the rows in sight, so each table has a twin in HTML that only print shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from locales import Translator
from ui import marks
from ui.columns import heading, kind, writer
from ui.formats import Formats
from ui.marks import escape

MOST = 200
"""Rows on paper; whoever wants the others downloads them."""
CLASSES = {"number": "at-num", "date": "at-day", "datetime": "at-day"}


def digest(table: pa.Table) -> str:
    """What a table's data are known by: equal data have equal digests."""
    told = hashlib.blake2b(digest_size=16)
    told.update(str(table.schema.names).encode())
    for column in table.columns:
        for chunk in column.chunks:
            for buffer in chunk.buffers():
                told.update(b"" if buffer is None else buffer)
    return told.hexdigest()


def html(frame: pd.DataFrame, columns: Mapping[str, Any], t: Translator, f: Formats) -> str:
    """The first MOST rows, values as on the screen, numbers at the right."""
    shown = frame.head(MOST)
    heads, cells = [], []
    for name, how in columns.items():
        css = CLASSES.get(kind(shown[name], how), "")
        css = f' class="{css}"' if css else ""
        heads.append(f"<th{css}>{escape(heading(name, how))}</th>")
        write = _writer(shown[name], how, f)
        cells.append([f"<td{css}>{write(value)}</td>" for value in shown[name]])
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    hidden = len(frame) - len(shown)
    more = f'<p class="at-soft">{escape(t.n("table.print.more", hidden))}</p>' if hidden else ""
    return (
        f'<div class="at-print"><table class="at-table"><thead><tr>{"".join(heads)}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}</div>"
    )


def _writer(values: pd.Series, how: Any, f: Formats) -> Callable[[Any], str]:
    """How a column's values are written as HTML."""
    if kind(values, how) == "line_chart":
        title = heading(str(values.name), how)
        return lambda value: "" if value is None else marks.sparkline(list(value), title=title)
    write = writer(values, how, f)
    return lambda value: escape(write(value))
