"""Tables on the screen: Streamlit's canvas, whose values read as the viewer's language writes them.

The canvas itself knows the separators of the United States and of the browser, not those of the page. A pandas Styler
gives it a text beside each value: it shows the text, and sorts, aligns and downloads by the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ui.columns import heading, kind, settings, writer
from ui.formats import Formats

MOST = 50_000
"""Cells that are written out; writing as many takes a second. More are shown in the canvas's own formats."""


WIDE = 1280
"""Pixels that a table has on a screen of 1440."""
LETTER, EDGES = 6.2, 20
"""About the width of a letter, and of a cell's edges."""
WIDEST, LEAST = 400, 150
"""Streamlit makes no column wider than the one; texts are never cut narrower than the other."""
NAMED = {"small": 75, "medium": 200, "large": 400}


def texts(frame: pd.DataFrame, columns: Mapping[str, Any], f: Formats) -> pd.DataFrame:
    """Every value of the columns as the viewer reads it."""
    told = {name: _texts(frame[name], how, f) for name, how in columns.items()}
    return pd.DataFrame(told, dtype="str")


def written(frame: pd.DataFrame, told: pd.DataFrame, *, known: str) -> Styler:
    """The columns of `told` with those texts, ready to be sent as often as wanted. `known` names the data.

    Left to itself, a Styler works out every cell each time it is sent: 30 ms for 500 rows, where this takes one.
    """
    values = frame[list(told.columns)].reset_index(drop=True)
    styler = Styler(values, uuid=known)
    # Streamlit asks for the values as text, then for what the Styler changes in them.
    object.__setattr__(values, "astype", lambda *_: told)
    object.__setattr__(styler, "_translate", lambda *_: {})
    return styler


def settings_of(frame: pd.DataFrame, columns: Mapping[str, Any], told: pd.DataFrame) -> dict[str, Any]:
    """The column settings without formats, which would outdo the texts, and narrowed until all columns are in sight.

    Only columns of text are narrowed, the widest first; whoever wants such a text whole opens its cell.
    """
    natural = {name: _natural(name, how, told[name]) for name, how in columns.items()}
    wordy = [
        name for name, how in columns.items() if kind(frame[name], how) == "text" and not _own_width(how)
    ]
    at_most = _at_most([natural[name] for name in wordy], WIDE - sum(natural.values()))
    return {
        name: _narrowed(how, at_most) if name in wordy and natural[name] > at_most else _unformatted(how)
        for name, how in columns.items()
    }


def _at_most(widths: list[float], spare: float) -> int:
    """How wide a column may be that all of `widths` lose together what `spare` lacks.

    WIDEST where it lacks nothing, or so much that texts would be cut and the table still be too wide.
    """
    room = sum(widths) + spare
    for n, width in enumerate(sorted(widths)):
        share = room / (len(widths) - n)
        if spare < 0 and width > share:
            return int(share) if share >= LEAST else WIDEST
        room -= width
    return WIDEST


def _natural(name: str, how: Any, told: pd.Series) -> float:
    own = _own_width(how)
    longest = max([len(heading(name, how)), *told.str.len()])
    return float(NAMED.get(own, own)) if own else min(longest * LETTER + EDGES, WIDEST)


def _own_width(how: Any) -> Any:
    return how.get("width") if isinstance(how, Mapping) else None


def _narrowed(how: Any, width: int) -> Any:
    return {**({"label": how} if isinstance(how, str) else how), "width": width}


def _texts(values: pd.Series, how: Any, f: Formats) -> list[str]:
    if kind(values, how) == "line_chart":
        return [""] * len(values)
    write = writer(values, how, f)
    return [write(value) for value in values]


def _unformatted(how: Any) -> Any:
    said = settings(how)
    if said.get("type") not in {"number", "date", "datetime"}:
        return how
    return {**how, "type_config": {**said, "format": None}}
