"""The one way from the pages to the store: which version is current, and asking it a query.

The pointer is looked at on every run, so a newly published version is picked up without a restart; a run that
has begun keeps the version it opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import streamlit as st
from duckdb import DuckDBPyConnection

from loaders import store as published
from metrics.scope import Scope

STORE_DIR = ("ATALAYA_STORE", "data/published")
"""Setting: the environment variable with the store folder, and its default."""

KEPT_VERSIONS = 3
"""Open versions kept for runs that began before the newest was published."""


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
    return Path(os.environ.get(variable, default))


def current_store(known_on: date | None = None) -> Store:
    """The version that the pointer names now, or what was known of it at the end of a day.

    The first to ask for a day waits while its marts are built. Raises loaders.errors.StoreError when there is no
    store, or nothing was known by then.
    """
    folder = store_dir()
    version = published.current_version(folder)
    stamp = (folder / version).stat().st_mtime_ns
    return (
        _opened(str(folder), version, stamp)
        if known_on is None
        else _known(str(folder), version, stamp, known_on)
    )


def ask(query: Callable[..., Any], scope: Scope, *args: Any) -> Any:
    """What `query(con, scope, *args)` returns on the current store, remembered per version, scope and args.

    The result is a copy: a page may change it. `args` must be hashable values, not frames.
    """
    from ui.context import current  # noqa: PLC0415

    store = current().store
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
    con = store.cursor()
    try:
        yield con
    finally:
        con.close()


@st.cache_resource(max_entries=KEPT_VERSIONS, show_spinner=False)
def _opened(folder: str, version: str, stamp: int) -> Store:
    return _stamped(published.open_current(Path(folder)), stamp)


@st.cache_resource(max_entries=KEPT_VERSIONS, show_spinner=False)
def _known(folder: str, version: str, stamp: int, known_on: date) -> Store:
    return _stamped(published.open_as_known(Path(folder), known_on), stamp)


def _stamped(opened: published.Store, stamp: int) -> Store:
    """With its time in the version's name: a store removed and built anew begins again with the same names."""
    return replace(opened, version=f"{opened.version}#{stamp}")


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
