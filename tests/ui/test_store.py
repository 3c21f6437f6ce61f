from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from metrics.scope import Scope
from ui import store
from ui.store import Store, current_store, cursor_of, remembered_as

SCOPE = Scope("", date(2025, 8, 31))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("a, b",)),
        (("a", "b"), (("a", "b"),)),
        (("1",), (1,)),
        ((None,), ("None",)),
        ((date(2025, 8, 31),), ("2025-08-31",)),
        ((SCOPE,), (replace(SCOPE, countries=("MX",)),)),
        ((replace(SCOPE, countries=("MX", "CO")),), (replace(SCOPE, countries=("MX, CO",)),)),
    ],
)
def test_what_differs_is_remembered_apart(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert remembered_as(*one) != remembered_as(*other)  # type: ignore[arg-type]


def test_the_same_is_remembered_as_the_same() -> None:
    assert remembered_as("a", SCOPE, (1, None)) == remembered_as("a", replace(SCOPE), (1, None))


FILE = "atalaya-000001.duckdb"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATALAYA_STORE", str(tmp_path))
    (tmp_path / "current").write_text(f"{FILE}\n", encoding="utf-8")
    publish(tmp_path, 1)
    return tmp_path


def publish(folder: Path, number: int) -> None:
    """Put another file under the same name, of the same size and time."""
    path = folder / "building.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(f"create table told as select {number} as number")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    path.replace(folder / FILE)


def told(opened: Store) -> int:
    with cursor_of(opened) as con:
        row = con.execute("select number from told").fetchone()
    assert row
    return int(row[0])


def test_a_file_replaced_under_its_name_is_read_anew(folder: Path) -> None:
    first = current_store()
    assert (told(first), current_store()) == (1, first)
    publish(folder, 2)
    second = current_store()
    assert (told(second), second.version == first.version) == (2, False)


def test_a_query_in_flight_is_waited_for_and_then_given_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "PATIENCE_S", 0.01)
    with cursor_of(current_store()) as con:
        publish(folder, 2)
        assert told(current_store()) == 2
        with pytest.raises(duckdb.ConnectionException):
            con.execute("select number from told")


def test_whoever_waits_goes_on_once_the_query_has_ended(folder: Path) -> None:
    first = current_store()
    seen: list[int] = []
    with cursor_of(first) as con:
        publish(folder, 2)
        waiting = Thread(target=lambda: seen.append(told(current_store())))
        waiting.start()
        waiting.join(0.05)
        assert (seen, con.execute("select number from told").fetchone()) == ([], (1,))
    waiting.join(10)
    assert seen == [2]
