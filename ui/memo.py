"""What a page draws, remembered: the same store, scope, language and address draw the same.

For parts that cost more to draw than to look up: long HTML, and figures, which plotly checks value by value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ui.context import current
from ui.filters import SHARED


def html(part: str, draw: Callable[[], str], *args: Any) -> str:
    """The HTML that `draw` makes for a part of a page; `args` are what else it depends on, hashable."""
    return str(_kept(_key(part, args), draw))


def figure(part: str, draw: Callable[[], go.Figure], *args: Any) -> go.Figure:
    """The figure that `draw` makes for a part of a page; a new one each time, so it may be changed."""
    return go.Figure(_kept(_key(part, args), lambda: draw().to_plotly_json()), _validate=False)


def _key(part: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    page = current()
    address = tuple((key, tuple(st.query_params.get_all(key))) for key in SHARED if key in st.query_params)
    return part, page.store.version, page.scope, page.t.language, address, args


@st.cache_data(max_entries=256, show_spinner=False)
def _kept(key: tuple[Any, ...], _draw: Callable[[], Any]) -> Any:
    return _draw()
