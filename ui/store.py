"""The one way from the pages to the store: which version is current, and asking it a query.

The pointer is looked at on every run, so a newly published version is picked up without a restart; a run that
has begun keeps the version it opened.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from threading import Condition
from typing import Any, Protocol
from weakref import WeakValueDictionary

import streamlit as st
from duckdb import DuckDBPyConnection

from loaders import store as published
from metrics.scope import Scope

STORE_DIR = ("ATALAYA_STORE", "data/published")
"""Setting: the environment variable with the store folder, and its default."""

KEPT_VERSIONS = 3
"""Open versions kept for runs that began before the newest was published."""

PATIENCE_S = 5.0
"""How long whoever sees first that a file was replaced waits for the queries on the old one to end."""

Standing = published.Standing
"""Which release made what a version holds."""

_OPEN: WeakValueDictionary[tuple[str, str, date | None], published.Store] = WeakValueDictionary()
"""What is open, by folder, version and the day as known on which."""
_USES: Counter[str] = Counter()
"""How many cursors each version has in use."""
_ENDED = Condition()


class Store(Protocol):
    """One open version of the store."""

    @property
    def version(self) -> str:
        """Names the published version; a new publication has a new one."""
        ...

    def cursor(self) -> DuckDBPyConnection:
        """A cursor of its own for one use."""
        ...


def store_dir() -> Path:
    """The store folder in use."""
    variable, default = STORE_DIR
    return Path(os.environ.get(variable) or default)


def current_store(known_on: date | None = None) -> Store:
    """The version that the pointer names now, or what was known of it at the end of a day.

    The first to ask for a day waits while its marts are built. Raises loaders.errors.StoreError when there is no
    store, or nothing was known by then.
    """
    folder = store_dir()
    version = published.current_version(folder)
    return _opened(str(folder), version, _stamp(folder / version), known_on)


def standing(store: Store) -> Standing:
    """Which release made that version of the store: looked for once."""
    return _standing(version=store.version, _store=store)


def ask(query: Callable[..., Any], scope: Scope, *args: Any) -> Any:
    """What `query(con, scope, *args)` returns on the current store, remembered per version, scope and args.

    The result is a copy: a page may change it. `args` must be hashable values, not frames.
    """
    from ui.context import current  # noqa: PLC0415

    return ask_of(current().store, query, scope, *args)


def ask_of(store: Store, query: Callable[..., Any], scope: Scope, *args: Any) -> Any:
    """The same, of that version of the store. No answer hangs on who asks: one viewer's is every viewer's."""
    scope = replace(scope, viewer="")
    key = remembered_as(_name(query), store.version, scope, args)
    return _answer(key=key, _query=partial(_asked, query, store, scope, *args))


def ask_all(query: Callable[[DuckDBPyConnection], Any], store: Store) -> Any:
    """What `query(con)` returns on `store`, remembered per version: for what no scope restricts."""
    key = remembered_as(_name(query), store.version)
    return _answer_all(key=key, _query=partial(_asked, query, store))


def remembered_as(*parts: Hashable) -> str:
    """One text for what a memory is keyed by: Streamlit takes ten times longer over its parts, on every run.

    `parts` must be plain values (texts, numbers, dates, tuples and frozen dataclasses of them): their repr tells
    them apart.
    """
    return repr(parts)


@contextmanager
def cursor_of(store: Store) -> Iterator[DuckDBPyConnection]:
    """A cursor of one use: DuckDB's connections are not shared between threads, cursors of one are cheap."""
    with _ENDED:
        _USES[store.version] += 1
    try:
        con = store.cursor()
        try:
            yield con
        finally:
            con.close()
    finally:
        with _ENDED:
            _USES[store.version] -= 1
            _ENDED.notify_all()


def _stamp(path: Path) -> str:
    """Tells a file from another one that took its name: a store may be removed and built anew, or put back."""
    found = path.stat()
    return f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"


@st.cache_resource(max_entries=2 * KEPT_VERSIONS, show_spinner=False)
def _opened(folder: str, version: str, stamp: str, known_on: date | None) -> Store:
    _close_replaced(folder, version, stamp)
    opened = (
        published.open_current(Path(folder))
        if known_on is None
        else published.open_as_known(Path(folder), known_on)
    )
    stamped = replace(opened, version=f"{opened.version}#{stamp}")
    _OPEN[folder, version, known_on] = stamped
    return stamped


def _close_replaced(folder: str, version: str, stamp: str) -> None:
    """Close what is open of a file that another one has replaced under its name.

    DuckDB shares what is open between all who ask for a path, so the old rows would be read until all is closed.
    Queries on the old file may end first, within PATIENCE_S.
    """
    old = [
        store
        for (place, name, _), store in list(_OPEN.items())
        if (place, name) == (folder, version) and not store.version.endswith(f"#{stamp}")
    ]
    with _ENDED:
        _ENDED.wait_for(lambda: not any(_USES[store.version] for store in old), PATIENCE_S)
    for store in old:
        store.close()


@st.cache_data(max_entries=2 * KEPT_VERSIONS, show_spinner=False)
def _standing(*, version: str, _store: Store) -> Standing:
    with cursor_of(_store) as con:
        return published.standing(con)


@st.cache_data(max_entries=512, show_spinner=False)
def _answer(*, key: str, _query: Callable[[], Any]) -> Any:
    return _query()


@st.cache_data(max_entries=32, show_spinner=False)
def _answer_all(*, key: str, _query: Callable[[], Any]) -> Any:
    return _query()


def _asked(query: Callable[..., Any], store: Store, *args: Any) -> Any:
    with cursor_of(store) as con:
        return query(con, *args)


def _name(query: Callable[..., Any]) -> str:
    return f"{query.__module__}.{query.__qualname__}"
