"""Take the pictures of README.md and the guide from the dashboard on the demonstration: `make screenshots`.

    python tools/screenshots.py [OUT_DIR] [--every]

Writes docs/images/<screen>.png, Overview also at phone width, in the dark and in Spanish. With --every,
each screen in every variant, for looking through before a release.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from locales import languages
from ui.navigation import available, url_path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--hide-scrollbars"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SEED_PROJECT = "MX-2401"
SETTLE_MS = 1500


def serve(port: int) -> subprocess.Popen[bytes]:
    """Start the dashboard on the store that ATALAYA_STORE names."""
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)],
        cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(240):
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return process
        except OSError:
            time.sleep(0.25)
    process.kill()
    raise SystemExit("The dashboard did not start.")


def take(browser: Browser, address: str, path: Path, size: str, *, dark: bool, whole: bool) -> None:
    """One picture; with `whole` as long as the page is."""
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page.goto(address)
    page.wait_for_selector(".at-said, [data-testid='stException']", timeout=120_000)
    page.wait_for_selector("[data-testid='stApp'][data-test-script-state='notRunning']", timeout=60_000)
    page.wait_for_timeout(SETTLE_MS)
    if whole:
        length = page.evaluate("document.querySelector('.stMainBlockContainer').scrollHeight")
        page.set_viewport_size({"width": width, "height": min(int(length) + 120, 12_000)})
        page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=path)
    page.close()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=OUT)
    parser.add_argument("--every", action="store_true", help="each screen in every size, theme and language")
    parser.add_argument("--screens", nargs="*", help="only these screens")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if not found:
        raise SystemExit("No Chromium: run `make browser` first.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = serve(port)
    screens = [s.name for s in available() if not chosen.screens or s.name in chosen.screens]
    variants: list[tuple[str, str, bool, str]] = [(s, "desktop", False, "en") for s in screens]
    if chosen.every:
        variants = list(product(screens, SIZES, (False, True), languages()))
    else:
        variants += [("overview", "phone", False, "es"), ("overview", "desktop", True, "es")]
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            for screen, size, dark, language in variants:
                extra = f"&project_id={SEED_PROJECT}" if screen == "project" else ""
                parts = [screen, *([size] if size != "desktop" else []), *(["dark"] if dark else [])]
                name = "-".join([*parts, *([language] if language != "en" else [])])
                address = f"http://127.0.0.1:{port}/{url_path(screen)}?lang={language}{extra}"
                take(browser, address, chosen.out / f"{name}.png", size, dark=dark, whole=chosen.every)
                print(name)
            browser.close()
    finally:
        process.terminate()


if __name__ == "__main__":
    main()
