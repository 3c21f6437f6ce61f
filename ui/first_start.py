"""The first start: no store yet, so the demonstration portfolio is built, in sight of whoever waits."""

from __future__ import annotations

from threading import Lock

import streamlit as st

from loaders import demo_store
from loaders.errors import LoadError, StoreError
from locales import Translator
from ui.store import Store, current_store, store_dir

_BUILDING = Lock()


def ready_store(t: Translator) -> Store:
    """The current store, built first when there is none. Stops the run with a sentence when that fails."""
    try:
        return current_store()
    except StoreError:
        return _build(t)


def _build(t: Translator) -> Store:
    place = st.empty()
    with place.container():
        st.subheader(t.t("start.title"))
        st.write(t.t("start.text"))
        bar = st.progress(0.0, text=t.t("start.waiting"))
    try:
        with _BUILDING:
            demo_store.ensure_demo(
                store_dir(), lambda done, step: bar.progress(min(max(done, 0.0), 1.0), text=step)
            )
        store = current_store()
    except LoadError as error:
        place.error(t.t("start.failed", reason=str(error)), icon=":material/error:")
        st.stop()
    place.empty()
    return store
