"""What a viewer picked in a figure: kept in the address, so that it can be copied and one step back undoes it.

A screen lists below the figure what the picked mark stands for. The list's heading comes into sight after the
click, and its cross takes the choice out of the address again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import streamlit as st

from metrics.queries.filters import filter_options
from ui import clicks, filters
from ui.charts.rows import chosen
from ui.context import current
from ui.marks import escape
from ui.store import ask_all

Pick = Callable[[list[Any]], Mapping[str, str | None]]
"""From a mark's customdata, empty for none, to the parameters of the address that it stands for.

Given nothing it names them all. The shared as-of date may be among them, as an ISO date.
"""

_NEW = "_picked"


def key_of(key: str, pick: Pick) -> str:
    """The key of a figure's element: a new one once the address holds another choice, so that no mark stays chosen."""
    count = st.session_state.get(f"_{key}_picks", 0)
    held = st.session_state.get(_numbered(key, count))
    mark = chosen(held["selection"]["points"]) if held else []
    if mark and not _is_in_address(pick(mark)):
        count += 1
        st.session_state[f"_{key}_picks"] = count
    return _numbered(key, count)


def adopt(key: str, pick: Pick) -> None:
    """Before the run: write what was clicked in the figure into the address, in one step."""
    data = chosen(st.session_state[key]["selection"]["points"])
    params = dict(pick(data))
    if day := params.pop(filters.AS_OF, None):
        dates = ask_all(filter_options, current().store).status_dates
        st.session_state[filters.AS_OF] = filters.standing_at(date.fromisoformat(day), dates)
    st.query_params.update({name: [] if value is None else value for name, value in params.items()})
    st.session_state[_NEW] = data


def new() -> list[Any]:
    """The customdata of the mark whose click began this run; empty for any other run."""
    return list(st.session_state.pop(_NEW, []))


def heading(title: str, screen: str, pick: Pick, *, key: str) -> None:
    """The heading of the list that a picked mark opened, with a cross that closes it."""
    is_new = bool(new())
    close = clicks.anchor(
        "×", screen, label=current().t.t("picked.close"), css="at-close", **dict.fromkeys(pick([]))
    )
    arrive = f' data-arrive="{escape(str(sorted(_chosen(pick).items())))}"' if is_new else ""
    clicks.show(
        f'<div class="at-picked"{arrive}><h2 class="at-section">{escape(title)}</h2>{close}</div>',
        screen,
        key=key,
    )


def _is_in_address(params: Mapping[str, str | None]) -> bool:
    return all(st.query_params.get(name) == value for name, value in params.items() if name != filters.AS_OF)


def _chosen(pick: Pick) -> dict[str, str]:
    return {name: st.query_params.get(name, "") for name in pick([])}


def _numbered(key: str, count: int) -> str:
    return f"{key}_{count}" if count else key
