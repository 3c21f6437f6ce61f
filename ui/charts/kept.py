"""Figures drawn once: building one costs more than all else on a page, and the next run needs the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import plotly.graph_objects as go
import streamlit as st

from ui.context import current

MOST = 256


def kept(name: str, draw: Callable[[], go.Figure], *args: Hashable) -> go.Figure:
    """The figure that `draw()` makes, remembered per store version, scope, language, theme and `args`.

    It must depend on nothing else, and nobody may change it: every viewer gets the same one.
    """
    page = current()
    theme = st.context.theme.type
    return _drawn(name, page.store.version, page.scope, page.t.language, theme, args, draw)


@st.cache_resource(max_entries=MOST, show_spinner=False)
def _drawn(
    name: str,
    version: str,
    scope: Hashable,
    language: str,
    theme: str | None,
    args: tuple[Hashable, ...],
    _draw: Callable[[], go.Figure],
) -> go.Figure:
    return _draw().update_layout(meta=theme)
