"""The Schedule screen on the demonstration: its stories, and its honest looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def schedule(demo_store: Path) -> Opened:
    """Open the screen at an address: `schedule(country="MX", trend="COR-COR")`."""

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in address.items():
            at.query_params[key] = value
        at.run()
        at.switch_page("pages/portfolio/schedule.py").run()
        assert not at.exception
        assert not any('role="alert"' in html.value for html in at.html)
        return at

    return opened


def said(at: AppTest) -> str:
    """Everything the page says outside its tables and figures."""
    return " ".join(
        [*(html.value for html in at.html), *(c.value for c in at.caption), *(m.value for m in at.markdown)]
    )


def figures(at: AppTest) -> dict[str, str]:
    """The figures by what they say instead of being seen."""
    return {chart.proto.alt: chart.proto.spec for chart in at.get("plotly_chart")}


def test_the_sentence_counts_and_prices_the_late(schedule: Opened) -> None:
    assert re.search(
        r"\d of 41 projects will miss their contract dates. Likely damages of those late: USD",
        said(schedule()),
    )


def test_who_slips_most(schedule: Opened) -> None:
    shown = figures(schedule())
    spec = shown["IMS and VoLTE Caribe slips most: 335 days past its original baseline."]
    for name in ("OSS consolidation Bogot", "RAN swap Occidente y Norte", "5G SA core Medell"):
        assert name in spec


def test_a_rebaselined_project_looks_on_time_only_against_its_current_baseline(schedule: Opened) -> None:
    original = next(spec for alt, spec in figures(schedule()).items() if "past its original" in alt)
    current = next(
        spec for alt, spec in figures(schedule(against="current")).items() if "past its current" in alt
    )
    assert "+245" in original
    assert "OSS consolidation Bogot" in original
    assert "+245" not in current


def test_rebaselines_hide_slip(schedule: Opened) -> None:
    at = schedule()
    assert (
        "OSS consolidation Bogotá re-baselined 2 times: all of its slip, 245 days, is out of sight."
        in said(at)
    )
    events = next(frame.value for frame in at.dataframe if "reason" in frame.value)
    assert list(events["baseline_no"]) == [2, 1]
    assert events["moved_days"].gt(100).all()
    assert events["reason"].notna().all()


def test_a_missed_notice_costs_damages_and_a_granted_delay_does_not(schedule: Opened) -> None:
    due = next(frame.value for frame in schedule().dataframe if "ld_maximum" in frame.value)
    names = due["project"].map(lambda address: unquote(address.rpartition("#")[2]))
    damages = due["ld_probable"].groupby(names).sum()
    assert damages["5G SA core Medellín"] > 0
    assert damages.get("Tarificación convergente", 0) == 0


def test_schedule_quality_stands_beside_the_forecast(schedule: Opened) -> None:
    at = schedule()
    checked = next(frame.value for frame in at.dataframe if "passed_of" in frame.value)
    checks = next(frame.value for frame in at.dataframe if "offender_names" in frame.value)
    assert len(checked) == 6
    assert checked["failed_names"].str.contains("Logic").all()
    assert list(checks["no"]) == list(range(1, 15))
    assert checks.loc[checks["outcome"].str.contains("failed"), "offender_names"].str.len().gt(0).all()


def test_trend_of_a_programme_is_of_its_contractual_milestones(schedule: Opened) -> None:
    alts = list(figures(schedule(trend="COR-COR")))
    assert any("IP backbone Eje Cafetero: " in alt for alt in alts)


def test_without_a_comparison_there_are_no_movers(schedule: Opened) -> None:
    assert "There is no earlier date to compare with." in said(schedule(compared_with="nothing"))


def test_before_the_first_report(schedule: Opened) -> None:
    at = schedule(as_of="2023-09-30", phase="care")
    assert "No running project matches the filters on this date." in said(at)
    assert figures(at) == {}


def test_in_spanish(schedule: Opened) -> None:
    text = said(schedule(lang="es"))
    assert "de 41 proyectos no cumplirán sus fechas contractuales." in text
    assert "OSS consolidation Bogotá cambió 2 veces de línea base" in text


@pytest.mark.parametrize("address", [{"against": "nonsense"}, {"trend": "<b>"}, {"currency": "project"}])
def test_an_edited_address_does_no_harm(schedule: Opened, address: dict[str, str]) -> None:
    assert figures(schedule(**address))
