"""Tables on paper, filtered, and as marked-up originals: what only a browser can show."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Visit, settled

TWIN = ".at-print"


def files(page: Page) -> Page:
    """The table of the files of the demonstration, which is longer than its canvas."""
    page.locator("[data-testid='stDataFrame']").last.wait_for()
    return page


def test_a_table_prints_every_row_and_is_read_once_on_the_screen(visit: Visit) -> None:
    page = files(visit("freshness"))
    twin = page.locator(TWIN).last
    expect(twin).to_be_hidden()
    assert page.get_by_role("cell", name="portfolio/programmes.csv").count() == 0
    page.emulate_media(media="print")
    expect(twin).to_be_visible()
    assert page.locator("[data-testid='stDataFrame']:visible").count() == 0
    rows = twin.locator("tbody tr")
    assert rows.count() > 50
    expect(rows.filter(has_text="portfolio/programmes.csv")).to_have_count(1)
    assert twin.evaluate("e => e.querySelector('table').scrollWidth <= e.clientWidth")


def test_paper_is_white_in_the_dark(visit: Visit) -> None:
    page = files(visit("freshness", dark=True))
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.locator(f"{TWIN} td").last.evaluate("e => getComputedStyle(e).color")
    assert ink == "rgb(28, 32, 36)"


def test_a_table_is_filtered(visit: Visit) -> None:
    page = files(visit("freshness"))
    page.get_by_role("button", name="Filter").last.click()
    page.get_by_role("combobox", name="Filter these rows by").click()
    page.get_by_role("option", name="Source").click()
    settled(page)
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Source").click()
    page.get_by_role("option", name="portfolio", exact=True).click()
    expect(page.get_by_role("button", name="1 of").last).to_be_visible(timeout=PATIENCE)
    assert page.locator(TWIN).last.locator("tbody tr").count() == 1


def test_a_dropped_workbook_comes_back_marked(visit: Visit, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "risks"
    book.active.append(["project_id", "risk_id", "status_date", "kind", "title", "probability"])
    book.active.append(["MX-2401", "R1", "2025-08-31", "risk", "Late permit", "often"])
    path = tmp_path / "risks.xlsx"
    book.save(path)
    page = visit("freshness")
    page.locator("[data-testid='stFileUploader'] input[type=file]").set_input_files(path)
    page.locator(".st-key-upload_check button").click()
    page.get_by_role("button", name="Mark the refusals in risks.xlsx").click(timeout=PATIENCE)
    with page.expect_download() as got:
        page.get_by_role("button", name="Download risks.xlsx, marked").click(timeout=PATIENCE)
    assert got.value.suggested_filename == "risks_marked.xlsx"
    copy = openpyxl.load_workbook(io.BytesIO(Path(got.value.path()).read_bytes()))
    assert "which is no number" in copy["risks"]["F2"].comment.text


ROWS_AT = (460, 17)
"""Where the heading of the third column stands in the table of the files, in pixels of a window of 1440."""


def test_a_table_whose_numbers_are_written_out_sorts_by_their_values(visit: Visit) -> None:
    table = files(visit("freshness?lang=pt")).locator("[data-testid='stDataFrame']").last
    table.scroll_into_view_if_needed()

    def counts() -> list[int]:
        return [int(text) for text in table.locator("tbody tr td:nth-child(3)").all_inner_texts() if text]

    before = counts()
    table.click(position={"x": ROWS_AT[0], "y": ROWS_AT[1]})
    expect(table.locator("tbody tr td:nth-child(3)").first).not_to_have_text(str(before[0]), timeout=PATIENCE)
    after = counts()
    assert after == sorted(after)
    assert after != sorted(after, key=str)


SIDEWAYS = """() => [...document.querySelectorAll("[data-testid=stDataFrame] .dvn-scroller")]
    .filter(e => e.scrollWidth > e.clientWidth + 1).length"""


@pytest.mark.parametrize("screen", ["risks", "margin", "schedule", "sites", "cash", "freshness"])
def test_no_table_scrolls_sideways_on_a_laptop(visit: Visit, screen: str) -> None:
    page = visit(f"{screen}?lang=es")
    for toggle in page.locator("[class*=_as_table] label").all():
        toggle.click()
        settled(page)
    page.set_viewport_size({"width": 1440, "height": 9000})
    tables = page.locator("[data-testid=stDataFrame] .dvn-scroller")
    expect(tables).to_have_count(page.locator("[data-testid=stDataFrame]").count(), timeout=PATIENCE)
    page.wait_for_timeout(1500)  # The canvases settle in the larger window.
    assert page.evaluate(SIDEWAYS) == 0
