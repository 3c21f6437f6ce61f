from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from loaders.errors import StoreError

Open = Callable[..., AppTest]
Progress = Callable[[float, str], None]


@pytest.fixture
def no_store_yet(app: Open, small_store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bool]:
    """A folder without a store; put something into the list to publish one."""
    monkeypatch.setenv("ATALAYA_STORE", str(tmp_path))
    published: list[bool] = []

    def current_store():
        if not published:
            raise StoreError("There is no store.")
        return small_store

    monkeypatch.setattr("ui.first_start.current_store", current_store)
    return published


def test_builds_the_demonstration_once(
    app: Open, no_store_yet: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure(folder: Path, progress: Progress) -> None:
        progress(0.5, "half")
        no_store_yet.append(True)

    monkeypatch.setattr("ui.first_start.demo_store.ensure_demo", ensure)
    at = app()
    assert not at.error
    assert at.multiselect(key="country")
    assert no_store_yet == [True]


def test_a_store_that_is_gone_is_not_replaced_by_invented_projects(
    app: Open, no_store_yet: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_store_yet.append(True)
    assert not app().error
    no_store_yet.clear()
    monkeypatch.setattr("ui.first_start.demo_store.ensure_demo", lambda *_: pytest.fail("built anew"))
    at = app()
    assert "is gone" in at.error[0].value
    assert [button.label for button in at.button] == ["Try again"]


def test_says_why_it_could_not(app: Open, no_store_yet: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    def ensure(folder: Path, progress: Progress) -> None:
        raise StoreError("The folder is read-only.")

    monkeypatch.setattr("ui.first_start.demo_store.ensure_demo", ensure)
    at = app()
    assert at.error[0].value == "The demonstration portfolio could not be built: The folder is read-only."
    assert not at.multiselect


@pytest.mark.usefixtures("failures_said")
def test_a_page_that_fails_is_a_sentence_with_a_way_on(app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ui.frame.open_page", broken)
    at = app()
    shown = " ".join(h.value for h in at.html)
    assert "This page could not be shown." in shown
    assert "secret" not in shown
    assert not at.exception
