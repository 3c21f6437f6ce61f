"""The demonstration in a store: built once, by whoever comes first, and never over anything else."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from loaders import demo_store, store
from loaders.errors import LoadError
from loaders.pipeline import load
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
