"""Search by keyboard alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.conftest import PATIENCE, Visit, settled


def searching(page: Page, words: str) -> None:
    """Open the search by its keys, which a page hears once its script has come, and type."""
    box = page.get_by_role("dialog").get_by_role("searchbox")
    for _ in range(5):
        page.keyboard.press("Control+k")
        try:
            box.wait_for(timeout=PATIENCE / 5)
        except TimeoutError:
            continue
        break
    expect(box).to_be_focused(timeout=PATIENCE)
    page.keyboard.type(words)


def project_of(page: Page) -> list[str]:
    page.wait_for_url(lambda url: urlsplit(url).path == "/project", timeout=PATIENCE)
    settled(page)
    return parse_qs(urlsplit(page.url).query)["project_id"]


def test_enter_opens_the_first_hit_even_before_it_is_shown(visit: Visit) -> None:
    page = visit("definitions")
    searching(page, "core swap baj")
    page.keyboard.press("Enter")
    assert project_of(page) == ["MX-2401"]
    page.go_back()
    page.wait_for_url(lambda url: urlsplit(url).path == "/definitions", timeout=PATIENCE)


def test_the_arrow_keys_go_through_the_hits(visit: Visit) -> None:
    page = visit("definitions")
    searching(page, "core")
    hits = page.get_by_role("dialog").locator("[data-testid=stPageLink] a:visible")
    expect(hits.nth(1)).to_be_visible(timeout=PATIENCE)
    second = str(hits.nth(1).get_attribute("href"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(hits.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert project_of(page) == parse_qs(urlsplit(second).query)["project_id"]


def test_enter_on_nothing_found_stays_where_it_is(visit: Visit) -> None:
    page = visit("definitions")
    searching(page, "zzzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("zzzz")).to_be_visible(timeout=PATIENCE)
    assert urlsplit(page.url).path == "/definitions"


def test_from_one_project_to_another_the_address_goes_along(visit: Visit) -> None:
    page = visit("project?project_id=MX-2301")
    searching(page, "medell")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "project_id=MX-2301" not in url, timeout=PATIENCE)
    other = project_of(page)
    said = page.locator(".at-said").first
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=PATIENCE)
    page.reload()
    settled(page)
    assert project_of(page) == other
    expect(said).to_be_visible(timeout=PATIENCE)
    page.go_back()
    page.wait_for_url(lambda url: "project_id=MX-2301" in url, timeout=PATIENCE)


def test_a_slash_opens_the_search_and_escape_leaves_it(visit: Visit) -> None:
    page = visit("definitions")
    field = page.get_by_role("main").get_by_role("textbox").first
    field.click()
    page.keyboard.type("a/b")
    expect(field).to_have_value("a/b")
    assert page.get_by_role("dialog").count() == 0
    page.locator(".at-said").click()
    page.keyboard.press("/")
    box = page.get_by_role("dialog").get_by_role("searchbox")
    expect(box).to_be_focused(timeout=PATIENCE)
    expect(box).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=PATIENCE)
