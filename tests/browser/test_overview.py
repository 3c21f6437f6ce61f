"""Clicks on the Overview that only a browser can make."""

from __future__ import annotations

from tests.browser.conftest import Visit, settled


def test_a_programmes_name_sets_the_filters(visit: Visit) -> None:
    page = visit()
    page.get_by_role("link", name="Yarumo RAN modernisation").click()
    page.wait_for_url("**/rag?**")
    settled(page)
    assert "programme=Yarumo" in page.url
    assert "country=Colombia" in page.url


def test_a_bar_of_the_trend_lists_its_projects(visit: Visit) -> None:
    page = visit()
    bar = page.locator(".barlayer .trace").first.locator("path").first
    bar.scroll_into_view_if_needed()
    bar.click(force=True)
    page.get_by_text("red on 30 Sep 2024").last.wait_for()
