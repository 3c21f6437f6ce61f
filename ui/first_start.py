"""Before anything is served: the demonstration where there never was a store, and another release's store made anew.

Both are done once, by a thread of the server, in sight of whoever waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from threading import Lock, Thread

import streamlit as st

from loaders import demo_store
from loaders import store as published
from loaders.errors import LoadError, StoreError
from locales import Translator
from ui.marks import escape_md
from ui.store import Standing, Store, current_store, standing, store_dir

Work = Callable[[demo_store.Report], None]

LOOK_S = 0.2
"""How often who waits is shown how far it is."""

_SEEN: set[Path] = set()
"""The folders in which this server has seen a store: one that is gone from there was taken away, not never made."""
_RENEWED: set[Path] = set()
"""Where this server made the store anew, or tried to: it does so once, so that two releases do not do it in turns."""
_WHY_NOT: dict[Path, LoadError | None] = {}
"""Why that failed; None for what nobody foresaw."""


def ready_store(t: Translator, known_on: date | None = None) -> Store:
    """The store as the viewer asks to see it: built first when there never was one, made anew where another release did.

    Where nothing was known on the day asked for, says so and gives the store as known now. Stops the run with
    a sentence when there is no store and none can be built, the one that was there is gone, or it is of a newer
    release. One that cannot be made anew is shown as it is, with a sentence that says how to.
    """
    store = _made_here(t, _there(t))
    if known_on is not None:
        try:
            with st.spinner(t.t("start.known")):
                return current_store(known_on)
        except StoreError as error:
            st.warning(t.t("start.not_known", reason=escape_md(error.sentence(t))), icon=":material/history:")
    return store


def _there(t: Translator) -> Store:
    """The store, built where there never was one."""
    try:
        store = current_store()
    except StoreError as error:
        if published.exists(store_dir()):
            st.error(t.t("start.damaged", reason=escape_md(error.sentence(t))), icon=":material/error:")
            st.stop()
        if store_dir() in _SEEN:
            st.error(t.t("start.gone", folder=escape_md(str(store_dir()))), icon=":material/error:")
            _try_again(t)
        try:
            _watched(t, t.t("start.title"), t.t("start.text"), partial(demo_store.ensure_demo, store_dir()))
            store = current_store()
        except LoadError as error:
            st.error(t.t("start.failed", reason=error.sentence(t)), icon=":material/error:")
            st.stop()
    _SEEN.add(store_dir())
    return store


def _made_here(t: Translator, store: Store) -> Store:
    """The store as this release makes it, if it can."""
    found, folder = standing(store), store_dir()
    if found is Standing.NEWER:
        st.error(t.t("start.newer"), icon=":material/error:")
        _try_again(t)
    if found is Standing.OTHER and folder not in _RENEWED:
        work = partial(demo_store.ensure_current, folder)
        try:
            _watched(t, t.t("start.renew_title"), t.t("start.renew_text"), work)
        except LoadError as error:
            _WHY_NOT[folder] = error
        except Exception:
            logging.getLogger("atalaya").exception("The store could not be made anew")
            _WHY_NOT[folder] = None
        _RENEWED.add(folder)
    if found is Standing.OTHER:
        store = current_store()
        if standing(store) is Standing.OTHER:
            st.warning(_not_renewed(t, folder), icon=":material/update:")
    return store


def _not_renewed(t: Translator, folder: Path) -> str:
    command = f"python -m loaders rebuild --store {folder}".replace("`", "")
    if folder not in _WHY_NOT:
        return t.t("start.renew_again", command=command)
    error = _WHY_NOT[folder]
    reason = error.sentence(t) if error else t.t("start.renew_fault")
    return t.t("start.not_renewed", reason=escape_md(reason), command=command)


def _try_again(t: Translator) -> None:
    st.button(t.t("start.again"), icon=":material/refresh:")
    st.stop()


class _Job:
    """Work in a thread of its own: whoever looks on may leave or click, and it goes on; others may look on too."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._share, self._step = 0.0, ""
        self._error: Exception | None = None
        self._thread = Thread(target=self._run, name="atalaya-first-start", daemon=True)
        self._thread.start()

    def goes_on(self) -> bool:
        """Whether there is still something to wait for."""
        return self._thread.is_alive()

    def watch(self, show: Callable[[float, str], object]) -> None:
        """Show how far it is until it is done; raises what it raised."""
        while self._thread.is_alive():
            show(self._share, self._step)
            self._thread.join(LOOK_S)
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._work(self._tell)
        except Exception as error:  # noqa: BLE001 - whoever looks on raises it
            self._error = error

    def _tell(self, share: float, step: str) -> None:
        self._share, self._step = min(max(share, 0.0), 1.0), step


_JOBS: dict[Path, _Job] = {}
_STARTING = Lock()


def _watched(t: Translator, title: str, text: str, work: Work) -> None:
    """Do `work` for the folder, unless it is being done, and show how far it is. Raises what it raises."""
    place = st.empty()
    with place.container():
        st.subheader(title)
        st.write(text)
        bar = st.progress(0.0, text=t.t("start.waiting"))
    with _STARTING:
        job = _JOBS.get(store_dir())
        if job is None or not job.goes_on():
            job = _JOBS[store_dir()] = _Job(work)
    try:
        job.watch(lambda share, step: bar.progress(share, text=step or t.t("start.waiting")))
    finally:
        place.empty()
