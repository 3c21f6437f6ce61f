"""What viewers keep: saved views, in a small SQLite file beside the store, which stays read-only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

FILE = "state.sqlite"
LONGEST_NAME = 60
PATIENCE_S = 5.0

_SCHEMA = """
create table if not exists view (
    viewer text not null,
    name text not null,
    screen text not null,
    params text not null,
    saved_at text not null,
    primary key (viewer, name)
)
"""


class StateError(Exception):
    """The state file cannot be read or written; `str(error)` says which and why."""


@dataclass(frozen=True)
class View:
    """A screen with its address, under a name of the viewer's own."""

    name: str
    screen: str
    params: Mapping[str, Sequence[str]]


def views(folder: Path, viewer: str) -> list[View]:
    """The viewer's saved views by name; none where nothing was ever saved. Raises StateError."""
    if not (folder / FILE).exists():
        return []
    with _opened(folder) as db:
        rows = db.execute(
            "select name, screen, params from view where viewer = ? order by name collate nocase", (viewer,)
        ).fetchall()
    return [View(name, screen, json.loads(params)) for name, screen, params in rows]


def save_view(folder: Path, viewer: str, view: View) -> None:
    """Keep a view; one of the same name is replaced. Raises StateError."""
    with _opened(folder) as db:
        db.execute(
            "insert or replace into view values (?, ?, ?, ?, ?)",
            (
                viewer,
                view.name[:LONGEST_NAME],
                view.screen,
                json.dumps(view.params),
                datetime.now(UTC).isoformat(timespec="seconds"),
            ),
        )


def forget_view(folder: Path, viewer: str, name: str) -> None:
    """Remove a view; nothing happens where there is none of that name. Raises StateError."""
    with _opened(folder) as db:
        db.execute("delete from view where viewer = ? and name = ?", (viewer, name))


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    try:
        db = sqlite3.connect(folder / FILE, timeout=PATIENCE_S)
    except sqlite3.Error as error:
        raise StateError(f"{FILE} cannot be opened: {error}.") from error
    try:
        with db:
            db.execute(_SCHEMA)
            yield db
    except sqlite3.Error as error:
        raise StateError(f"{FILE} cannot be used: {error}.") from error
    finally:
        db.close()
