"""Figures drawn once: building one costs more than all else on a page, and the next run needs the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from ui.context import current
from ui.store import remembered_as

MOST = 256


class Kept(go.Figure):  # type: ignore[misc]
    """A finished figure, written out once: plotly copies and encodes all of its data whenever it is sent."""

    _written: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """What is sent to the browser. Nobody may change it."""
        if self._written is None:
            self._written = json.loads(pio.to_json(super().to_dict(), validate=False))
        return self._written


def kept(name: str, draw: Callable[[], go.Figure], *args: Hashable) -> Kept:
    """The figure that `draw()` makes, remembered per store version, scope, language, theme and `args`.

    It must depend on nothing else, and nobody may change it: every viewer gets the same one.
    """
    page = current()
    theme = st.context.theme.type
    key = remembered_as(name, page.store.version, page.scope, page.t.language, theme, args)
    return _drawn(key=key, _draw=lambda: Kept(draw().update_layout(meta=theme)))


@st.cache_resource(max_entries=MOST, show_spinner=False)
def _drawn(*, key: str, _draw: Callable[[], Kept]) -> Kept:
    return _draw()
