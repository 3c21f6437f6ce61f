"""What all tests may use: the demonstration, built once per run, however many workers run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/tools/test_validation.py")


class Together(LoadScopeScheduling):
    """Each test goes to whichever worker is free; those of a place in TOGETHER, which share what is dear, to one.

    (`--dist loadgroup` has no effect: xdist 3.8 writes its groups into a field that pytest 9.2 no longer reads.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store folder with the whole demonstration portfolio; read it, never write to it."""
    from loaders.demo_store import ensure_demo  # noqa: PLC0415

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / "demonstration"
    ensure_demo(folder, lambda done, step: None)
    return folder


@pytest.fixture
def demo_store(demonstration: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demonstration as the store that the dashboard opens."""
    monkeypatch.setenv("ATALAYA_STORE", str(demonstration))
    return demonstration


@pytest.fixture(autouse=True)
def failures_raise(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that fails fails its test: what dashboard.py would say in a sentence is raised again."""
    if "failures_said" in request.fixturenames:
        return

    def again(_t: object) -> None:
        raise  # noqa: PLE0704

    monkeypatch.setattr("ui.frame.failed", again)


@pytest.fixture
def failures_said() -> None:
    """Ask for this where the sentence itself is what is tested."""
