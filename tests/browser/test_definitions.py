"""Definitions as they are read: from the contents or a figure to one metric, on a phone, and on paper."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from metrics.definitions import GROUPS, definitions
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.test_journeys import at

CARD = ".at-definition"


def test_from_the_contents_to_a_metric_and_back(visit: Visit) -> None:
    page = visit("definitions")
    assert page.locator(CARD).count() == 0
    page.get_by_role("link", name="Cost performance index (CPI)").click()
    at(page, r"/definitions\?.*q=cpi")
    expect(page.locator(CARD)).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(CARD)).to_contain_text("→")
    page.go_back()
    expect(page.locator(".at-contents").first).to_be_visible(timeout=PATIENCE)


def test_from_an_area_to_all_of_it(visit: Visit) -> None:
    page = visit("definitions?lang=es")
    page.locator(".at-contents", has_text="Calidad y seguridad").get_by_role("link").first.click()
    at(page, r"area=quality")
    wanted = sum(d.group == "quality" for d in definitions())
    expect(page.locator(CARD)).to_have_count(wanted, timeout=PATIENCE)


def test_a_figure_is_one_click_from_its_definition(visit: Visit) -> None:
    page = visit("margin")
    page.get_by_role("link", name="Definition").first.click()
    at(page, r"/definitions\?.*q=\w+")
    expect(page.locator(CARD)).to_have_count(1, timeout=PATIENCE)


def test_a_phone_shows_the_areas_first(visit: Visit) -> None:
    page = visit("definitions", phone=True)
    assert page.locator(".at-contents").count() == len(GROUPS)
    assert page.locator(".at-contents li:visible").count() == 0
    page.locator(".at-contents summary").first.click()
    assert page.locator(".at-contents li:visible").count() > 10
    tall = page.locator("[data-testid='stMain']").evaluate("e => e.scrollHeight")
    assert tall < 4000


def test_paper_has_every_card_whole(visit: Visit) -> None:
    page = visit("definitions?area=risk")
    page.emulate_media(media="print")
    wanted = sum(d.group == "risk" for d in definitions())
    expect(page.locator(f"{CARD}:visible")).to_have_count(wanted, timeout=PATIENCE)
    breaks = page.locator(CARD).evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")
    assert set(breaks) == {"avoid"}
    sheets = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", sheets)) > 2
