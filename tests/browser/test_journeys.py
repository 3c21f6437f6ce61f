"""What the three kinds of users do, click by click."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from loaders.pipeline import load
from tests.browser.conftest import PATIENCE, Visit, serving, settled

SENTENCE = ".at-said"


def said(page: Page) -> str:
    return page.locator(SENTENCE).first.inner_text()


def at(page: Page, pattern: str) -> None:
    page.wait_for_url(re.compile(pattern), timeout=PATIENCE)
    settled(page)


def test_a_leader_follows_the_worst_project_to_its_source_row_and_comes_back(visit: Visit) -> None:
    page = visit("?country=MX")
    page.locator("a[href*='project_id=MX-2301']").first.click()
    at(page, r"/project\?.*project_id=MX-2301")
    expect(page.locator(SENTENCE).first).to_contain_text(re.compile("[0-9]"))
    page.locator("a[href*='dimension=schedule']").first.click()
    at(page, "dimension=schedule")
    expect(page.get_by_text(re.compile(r"proyectos/MX-2301\.xlsx")).first).to_be_visible(timeout=PATIENCE)
    page.go_back()
    at(page, r"project_id=MX-2301")
    page.go_back()
    at(page, r"country=Mexico")
    expect(page.locator(".st-key-filter_chips").get_by_text("Country: Mexico")).to_be_visible(
        timeout=PATIENCE
    )


def test_filters_survive_a_change_of_page(visit: Visit) -> None:
    page = visit("?country=CO")
    page.get_by_role("button", name="Portfolio").first.click()
    page.get_by_role("link", name="Margin").first.click()
    at(page, r"/margin\?.*country=Colombia")
    expect(page.locator(".st-key-filter_chips").get_by_text("Country: Colombia")).to_be_visible(
        timeout=PATIENCE
    )


def test_the_language_changes_every_word(visit: Visit) -> None:
    page = visit("")
    english = said(page)
    page.goto(page.url.split("?")[0] + "?lang=es")
    settled(page)
    assert said(page) != english
    expect(page.get_by_text("Fecha de corte").first).to_be_visible(timeout=PATIENCE)


def test_two_people_do_not_disturb_each_other(visit: Visit) -> None:
    one, other = visit("?country=MX"), visit("?country=CO&lang=es")
    assert said(one) != said(other)
    one.reload()
    settled(one)
    expect(one.locator(".st-key-filter_chips").get_by_text("Country: Mexico")).to_be_visible(timeout=PATIENCE)


def test_search_finds_a_project_from_anywhere(visit: Visit) -> None:
    page = visit("definitions")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("searchbox").or_(
        page.get_by_role("dialog").get_by_role("textbox")
    ).first.fill("bajio")
    page.get_by_role("dialog").get_by_role("link", name=re.compile("Core swap Baj")).first.click()
    at(page, r"/project\?.*project_id=MX-2401")


def test_nonsense_in_the_address_is_said_and_ignored(visit: Visit) -> None:
    page = visit("?country=Narnia&as_of=yesterday")
    expect(page.get_by_text("Narnia").first).to_be_visible(timeout=PATIENCE)
    assert said(page)


def test_a_deep_link_to_a_cold_server(visit: Visit, demonstration: Path) -> None:
    with serving(demonstration) as address:
        page = visit("freshness?country=MX", address=address)
        assert "/freshness" in page.url
        assert page.get_by_role("dialog").count() == 0
        expect(page.locator(".st-key-filter_chips").get_by_text("Country: Mexico")).to_be_visible(
            timeout=PATIENCE
        )


def test_a_new_version_shows_on_the_next_click_and_a_store_that_is_gone_is_a_sentence(
    visit: Visit, demonstration: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(demonstration, store)
    report = tmp_path / "more" / "status_reports.csv"
    report.parent.mkdir()
    report.write_text("project_id,status_date,reported_overall\nNEW-1,2025-08-31,red\n", encoding="utf-8")
    with serving(store) as address:
        page = visit("rag", address=address)
        before = page.locator(".at-basis").inner_text()
        load([report], store)
        page.reload()
        settled(page)
        assert page.locator(".at-basis").inner_text() != before
        shutil.rmtree(store)
        store.mkdir()
        (store / "current").write_text("atalaya-999999.duckdb\n")
        page.reload()
        expect(page.get_by_role("alert").first).to_contain_text("store", timeout=PATIENCE)


SHEETS = {"A4": 279, "Letter": 261}
"""Widths of a sheet across between its margins of 9 mm, in mm; a CSS pixel is 1/96 inch."""


@pytest.mark.parametrize("screen", ["", "schedule", "margin", "cash", "sites", "project?project_id=MX-2401"])
def test_no_figure_is_wider_than_the_sheet(visit: Visit, screen: str) -> None:
    page = visit(screen)
    page.wait_for_selector(".js-plotly-plot svg.main-svg")
    page.emulate_media(media="print")
    widths = page.evaluate(
        """() => [...document.querySelectorAll('.js-plotly-plot svg.main-svg')]
             .map(e => e.getBoundingClientRect()).filter(r => r.height).map(r => r.width)"""
    )
    assert widths
    assert max(widths) <= min(SHEETS.values()) / 25.4 * 96
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight * 1.2")


@pytest.mark.parametrize("screen", ["schedule", "margin"])
def test_prints_whole(visit: Visit, screen: str) -> None:
    page = visit(screen)
    page.wait_for_selector(".js-plotly-plot svg.main-svg")
    for sheet in SHEETS:
        assert len(page.pdf(landscape=True, format=sheet)) > 20_000


def test_paper_says_which_page_of_the_matrix_it_is(visit: Visit) -> None:
    page = visit("rag")
    said = page.get_by_text("25 of 42 projects; page 1 of 2.")
    expect(said).to_be_hidden()
    page.emulate_media(media="print")
    expect(said).to_be_visible()


@pytest.mark.parametrize("screen", ["", "schedule", "margin", "risks", "cash", "sites"])
def test_nothing_waits_below_an_empty_page(visit: Visit, screen: str) -> None:
    page = visit(f"{screen}?country=CO&programme=CEN-RAN")
    expect(page.locator(".at-empty").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".at-skeleton")).to_have_count(0)


def test_the_milestones_of_a_project_show_whole_on_a_phone(visit: Visit) -> None:
    page = visit("project?project_id=MX-2401", phone=True)
    table = page.locator(".at-list").first
    table.scroll_into_view_if_needed()
    name = table.locator("tbody td").first.bounding_box()
    whole = table.bounding_box()
    assert name
    assert whole
    assert name["width"] >= 0.3 * whole["width"]
    assert whole["x"] + whole["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", ["", "rag", "project?project_id=MX-2401", "compare"])
def test_a_name_of_one_long_word_does_not_widen_the_page(visit: Visit, screen: str) -> None:
    page = visit(screen, phone=True)
    wide = page.evaluate(
        """() => {
          const names = ".at-name, .at-title, .at-value, .at-list td:first-child, .at-table th, .at-reason, .at-said"
          for (const e of document.querySelectorAll(names)) e.textContent = "W".repeat(200)
          const main = document.querySelector(".stMain")
          return [main.scrollWidth, main.clientWidth, document.querySelectorAll(names).length]
        }"""
    )
    assert wide[2]
    assert wide[0] <= wide[1]
