"""A table's own filter: rows by the values of the columns it shows, kept while its page is open.

`mask` says which rows pass, before the table is drawn; `menu` draws the choices, after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from ui.columns import heading, kind, link_text
from ui.context import current
from ui.formats import folded, is_missing

WORTH_IT = 6
"""A table of fewer rows needs no filter."""
FEW = 40
"""At most so many different values are offered as a list; of more, the viewer types a part."""
MISSING = ""
"""Stands for an unknown value among the choices."""


@dataclass(frozen=True)
class Sieve:
    """What one column may be: some of `values`, text with `part` in it, or from `low` to `high`, both included."""

    values: tuple[str, ...] = ()
    part: str = ""
    low: float | date | None = None
    high: float | date | None = None

    def passes(self, column: pd.Series) -> pd.Series:
        """Which values pass. An unknown one passes only where it is chosen by itself, or nothing is asked."""
        passing = pd.Series(True, index=column.index)
        if self.values:
            passing &= column.map(_text).isin(self.values)
        if self.part:
            wanted = folded(self.part)
            passing &= column.map(lambda value: wanted in folded(_text(value)))
        if self.low is not None:
            passing &= column.map(lambda value: not is_missing(value) and _plain(value) >= self.low)
        if self.high is not None:
            passing &= column.map(lambda value: not is_missing(value) and _plain(value) <= self.high)
        return passing


def mask(frame: pd.DataFrame, columns: Mapping[str, Any], key: str) -> pd.Series | None:
    """The rows that pass what the viewer chose; None when nothing is chosen."""
    chosen = [name for name in st.session_state.get(_by(key), ()) if name in columns]
    if not chosen:
        return None
    passing = pd.Series(True, index=frame.index)
    for name in chosen:
        passing &= _asked(key, name, columns[name]).passes(frame[name])
    return None if passing.all() else passing


def menu(frame: pd.DataFrame, columns: Mapping[str, Any], key: str, shown: int) -> None:
    """The button, which says how many rows it lets through, and the choices behind it."""
    t = current().t
    total = len(frame)
    label = t.t("table.filter") if shown == total else t.n("table.filter.shown", total, shown=shown)
    popover = st.popover(
        label, icon=":material/filter_alt:", type="tertiary", key=f"{key}_filter", on_change="rerun"
    )
    if not popover.open:
        return
    offered = [name for name, how in columns.items() if kind(frame[name], how) != "line_chart"]
    with popover:
        chosen = st.multiselect(
            t.t("table.filter.by"), offered, key=_by(key), persist_state="page",
            format_func=lambda name: heading(name, columns[name]), placeholder=t.t("table.filter.choose"),
        )  # fmt: skip
        for name in chosen:
            _choices(frame[name], columns[name], name, key)


def _choices(column: pd.Series, how: Any, name: str, key: str) -> None:
    t = current().t
    label, at = heading(name, how), _at(key, name)
    what = kind(column, how)
    if what == "number":
        _range(st.number_input, label, at, value=None)
        return
    if what in {"date", "datetime"}:
        _range(st.date_input, label, at, value=None, format=current().f.typed_date)
        return
    values = sorted(set(column.map(_text)) | set(st.session_state.get(f"{at}_values", ())))
    if len(values) > FEW:
        st.text_input(
            t.t("table.filter.part", column=label), key=f"{at}_part", persist_state="page", type="search"
        )
        return
    st.multiselect(
        label, values, key=f"{at}_values", persist_state="page", placeholder=t.t("filter.all"),
        format_func=lambda value: value or t.t("format.missing"),
    )  # fmt: skip


def _range(widget: Any, label: str, at: str, **how: Any) -> None:
    t = current().t
    for side, column in zip(("low", "high"), st.columns(2), strict=True):
        with column:
            widget(t.t(f"table.filter.{side}", column=label), key=f"{at}_{side}", persist_state="page", **how)


def _asked(key: str, name: str, how: Any) -> Sieve:
    """What the viewer chose for a column. Fractions shown in percent are typed in percent."""
    state, at = st.session_state, _at(key, name)
    scale = 100 if _is_percent(how) else 1
    low, high = (
        value / scale if isinstance(value := state.get(f"{at}_{side}"), (int, float)) else value
        for side in ("low", "high")
    )
    return Sieve(tuple(state.get(f"{at}_values", ())), state.get(f"{at}_part") or "", low, high)


def _is_percent(how: Any) -> bool:
    return isinstance(how, Mapping) and (how.get("type_config") or {}).get("format") == "percent"


def _by(key: str) -> str:
    return f"{key}_filter_by_{current().t.language}"


def _at(key: str, name: str) -> str:
    """The values of a column are in the viewer's language: each language has its own choice."""
    return f"{key}_filter_{name}_{current().t.language}"


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple, np.ndarray)):
        return ", ".join(map(str, value))
    return MISSING if is_missing(value) else str(link_text(value))


def _plain(value: Any) -> Any:
    """A number as a float, a time as its day."""
    return value.date() if hasattr(value, "date") else value if isinstance(value, date) else float(value)
