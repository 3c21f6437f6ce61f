"""Every page in a real browser: it fits a phone in Spanish, asks nobody else, and axe is content."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit
from ui.navigation import available, url_path

SCREENS = [screen.name for screen in available()]
NOT_OURS = (
    "[data-testid='stHeader']",
    "[data-testid='stToolbar']",
    "[data-testid='stDataFrame']",
    ".stAppHeader",
)
"""Streamlit's own navigation, toolbar and canvas tables."""
WIDER = """
() => [...document.querySelectorAll('.stMainBlockContainer *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest("[data-testid='stDataFrame'], .js-plotly-plot, .katex-display, .at-scroll, svg"))
  .map(e => `${e.tagName}.${e.className}: ${(e.textContent || '').slice(0, 60)}`)
"""


@pytest.mark.parametrize("screen", SCREENS)
def test_fits_a_phone_in_spanish_in_the_dark(visit: Visit, screen: str) -> None:
    page = visit(f"{url_path(screen)}?lang=es", phone=True, dark=True, locale="es-MX")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(WIDER) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_serious_for_axe(visit: Visit, screen: str) -> None:
    page = visit(url_path(screen))
    page.wait_for_timeout(500)
    found = Axe().run(page, context={"exclude": [[part] for part in NOT_OURS]})
    serious: list[dict[str, Any]] = [
        {"rule": v["id"], "where": [n["target"] for n in v["nodes"]][:4]}
        for v in found.response["violations"]
        if v["impact"] in {"serious", "critical"}
    ]
    assert serious == []
