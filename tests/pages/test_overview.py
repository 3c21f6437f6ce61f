"""The Overview on the demonstration: its stories, its links, and its honest looks."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def overview(demo_store: Path) -> Opened:
    """Open the screen at an address: `overview(country="MX", as_of="2025-06-30")`."""

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in address.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception
        return at

    return opened


def elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from elements(child)


def part(at: AppTest, key: str) -> str:
    """The HTML of a part of the page whose links act in place; empty where it is not drawn."""
    found = (e.proto for e in elements(at.main) if e.type == "bidi_component" and e.proto.id.endswith(key))
    return next((json.loads(proto.json)["html"] for proto in found), "")


def said(at: AppTest) -> str:
    """The sentence."""
    text = next(h.value for h in at.html if "at-said" in h.value)
    return html.unescape(re.sub("<[^>]+>", " ", text)).replace("\u00a0", " ")


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", markup)).replace("\u00a0", " ").split())


def test_the_sentence_says_health_margin_and_slip(overview: Opened) -> None:
    assert re.search(
        r"\d+ of 40 projects turned worse since 31 Jul, .* The forecast margin .* \d+ of 41 projects are 30 ",
        said(overview()),
    )


def test_five_tiles_with_history(overview: Opened) -> None:
    tiles = part(overview(), "tiles").split('<div class="at-tile"')[1:]
    assert len(tiles) == 5
    assert all("at-spark" in tile and "31 Jul" in tile for tile in tiles)
    counts = re.search(r"(\d+) red (\d+) amber (\d+) green (\d+) unknown", plain(tiles[0]))
    assert counts is not None
    assert sum(map(int, counts.groups())) == 42


def test_the_five_that_need_the_viewer(overview: Opened) -> None:
    rows = re.findall(r'<li class="at-row">.*?</li>', part(overview(), "needs"))
    assert len(rows) == 5
    assert all("red" in plain(row) for row in rows)
    watermelon = next(plain(row) for row in rows if "Core swap Bajío" in row)
    assert "red green" in watermelon
    assert "SPI(t) is 0.85" in watermelon
    exchange = next(plain(row) for row in rows if "Núcleo 5G SA Monterrey" in row)
    assert "3.5 pp" in exchange


def test_rows_lead_to_the_project_and_its_evidence(overview: Opened) -> None:
    row = part(overview(), "needs")
    assert 'data-to="project?project_id=MX-2401"' in row
    assert 'data-to="rag?project_id=MX-2401&amp;dimension=overall"' in row


def test_what_changed(overview: Opened) -> None:
    changed = plain(part(overview(), "changes"))
    assert "1 went silent Nube de red Querétaro last report 30 Jun" in changed
    assert "1 entered Coverage study Orinoquía" in changed
    assert "re-baselined" not in changed


def test_a_cancelled_project_left_and_a_rebaselined_one_is_named(overview: Opened) -> None:
    changed = plain(part(overview(as_of="2025-02-28"), "changes"))
    assert re.search(r"left .*Edge data centre Barranquilla Cancelled", changed)
    assert re.search(r"1 re-baselined OSS consolidation Bogotá once", changed)


def test_countries_and_programmes(overview: Opened) -> None:
    cards = part(overview(), "programmes")
    text = plain(cards)
    assert text.index("Mexico 24 projects") < text.index("Colombia 17 projects") < text.index("(no country)")
    assert cards.count('<article class="at-card">') == 11
    yarumo = plain(next(c for c in cards.split("<article") if "Yarumo RAN" in c))
    assert "2 (LTIFR" in yarumo
    assert "Upsell pipeline USD" in yarumo


def test_a_colour_of_a_card_leads_to_the_worst_projects_evidence(overview: Opened) -> None:
    cards = part(overview(), "programmes")
    assert 'data-to="rag?project_id=CO-2406&amp;dimension=scope"' in cards


def test_the_trend_has_twelve_reports(overview: Opened) -> None:
    chart = overview().get("plotly_chart")[0].proto
    assert re.match(r"Red projects went from \d+ to \d+ in 12 reports, since Sep 2024", chart.alt)
    bars = [trace for trace in json.loads(chart.spec)["data"] if trace["type"] == "bar"]
    assert [len(bar["customdata"]) for bar in bars] == [12] * 4


def test_filters_narrow_everything(overview: Opened) -> None:
    at = overview(country="CO")
    assert "Mexico" not in plain(part(at, "programmes"))
    assert "Core swap Bajío" not in part(at, "needs")


def test_one_project(overview: Opened) -> None:
    at = overview(programme="(unassigned)")
    assert said(at).strip().startswith("The one project in view on 31 Aug 2025 cannot be judged")
    assert "at-card" in part(at, "programmes")
    assert part(at, "needs") == ""


def test_nothing_in_view(overview: Opened) -> None:
    at = overview(as_of="2023-09-30", phase="care")
    assert "No running project is in view on 30 Sep 2023." in said(at)
    assert any("Remove a filter" in h.value for h in at.html)
    assert at.get("plotly_chart") == []


def test_the_first_report_has_nothing_to_compare_with(overview: Opened) -> None:
    at = overview(as_of="2023-09-30")
    assert any("There is no earlier report to compare with." in h.value for h in at.html)
    assert at.get("plotly_chart")


def test_in_spanish(overview: Opened) -> None:
    at = overview(lang="es")
    assert re.search(r"(de 40 proyectos|proyecto de 40) empeor", said(at))
    assert "1 dejó de reportar" in plain(part(at, "changes"))


@pytest.mark.parametrize(
    "address",
    [{"country": "Atlantis"}, {"as_of": "yesterday"}, {"currency": "project"}, {"basis": "closing"}],
)
def test_an_edited_address_does_no_harm(overview: Opened, address: dict[str, str]) -> None:
    assert part(overview(**address), "needs")
