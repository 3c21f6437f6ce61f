"""What all tests may use: the demonstration, built once per run, however many workers run it."""

from __future__ import annotations

from pathlib import Path

import pytest


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
