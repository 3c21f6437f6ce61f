"""What every page is given: the scope, the texts, the formats, the colours and the store."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from locales import Translator
from metrics.scope import Scope
from ui.formats import Formats
from ui.store import Store
from ui.theme import Palette

_KEY = "_atalaya_context"


@dataclass(frozen=True)
class Context:
    """One run of one page, for one viewer."""

    scope: Scope
    t: Translator
    f: Formats
    palette: Palette
    store: Store


def provide(context: Context) -> None:
    """Make `context` the one that pages and fragments of this run get."""
    st.session_state[_KEY] = context


def current() -> Context:
    """The context that dashboard.py provided for this run."""
    context: Context = st.session_state[_KEY]
    return context
