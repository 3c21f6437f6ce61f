from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from loaders.errors import StoreError
from ui import first_start
from ui.store import Standing, store_dir

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


@pytest.fixture
def of_another(
    app: Open, small_store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Standing], None]:
    """A store that another release made; call it with whose it is from now on."""
    monkeypatch.setenv("ATALAYA_STORE", str(tmp_path))
    whose = [Standing.OTHER]
    monkeypatch.setattr("ui.first_start.standing", lambda _: whose[-1])
    return whose.append


def test_what_another_release_made_is_made_anew_before_it_is_shown(
    app: Open, of_another: Callable[[Standing], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[Path] = []

    def ensure(folder: Path, progress: Progress) -> None:
        progress(0.5, "half")
        places.append(folder)
        of_another(Standing.CURRENT)

    monkeypatch.setattr("ui.first_start.demo_store.ensure_current", ensure)
    at = app()
    assert not at.warning
    assert at.multiselect(key="country")
    assert places == [store_dir()]
    of_another(Standing.OTHER)
    at = app()
    assert "since this one made it anew" in at.warning[0].value
    assert f"`python -m loaders rebuild --store {store_dir()}`" in at.warning[0].value
    assert places == [store_dir()]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("The folder can only be read."), "The folder can only be read"),
        (ZeroDivisionError("secret detail"), "a fault in Atalaya itself"),
    ],
)
def test_what_cannot_be_made_anew_is_shown_with_the_command(
    app: Open, of_another: object, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    tried: list[Path] = []

    def ensure(folder: Path, progress: Progress) -> None:
        tried.append(folder)
        raise error

    monkeypatch.setattr("ui.first_start.demo_store.ensure_current", ensure)
    for _ in range(2):
        at = app()
        assert said in at.warning[0].value
        assert f"`python -m loaders rebuild --store {store_dir()}`" in at.warning[0].value
        assert "secret" not in at.warning[0].value
        assert at.multiselect(key="country")
    assert tried == [store_dir()]


def test_a_store_of_a_newer_release_is_a_sentence(
    app: Open, of_another: Callable[[Standing], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.first_start.demo_store.ensure_current", lambda *_: pytest.fail("touched"))
    of_another(Standing.NEWER)
    at = app()
    assert "A newer release of Atalaya wrote this store" in at.error[0].value
    assert [button.label for button in at.button] == ["Try again"]
    assert not at.multiselect


def test_who_leaves_does_not_stop_what_others_wait_for() -> None:
    ended, shown = Event(), []

    def work(progress: Progress) -> None:
        progress(0.5, "half")
        ended.wait(10)

    def leave(share: float, step: str) -> None:
        raise RuntimeError("gone")

    job = first_start._Job(work)
    with pytest.raises(RuntimeError, match="gone"):
        job.watch(leave)
    assert job.goes_on()
    ended.set()
    job.watch(lambda share, step: shown.append(share))
    assert not job.goes_on()


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
