"""The demonstration in a store: built once, by whoever comes first, and never over anything else."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import duckdb
import pytest

from loaders import demo_store, store
from loaders.errors import LoadError
from loaders.history import FORMAT
from loaders.pipeline import load, rebuild
from tests.loaders.sources import few_marts, folder, risks


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A demonstration that takes no time; counts how often its files are written."""
    written: list[int] = []

    def write(out: Path, progress) -> None:
        written.append(1)
        folder(out, risks=risks("invented"))
        progress("Core swap", 1, 1)

    monkeypatch.setattr("loaders.demo_store.write_demo", write)
    monkeypatch.setattr("loaders.demo_store.load", partial(load, build=few_marts))
    return written


def test_it_is_built_once_and_tells_how_far_it_is(tmp_path: Path, small: list[int], capfd) -> None:
    told: list[float] = []
    demo_store.ensure_demo(tmp_path / "store", lambda share, _: told.append(share))
    demo_store.ensure_demo(tmp_path / "store", lambda *_: pytest.fail("it is there already"))
    assert small == [1]
    assert told == sorted(told)
    assert told[-1] == 1
    assert "Demonstration portfolio" in capfd.readouterr().err
    assert store.current_version(tmp_path / "store") == "atalaya-000001.duckdb"


def test_two_at_once_build_it_once(tmp_path: Path, small: list[int]) -> None:
    steps: list[str] = []
    threads = [
        threading.Thread(
            target=demo_store.ensure_demo, args=(tmp_path / "store", lambda _, what: steps.append(what))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert small == [1]
    assert "another process is building it" in steps
    assert store.versions(tmp_path / "store") == ["atalaya-000001.duckdb"]


@pytest.mark.parametrize("lost", ["current", "atalaya-000001.duckdb"])
def test_a_damaged_store_is_never_replaced_by_it(tmp_path: Path, small: list[int], lost: str) -> None:
    load([folder(tmp_path / "in", risks=risks("late"))], tmp_path / "store", build=few_marts)
    (tmp_path / "store" / lost).unlink()
    demo_store.ensure_demo(tmp_path / "store", lambda *_: None)
    assert small == []


def test_a_load_beside_it_says_so(tmp_path: Path, small: list[int]) -> None:
    demo_store.ensure_demo(tmp_path / "store", lambda *_: None)
    result = load([folder(tmp_path / "in", risks=risks("late"))], tmp_path / "store", build=few_marts)
    assert result.beside_demonstration


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, small: list[int]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadError, match="cannot be written"):
        demo_store.ensure_demo(tmp_path / "file" / "store", lambda *_: None)


@pytest.fixture
def of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that another release made."""
    monkeypatch.setattr("loaders.demo_store.rebuild", partial(rebuild, build=few_marts))
    place = tmp_path / "store"
    load([folder(tmp_path / "in", risks=risks("late"))], place, build=few_marts)
    with duckdb.connect(str(store.current_path(place))) as con:
        con.execute("drop table marts_made")
    return place


def test_what_another_release_made_is_made_anew_once(of_another: Path, capfd) -> None:
    told: list[float] = []
    demo_store.ensure_current(of_another, lambda share, _: told.append(share))
    demo_store.ensure_current(of_another, lambda *_: pytest.fail("it is made anew already"))
    assert store.versions(of_another) == ["atalaya-000001.duckdb", "atalaya-000002.duckdb"]
    assert told == sorted(told)
    assert told[-1] == 1
    assert "Store of another release" in capfd.readouterr().err


def test_two_servers_make_it_anew_once(of_another: Path) -> None:
    threads = [
        threading.Thread(target=demo_store.ensure_current, args=(of_another, lambda *_: None))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.versions(of_another) == ["atalaya-000001.duckdb", "atalaya-000002.duckdb"]


def test_a_store_of_a_newer_release_is_left_as_it_is(of_another: Path) -> None:
    with duckdb.connect(str(store.current_path(of_another))) as con:
        con.execute("update history.format set version = ?", [FORMAT + 1])
    demo_store.ensure_current(of_another, lambda *_: pytest.fail("it is newer"))
    assert store.versions(of_another) == ["atalaya-000001.duckdb"]


def test_while_another_process_writes_it_waits_and_then_says_so(
    of_another: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.demo_store.PATIENCE_S", 0.0)
    steps: list[str] = []
    with store.writing(of_another), pytest.raises(LoadError, match="Another load is writing"):
        demo_store.ensure_current(of_another, lambda _, what: steps.append(what))
    assert steps == ["another process is writing"]
