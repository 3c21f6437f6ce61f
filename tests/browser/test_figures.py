"""What figures do outside the page: pictures that say what they show, and paper without an empty place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE, Visit
from tests.browser.test_pages import SCREENS
from ui.navigation import url_path

CAMERA = ".modebar-btn"
AS_SVG = "e => e.closest('.js-plotly-plot')._context.toImageButtonOptions.format = 'svg'"
DRAWN = """() => window.atalayaFigures && !document.querySelector(".stMainBlockContainer [data-testid='stSkeleton']")
  && [...document.querySelectorAll('.stPlotlyChart')].every(e => e.querySelector('.main-svg'))"""
SHAPE = "e => [e._fullLayout.width, e._fullLayout.height, e.layout.paper_bgcolor, !!e.layout.title]"


def picture(page: Page, number: int = 0) -> str:
    """The SVG that a figure's camera saves."""
    figure = page.locator(".js-plotly-plot").nth(number)
    figure.scroll_into_view_if_needed()
    before = figure.evaluate(SHAPE)
    figure.hover()
    camera = figure.locator(CAMERA)
    expect(camera).to_have_count(1)
    camera.evaluate(AS_SVG)
    with page.expect_download(timeout=PATIENCE) as got:
        camera.click()
    page.wait_for_function("e => !e.layout.title", arg=figure.element_handle())
    assert figure.evaluate(SHAPE) == before
    return Path(got.value.path()).read_text(encoding="utf-8")


def words(svg: str) -> str:
    """What can be read in a picture, in its order, without its lines' ends."""
    return " ".join(re.findall(r">([^<]+)<", svg.replace("\u200b", "")))


def test_a_picture_says_what_it_shows_of_whom_when_and_whence(visit: Visit) -> None:
    page = visit("margin?lang=pt&country=MX", dark=True)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    title = page.locator(".at-figure-title").first.inner_text()
    svg = picture(page)
    told = words(svg)
    assert set(title.split()) <= set(told.split())
    for part in ("Margem", "País: México", "em 31 ago 2025", "Moeda: USD", "Fonte: Atalaya", "dados até"):
        assert part in told, part
    assert "fill: rgb(20, 23, 26)" in svg
    assert page.locator(".js-plotly-plot .gtitle").count() == 0


def test_a_picture_taken_on_a_phone_has_the_room_its_words_need(visit: Visit) -> None:
    page = visit("project?project_id=MX-2401", phone=True)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    svg = picture(page)
    assert "Core swap Bajío" in words(svg)
    width = re.search(r'<svg[^>]* width="(\d+)"', svg)
    assert width
    assert int(width[1]) >= 800


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Save this figure"), ("es", "Guardar esta figura"), ("pt", "Salvar esta figura")],
)
def test_the_camera_speaks_the_language(visit: Visit, language: str, said: str) -> None:
    page = visit(f"freshness?lang={language}")
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    expect(page.locator(CAMERA).first).to_have_attribute("data-title", re.compile(said))


WATCHED = f"window.printed = []; window.print = () => window.printed.push(({DRAWN})())"


def test_paper_waits_for_the_figures(browser: Browser, server: str) -> None:
    page = browser.new_page()
    page.add_init_script(WATCHED)
    page.goto(f"{server}/margin")
    page.wait_for_function("window.atalayaFigures", timeout=PATIENCE)
    page.evaluate("window.print()")
    page.wait_for_function("window.printed.length", timeout=PATIENCE)
    assert page.evaluate("window.printed") == [True]
    page.close()


LEAST = 60
"""Pixels; whatever is lower holds no figure that can be read."""


@pytest.mark.parametrize("screen", SCREENS)
def test_no_figure_is_blank_on_paper(visit: Visit, screen: str) -> None:
    page = visit(url_path(screen))
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    page.emulate_media(media="print")
    page.wait_for_timeout(1000)
    bare = page.evaluate(
        """(least) => [...document.querySelectorAll('.stPlotlyChart')]
             .filter(e => e.getBoundingClientRect().width)
             .filter(e => {
               const marks = [...e.querySelectorAll('.trace path, .trace text, .shapelayer path')]
               const seen = marks.some(m => { const at = m.getBoundingClientRect(); return at.width + at.height > 1 })
               return !seen || e.querySelector('.main-svg').getBoundingClientRect().height < least
             }).map(e => e.getAttribute('aria-label'))""",
        LEAST,
    )
    assert bare == []
    assert len(page.pdf(landscape=True, format="A4")) > 10_000
