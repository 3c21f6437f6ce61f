"""Tables on paper: a canvas prints only the rows in sight, so each table has a twin in HTML that only print shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from locales import Translator
from ui import marks
from ui.columns import heading, kind, link_text
from ui.formats import Formats, is_missing
from ui.marks import escape

MOST = 200
"""Rows on paper; whoever wants the others downloads them."""


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
        write, css = _writer(shown[name], how, t, f)
        css = f' class="{css}"' if css else ""
        heads.append(f"<th{css}>{escape(heading(name, how))}</th>")
        cells.append([f"<td{css}>{write(value)}</td>" for value in shown[name]])
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    hidden = len(frame) - len(shown)
    more = f'<p class="at-soft">{escape(t.n("table.print.more", hidden))}</p>' if hidden else ""
    return (
        f'<div class="at-print"><table class="at-table"><thead><tr>{"".join(heads)}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}</div>"
    )


def _writer(values: pd.Series, how: Any, t: Translator, f: Formats) -> tuple[Callable[[Any], str], str]:
    """How a column's values are written as HTML, and the class of its cells."""
    what = kind(values, how)
    if what == "number":
        return _number(how, f), "at-num"
    if what == "line_chart":
        title = heading(str(values.name), how)
        return lambda value: "" if value is None else marks.sparkline(list(value), title=title), ""
    if what in {"date", "datetime"}:
        return lambda value: escape(f.missing() if is_missing(value) else str(value)[:10]), "at-day"
    if what == "checkbox":
        return lambda value: escape(f.missing() if is_missing(value) else "✓" if value else ""), ""
    return lambda value: escape(f.missing() if _is_gap(value) else _said(value)), ""


def _number(how: Any, f: Formats) -> Callable[[Any], str]:
    pattern = (how["type_config"].get("format") if isinstance(how, Mapping) else None) or ""
    if pattern == "percent":
        return lambda value: escape(f.percent(value))
    before, found, after = pattern.partition("%,.")
    if not found:
        return lambda value: escape(
            f.number(value, 0 if is_missing(value) or float(value).is_integer() else 2)
        )
    digits, suffix = int(after[0]), after[2:].replace("%%", "%")
    return lambda value: escape(
        f.missing() if is_missing(value) else f"{before}{f.number(value, digits)}{suffix}"
    )


def _is_gap(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and is_missing(value) and not isinstance(value, str)


def _said(value: Any) -> str:
    return str(link_text(value)) if pd.api.types.is_scalar(value) else ", ".join(map(str, value))
