"""Tables on the screen: Streamlit's canvas, whose values read as the viewer's language writes them.

The canvas itself knows the separators of the United States and of the browser, not those of the page. A pandas Styler
gives it a text beside each value: it shows the text, and sorts, aligns and downloads by the value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pandas as pd
from pandas.io.formats.style import Styler

from ui.columns import heading, kind, settings, writer
from ui.formats import Formats

MOST = 50_000
"""Cells that are written out; writing as many takes a second. More are shown in the canvas's own formats."""


WIDE = 1288
"""Pixels that a table has on a screen of 1440."""
NARROW_LETTERS, WIDE_LETTERS = frozenset("iljtfrI.,:;·!|()[]-/' \u00a0\u202f"), frozenset("mwMWOQ%—…")
NARROW, LETTER, BROAD, EDGES = 3.6, 6.7, 9.8, 18
"""About the widths of letters, in pixels, and of a cell's edges."""
WIDEST, LEAST = 400, 120
"""Streamlit makes no column wider than the one; texts are never cut narrower than the other."""
NAMED = {"small": 75, "medium": 200, "large": 400}
OUTLIER = 2
"""The canvas leaves out of account what is so many times longer than the mean."""
MEASURED = 12
"""The longest texts of a column, whose widths are looked at."""

_PLACE: ContextVar[int] = ContextVar("place", default=WIDE)


def place() -> int:
    """Pixels that a table has where it is drawn now, on a screen of 1440."""
    return _PLACE.get()


@contextmanager
def placed(pixels: int) -> Iterator[None]:
    """Tables drawn inside have as many pixels."""
    before = _PLACE.set(pixels)
    try:
        yield
    finally:
        _PLACE.reset(before)


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


def settings_of(
    frame: pd.DataFrame, columns: Mapping[str, Any], told: pd.DataFrame, pixels: int = WIDE
) -> dict[str, Any]:
    """The column settings without formats, which would outdo the texts, and fitted into a place so many pixels wide.

    Columns of text are narrowed, the widest first; whoever wants such a text whole opens its cell. Where that is not
    enough, columns from the last on are hidden: the table's own menu shows them.
    """
    natural = {name: _natural(name, how, told[name]) for name, how in columns.items()}
    wordy = [
        name for name, how in columns.items() if kind(frame[name], how) == "text" and not _own_width(how)
    ]
    least = {name: min(width, LEAST) if name in wordy else width for name, width in natural.items()}
    seen = list(columns)
    while len(seen) > 1 and sum(least[name] for name in seen) > pixels:
        seen.pop()
    wordy = [name for name in wordy if name in seen]
    at_most = _at_most([natural[name] for name in wordy], pixels - sum(natural[name] for name in seen))
    return {
        name: _hidden(how)
        if name not in seen
        else _sized(how, min(int(natural[name]), at_most))
        if name in wordy and (natural[name] > at_most or _is_uneven(told[name]))
        else _unformatted(how)
        for name, how in columns.items()
    }


def hidden(settled: Mapping[str, Any]) -> int:
    """How many of the columns of `settings_of` are out of sight until the table's menu shows them."""
    return sum(isinstance(how, Mapping) and bool(how.get("hidden")) for how in settled.values())


def _at_most(widths: list[float], spare: float) -> int:
    """How wide a column may be that all of `widths` lose together what `spare` lacks; WIDEST where it lacks nothing."""
    room = sum(widths) + spare
    for n, width in enumerate(sorted(widths)):
        share = room / (len(widths) - n)
        if spare < 0 and width > share:
            return max(int(share), LEAST)
        room -= width
    return WIDEST


def _natural(name: str, how: Any, told: pd.Series) -> float:
    own = _own_width(how)
    if own:
        return float(NAMED.get(own, own))
    lengths = told.str.len().to_numpy()
    longest = told.iloc[lengths.argsort()[-MEASURED:]]
    return min(max(map(_long, [heading(name, how), *longest])) + EDGES, WIDEST)


def _is_uneven(told: pd.Series) -> bool:
    """Whether few texts are much longer than the others: left to itself, the canvas would cut them."""
    lengths = told.str.len()
    return bool(lengths.max() > OUTLIER * lengths.mean())


def _long(text: str) -> float:
    """About how many pixels a text takes."""
    narrow = sum(letter in NARROW_LETTERS for letter in text)
    broad = sum(letter in WIDE_LETTERS for letter in text)
    return NARROW * narrow + BROAD * broad + LETTER * (len(text) - narrow - broad)


def _own_width(how: Any) -> Any:
    return how.get("width") if isinstance(how, Mapping) else None


def _sized(how: Any, width: int) -> Any:
    return {**_as_settings(how), "width": width}


def _hidden(how: Any) -> Any:
    return {**_as_settings(_unformatted(how)), "hidden": True}


def _as_settings(how: Any) -> Mapping[str, Any]:
    return {"label": how} if isinstance(how, str) else how


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
