"""While a page's answers are first sought, grey shapes stand where they are going to be; never again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import serving, settled

WATCH = """
window.shapes = 0
new MutationObserver(() => { window.shapes = Math.max(window.shapes, document.querySelectorAll(".at-skeleton").length) })
  .observe(document, { childList: true, subtree: true })
"""


def test_shapes_on_the_first_visit_alone(browser: Browser, demonstration: Path) -> None:
    with serving(demonstration) as address:
        seen = []
        for _ in range(2):
            page = browser.new_page()
            page.add_init_script(WATCH)
            page.goto(f"{address}/risks")
            settled(page)
            page.wait_for_timeout(1500)
            assert page.locator(".at-skeleton").count() == 0
            seen.append(page.evaluate("window.shapes"))
            page.close()
    assert seen == [1, 0]
