"""The first start: no store yet, so the demonstration portfolio is built, in sight of whoever waits."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from loaders import demo_store
from loaders import store as published
from loaders.errors import LoadError, StoreError
from locales import Translator
from ui.marks import escape_md
from ui.store import Store, current_store, store_dir

_BUILDING = Lock()
_SEEN: set[Path] = set()
"""The folders in which this server has seen a store: one that is gone from there was taken away, not never made."""


def ready_store(t: Translator, known_on: date | None = None) -> Store:
    """The store as the viewer asks to see it, built first when there never was one.

    Where nothing was known on the day asked for, says so and gives the store as known now. Stops the run with
    a sentence when there is no store and none can be built, or the one that was there is gone.
    """
    if known_on is not None:
        try:
            with st.spinner(t.t("start.known")):
                return current_store(known_on)
        except StoreError as error:
            st.warning(t.t("start.not_known", reason=escape_md(error.sentence(t))), icon=":material/history:")
    try:
        store = current_store()
    except StoreError as error:
        if published.exists(store_dir()):
            st.error(t.t("start.damaged", reason=escape_md(error.sentence(t))), icon=":material/error:")
            st.stop()
        if store_dir() in _SEEN:
            st.error(t.t("start.gone", folder=escape_md(str(store_dir()))), icon=":material/error:")
            st.button(t.t("start.again"), icon=":material/refresh:")
            st.stop()
        store = _build(t)
    _SEEN.add(store_dir())
    return store


def _build(t: Translator) -> Store:
    place = st.empty()
    with place.container():
        st.subheader(t.t("start.title"))
        st.write(t.t("start.text"))
        bar = st.progress(0.0, text=t.t("start.waiting"))
    try:
        with _BUILDING:
            demo_store.ensure_demo(store_dir(), partial(_show, bar))
        store = current_store()
    except LoadError as error:
        place.error(t.t("start.failed", reason=error.sentence(t)), icon=":material/error:")
        st.stop()
    place.empty()
    return store


def _show(bar: DeltaGenerator, done: float, step: str) -> None:
    bar.progress(min(max(done, 0.0), 1.0), text=step)
