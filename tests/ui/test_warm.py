"""Answers found ahead: what a screen asks first is there already, and nothing is asked of an old version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ui import store, warm


@pytest.fixture
def asked(demonstration: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the queries that were put to the store, which is the demonstration's."""
    monkeypatch.setenv("ATALAYA_STORE", str(demonstration))
    st.cache_data.clear()
    names: list[str] = []
    ask = store._asked
    monkeypatch.setattr(
        store, "_asked", lambda query, *args: (names.append(query.__name__), ask(query, *args))[1]
    )
    yield names
    st.cache_data.clear()


def test_every_answer_is_found_once(asked: list[str]) -> None:
    found = warm.answer(store.current_store(), lambda: True)
    assert found == len(asked) - 1 > len(warm.FIRST_LOOK)
    warm.answer(store.current_store(), lambda: True)
    assert found == len(asked) - 1


def test_a_screen_asks_only_what_hangs_on_an_answer(asked: list[str]) -> None:
    warm.answer(store.current_store(), lambda: True)
    asked.clear()
    at = AppTest.from_file("../../dashboard.py", default_timeout=60).run()
    assert not at.exception
    assert set(asked) <= {"findings"}


def test_it_stops_when_a_newer_version_is_there(asked: list[str]) -> None:
    assert warm.answer(store.current_store(), lambda: False) == 0
    assert asked == ["filter_options"]


def test_it_can_be_switched_off(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATALAYA_WARM", "off")
    monkeypatch.setattr(warm, "Thread", None)
    with warm.kept_warm():
        pass
    assert asked == []


def test_without_a_store_nothing_is_asked(asked: list[str], tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(tmp_path))
    assert warm._version() is None
