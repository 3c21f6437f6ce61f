"""Clicks on marks in figures: each opens what the mark stands for, in sight, and one step back undoes it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE, PHONE, Visit, settled

BARS = "[class*='st-key-{}'] .barlayer .trace .point path"
MARKS = "[class*='st-key-{}'] .scatterlayer .trace .points path"


def click(page: Page, mark: Locator) -> None:
    """Click a mark where a person would."""
    mark.scroll_into_view_if_needed()
    page.wait_for_timeout(800)  # scrolling comes to rest, and a figure drawn anew stands
    box = mark.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize(
    ("screen", "mark", "params", "heading"),
    [
        (
            "sites", BARS.format("sites_blockers"), {"cause": ["permits"], "state": ["late"]},
            "The sites held up by: Permits",
        ),
        ("cash", BARS.format("cash_flow"), {"step": ["delivered"]}, "What waits at this step"),
        ("risks", MARKS.format("risks_risk"), {"kind": ["risk"]}, re.compile("open risks?")),
        (
            "margin", MARKS.format("margin_by"), {"group": ["programme.ANA-5G"]}, "Evolución a 5G Anáhuac",
        ),
        (
            "schedule", BARS.format("schedule_distribution"), {"bar": ["original.early"]}, "original baseline",
        ),
        ("", BARS.format("overview_trend"), {"colour": ["red"]}, re.compile("red on 30 Sep 2024")),
    ],
)  # fmt: skip
def test_a_mark_opens_its_list_and_one_step_back_closes_it(
    visit: Visit, screen: str, mark: str, params: dict[str, list[str]], heading: str | re.Pattern[str]
) -> None:
    page = visit(screen)
    before = int(page.evaluate("history.length"))
    mark_shown = page.locator(mark).first
    click(page, mark_shown)
    title = page.locator(".at-picked h2").filter(has_text=heading)
    expect(title).to_be_in_viewport(timeout=PATIENCE)
    settled(page)
    assert {name: value for name, value in asked(page).items() if name in params} == params
    assert int(page.evaluate("history.length")) == before + 1
    page.go_back()
    expect(title).to_have_count(0, timeout=PATIENCE)
    settled(page)
    assert not asked(page).keys() & params.keys()
    click(page, mark_shown)
    expect(title).to_be_in_viewport(timeout=PATIENCE)
    page.get_by_role("link", name="Close this list and show everything").click()
    expect(title).to_have_count(0, timeout=PATIENCE)


def test_a_point_of_the_trend_leads_to_its_screen_as_of_its_month(visit: Visit) -> None:
    page = visit()
    points = page.locator(MARKS.format("overview_trend"))
    click(page, points.nth(3))
    page.wait_for_url(lambda url: urlsplit(url).path == "/margin", timeout=PATIENCE)
    settled(page)
    assert asked(page)["as_of"] == ["31 Dec 2024"]
    page.go_back()
    page.wait_for_url(lambda url: urlsplit(url).path == "/", timeout=PATIENCE)
    settled(page)
    assert "as_of" not in asked(page)
    expect(page.get_by_text("The last reports")).to_be_visible()


@pytest.mark.parametrize(
    ("screen", "mark", "path", "param"),
    [
        ("cash", BARS.format("cash_ageing"), "/cash", "bucket"),
        ("", MARKS.format("overview_trend"), "/margin", "as_of"),
    ],
)
def test_the_first_tap_of_a_finger_is_a_click(
    browser: Browser, server: str, screen: str, mark: str, path: str, param: str
) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server}/{screen}")
    settled(page)
    shown = page.locator(mark).first
    shown.scroll_into_view_if_needed(timeout=PATIENCE)
    page.wait_for_timeout(500)
    box = shown.bounding_box()
    assert box
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda url: urlsplit(url).path == path and param in url, timeout=PATIENCE)
    context.close()


@pytest.mark.parametrize(
    ("screen", "figure", "cursor"),
    [("cash", "cash_ageing", "pointer"), ("margin", "margin_bridge", "default")],
)
def test_the_pointer_says_which_figures_answer(visit: Visit, screen: str, figure: str, cursor: str) -> None:
    page = visit(screen)
    drag = page.locator(f"[class*='st-key-{figure}'] .nsewdrag").first
    drag.scroll_into_view_if_needed(timeout=PATIENCE)
    assert drag.evaluate("e => getComputedStyle(e).cursor") == cursor
