"""A served dashboard and a real browser, one of each per run; every test has a context of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
HERE = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
PATIENCE = 30_000
"""Milliseconds to wait for something to appear on a machine that is busy with other tests."""

Visit = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@contextmanager
def serving(store: Path) -> Iterator[str]:
    """The dashboard on a free port, on `store`; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)),
            *("--server.address", "127.0.0.1", "--server.fileWatcherType", "none"),
        ],
        cwd=ROOT,
        env={**os.environ, "ATALAYA_STORE": str(store)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server stopped"
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="session")
def server(demonstration: Path) -> Iterator[str]:
    """The dashboard on the demonstration."""
    with serving(demonstration) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, "No Chromium: run `make browser`."
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """Open a page in a browser of its own: `visit("rag?country=MX", phone=True, dark=True, locale="es-MX")`.

    Every request that leaves for another host fails the test, and so does an error shown on a page.
    """
    contexts = []
    elsewhere: list[str] = []

    def watch(request: Request) -> None:
        if not request.url.startswith(HERE):
            elsewhere.append(request.url)

    def opened(
        path: str = "",
        *,
        phone: bool = False,
        dark: bool = False,
        locale: str = "en-US",
        address: str | None = None,
    ) -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESKTOP,
            color_scheme="dark" if dark else "light",
            locale=locale,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", watch)
        page.goto(f"{address or server}/{path}")
        settled(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert elsewhere == []


def settled(page: Page) -> None:
    """Wait until the page has said its sentence and no script is running; an exception shown is a failure."""
    page.wait_for_selector(".at-said, [data-testid='stException'], [role='alert']")
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']")
    assert page.locator("[data-testid='stException'], .at-empty[role='alert']").count() == 0
