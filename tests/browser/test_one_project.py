"""One project in a real browser: it prints on a few sheets with nothing cut, and a doubtful figure says why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Visit

SHEETS = 4
DRAWN = """() => document.querySelectorAll('.stPlotlyChart').length > 0
  && [...document.querySelectorAll('.stPlotlyChart')].every(e => e.querySelector('.main-svg'))"""


def drawn(page: Page) -> Page:
    """Wait until every figure stands."""
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    page.wait_for_timeout(1000)
    return page


@pytest.mark.parametrize("project_id", ["CO-2301", "MX-2301", "MX-2401"])
def test_prints_on_a_few_sheets(visit: Visit, project_id: str) -> None:
    page = drawn(visit(f"project?project_id={project_id}"))
    told = page.pdf(landscape=True, format="A4")
    counts = [int(n) for n in re.findall(rb"/Count (\d+)", told)]
    assert 2 <= max(counts) <= SHEETS


def test_the_gantt_prints_as_a_sheet_of_its_own(visit: Visit) -> None:
    page = drawn(visit("project?project_id=CO-2301"))
    sheet = page.locator(".at-sheet")
    expect(sheet).not_to_be_visible()
    page.emulate_media(media="print")
    expect(sheet).to_be_visible()
    assert page.evaluate("document.querySelector('.at-sheet').naturalWidth > 0")
    box = sheet.bounding_box()
    assert box is not None
    assert box["height"] <= 320
    expect(page.locator(".st-key-project_gantt")).not_to_be_visible()


def test_a_mark_tells_its_sentence_by_keyboard_and_leads_to_the_list(visit: Visit) -> None:
    page = drawn(visit("project?project_id=CO-2401"))
    mark = page.locator(".at-dq-said .at-dq")
    mark.focus()
    expect(mark.locator(".at-tip")).to_have_css("clip-path", "none")
    expect(mark).to_have_accessible_name(re.compile(r"SPI\(t\) of 1\.10 is higher than is likely"))
    mark.press("Enter")
    expect(page.locator("#finding-1")).to_be_in_viewport()
