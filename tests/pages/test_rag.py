"""The RAG screen on the demonstration: who reports better than the numbers, and what is behind a colour."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def rag(demo_store: Path) -> Opened:
    """Open the screen at an address: `rag(project_id="MX-2401", dimension="schedule")`."""

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in address.items():
            at.query_params[key] = value
        at.switch_page("pages/portfolio/rag.py").run()
        assert not at.exception
        assert not any("could not be shown" in html.value for html in at.html)
        return at

    return opened


def clickable(at: AppTest) -> list[str]:
    """The HTML of the parts whose links act in place, in their order on the page."""
    return [json.loads(part.proto.json)["html"] for part in at.get("bidi_component")]


def said(at: AppTest) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", text) for text in [*(html.value for html in at.html), *clickable(at)]
    )


def names(html: str) -> list[str]:
    """The projects of a band or matrix, in their order."""
    return re.findall(r'class="at-name"[^>]*>([^<]+)</a>', html)


def item(html: str, name: str) -> str:
    """One project's entry in the band, as plain text."""
    found = next(part for part in html.split('<div class="at-melon">') if f">{name}</a>" in part)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found))


def row(html: str, name: str) -> str:
    """One project's row of the matrix."""
    return next(part for part in html.split("<tr>") if f">{name}</a>" in part)


def test_the_sentence_counts_who_is_green_only_in_the_report(rag: Opened) -> None:
    assert re.search(r"\d of the 2\d projects reported green are not: 2 are red", said(rag()))


def test_the_watermelons_stand_on_top_with_their_test_and_since_when(rag: Opened) -> None:
    band = next(html for html in clickable(rag()) if "at-band" in html)
    assert names(band)[0] == "Core swap Bajío"
    bajio = item(band, "Core swap Bajío")
    assert "Reported green, computed red; reported better than computed since 30 Apr 2025." in bajio
    assert "Since 30 Jun 2025 reported green with an SPI(t) that is too low, now 0.85." in bajio
    assert "OSS consolidation Bogotá" in names(band)


def test_the_matrix_is_worst_first_and_shows_both_colours(rag: Opened) -> None:
    matrix = clickable(rag())[-1]
    colours = [re.search(r'title="computed: (\w+)"', part)[1] for part in matrix.split("<tr>")[2:]]  # type: ignore[index]
    assert colours == sorted(colours, key=("red", "amber", "green", "unknown").index)
    bajio = row(matrix, "Core swap Bajío")
    assert "Core swap Bajío, Schedule: computed red, reported green. Open the evidence." in bajio
    assert bajio.count("at-strip") == 5


@pytest.mark.parametrize(
    ("address", "project", "expected"),
    [
        ({}, "5G SA core Medellín", "Scope: computed red"),
        ({}, "Centro de datos Toluca", "Scope: computed red"),
        ({"show": "worse"}, "Troncal IP Sonora–Sinaloa", "Overall: computed green, reported amber"),
        ({"show": "unknown"}, "Coverage study Orinoquía", "Overall: computed unknown, reported unknown"),
        ({"show": "unknown"}, "Nube de red Querétaro", "Overall: computed unknown, reported green"),
        ({"sort": "scope"}, "OSS assurance Cali", "Scope: computed amber"),
    ],
)
def test_stories(rag: Opened, address: dict[str, str], project: str, expected: str) -> None:
    assert expected in row(clickable(rag(**address))[-1], project)


def test_what_is_stale_says_its_last_report(rag: Opened) -> None:
    assert "last report 30 Jun 2025" in row(clickable(rag(show="unknown"))[-1], "Nube de red Querétaro")


def test_what_is_cancelled_is_left_out(rag: Opened) -> None:
    assert "Edge data centre Barranquilla" not in " ".join(clickable(rag(sort="name")))


def test_a_deep_link_opens_the_evidence(rag: Opened) -> None:
    at = rag(project_id="MX-2401", dimension="schedule")
    text = said(at)
    assert "Core swap Bajío · Schedule" in text
    assert "since 30 Jun 2025, amber before" in text
    figure = at.get("plotly_chart")[0].proto
    assert figure.alt.startswith("SPI(t) is 0.85; the limit is 0.90.")
    assert "It turns amber at 0.90: 0.05 to go." in text + figure.alt
    for expected in ("0.85", "0.05 to", "0.90", "0.95", "Slip, current baseline"):
        assert expected in figure.spec


def test_the_evidence_ends_at_the_source_row(rag: Opened) -> None:
    text = said(rag(project_id="MX-2401", dimension="schedule"))
    assert re.search(r"Earned value: proyectos/MX-2401\.xlsx, sheet “Valor ganado”, row \d+", text)
    for column in ("Planned value", "Earned value", "Actual cost"):
        assert column in text


def test_another_rule_can_be_chosen_and_stays_in_the_address(rag: Opened) -> None:
    at = rag(project_id="CO-2301", dimension="schedule", rule="schedule_spi_t")
    assert "schedule_spi_t" in at.query_params["rule"]
    assert "Threshold: FEMA bands on earned schedule." in said(at)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"project_id": "nobody", "dimension": "cost"}, []),
        (
            {"project_id": "MX-2401", "dimension": "<script>"},
            ["asks for “<script>” under “Dimension”, which there is not, so it is left out."],
        ),
        (
            {"project_id": "MX-2401", "dimension": "cost", "rule": "nonsense"},
            ["asks for “nonsense” under “Rule”, which is not offered; “", "” is shown."],
        ),
        (
            {"show": "zz", "sort": "31/02", "page": "99"},
            [
                "asks for “zz” under “Show”, which is not offered; “all projects” is shown.",
                "asks for “31/02” under “Sort by”, which is not offered; “worst, then value” is shown.",
                "asks for “99” under “Page”, which is not offered; “1” is shown.",
            ],
        ),
        ({"dimension": "cost"}, []),
    ],
)
def test_nonsense_in_the_address_is_survived_and_said(
    rag: Opened, address: dict[str, str], told: list[str]
) -> None:
    at = rag(**address)
    assert "<script>" not in " ".join(clickable(at))
    assert "projects reported green are not" in said(at)
    infos = " ".join(str(info.value).replace("\\", "") for info in at.info)
    assert [line for line in told if line not in infos] == []
    assert bool(infos) == bool(told)


def test_what_an_address_asked_for_is_said_until_another_is_chosen(rag: Opened) -> None:
    at = rag(show="zz")
    assert len(at.info) == 1
    at.selectbox(key="sort_choice").select("name").run()
    assert len(at.info) == 1
    at.selectbox(key="show_choice").select("red").run()
    assert not at.info


def test_no_project_is_said(rag: Opened) -> None:
    at = rag(country="CO", as_of="2023-09-30", business_line="Radio access", phase="closed")
    assert "There is no colour to show" in said(at)


def test_spanish(rag: Opened) -> None:
    text = said(rag(lang="ES", project_id="MX-2401", dimension="schedule"))
    assert "reportados en verde no lo están" in text
    assert "De dónde viene el número" in text
