"""Ways back: the browser's button and the breadcrumbs. One click is one step, and filters stay."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PATIENCE, Visit, settled

PROJECT = "a[href*='project_id=MX-2301']"


def arrived(page: Page, path: str) -> dict[str, list[str]]:
    """Wait for a screen and its filter; its parameters."""
    page.wait_for_url(lambda url: urlsplit(url).path == path, timeout=PATIENCE)
    settled(page)
    chip = page.locator(".st-key-filter_chips").get_by_text("Country: Mexico")
    expect(chip).to_be_visible(timeout=PATIENCE)
    return parse_qs(urlsplit(page.url).query)


def entries(page: Page) -> int:
    return int(page.evaluate("history.length"))


def test_back_from_a_project_is_one_step_and_leaves_nothing_behind(visit: Visit) -> None:
    page = visit("?country=Mexico")
    before = entries(page)
    page.locator(PROJECT).first.click()
    assert arrived(page, "/project")["project_id"] == ["MX-2301"]
    assert entries(page) == before + 1
    page.go_back()
    assert arrived(page, "/") == {"country": ["Mexico"]}
    page.go_forward()
    assert arrived(page, "/project")["project_id"] == ["MX-2301"]


def test_back_from_a_screen_of_the_menu_is_one_step(visit: Visit) -> None:
    page = visit("?country=Mexico")
    before = entries(page)
    page.get_by_role("button", name="Portfolio").first.click()
    page.get_by_role("link", name="Margin").first.click()
    arrived(page, "/margin")
    assert entries(page) == before + 1
    page.go_back()
    assert arrived(page, "/") == {"country": ["Mexico"]}


def test_breadcrumbs_lead_up_with_the_filters(visit: Visit) -> None:
    page = visit("project?country=Mexico&project_id=MX-2401&currency=MXN")
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.locator("[aria-current=page]")).to_have_text("Core swap Bajío", timeout=PATIENCE)
    steps = [text.strip() for text in crumbs.get_by_role("link").all_inner_texts()]
    assert steps == ["Portfolio", "Mexico", "Evolución a 5G Anáhuac"]
    crumbs.get_by_role("link", name="Mexico").click()
    assert arrived(page, "/") == {"country": ["Mexico"], "currency": ["MXN"]}
    page.go_back()
    assert arrived(page, "/project")["project_id"] == ["MX-2401"]


def test_the_evidence_stands_below_its_project(visit: Visit) -> None:
    page = visit("project?country=Mexico&project_id=MX-2401&dimension=schedule")
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.locator("[aria-current=page]")).to_have_text("Schedule", timeout=PATIENCE)
    crumbs.get_by_role("link", name="Core swap Bajío").click()
    page.wait_for_url(lambda url: "dimension" not in url, timeout=PATIENCE)
    assert arrived(page, "/project")["project_id"] == ["MX-2401"]


@pytest.mark.parametrize(("screen", "here"), [("margin", "Margin"), ("definitions", "Definitions")])
def test_every_screen_says_where_it_stands(visit: Visit, screen: str, here: str) -> None:
    crumbs = visit(screen, phone=True).get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.locator("[aria-current=page]")).to_have_text(re.compile(here), timeout=PATIENCE)
    assert crumbs.get_by_role("link").count() == 1


@pytest.mark.parametrize(
    ("asked", "path"),
    [("margin?country=MX&by=customer", "/margin"), ("cash?lang=es&as_of=2025-06-30", "/cash")],
)
def test_back_from_an_address_that_was_put_right_is_one_step(
    visit: Visit, server: str, asked: str, path: str
) -> None:
    page = visit("definitions")
    page.goto(f"{server}/{asked}")
    page.wait_for_url(lambda url: urlsplit(url).path == path and asked not in url, timeout=PATIENCE)
    settled(page)
    page.go_back()
    page.wait_for_url(lambda url: urlsplit(url).path == "/definitions", timeout=PATIENCE)


def test_the_page_says_its_language(visit: Visit) -> None:
    page = visit("cash?lang=pt")
    expect(page.locator("html")).to_have_attribute("lang", "pt", timeout=PATIENCE)
