"""Every screen on the demonstration, in every language and in the states that are hard: it says a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from locales import languages
from ui.navigation import available, screen

ROOT = Path(__file__).parents[2]
SCREENS = [entry.name for entry in available()]
LAST = SCREENS[-1]
STATES: dict[str, dict[str, str | list[str]]] = {
    "before the first report": {"as_of": "1999-01-31"},
    "one project": {"project_id": "CO-2502"},
    "nobody left": {"country": "MX", "business_line": "nonsense", "phase": "closed"},
    "other money": {"currency": "COP", "basis": "closing"},
    "own currencies": {"currency": "project", "basis": "average"},
    "an older date": {"as_of": "2024-01-31"},
    "nonsense": {
        "as_of": "<b>",
        "country": "[x](y)",
        "project_id": "' or 1=1",
        "dimension": "$",
        "a": "?",
        "state": "%",
    },
}


def opened(name: str, **address: str | list[str]) -> AppTest:
    at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=120)
    for key, value in address.items():
        at.query_params[key] = value
    at.run()
    at.switch_page(screen(name).file).run()
    return at


def sentence(at: AppTest) -> str:
    assert not at.exception
    return next(html.value for html in at.html if "at-said" in html.value)


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", languages())
def test_in_every_language(demo_store: Path, name: str, language: str) -> None:
    text = sentence(opened(name, lang=language))
    assert "None" not in text
    assert "nan" not in text.lower().split()


@pytest.mark.parametrize("name", SCREENS)
def test_in_every_state(demo_store: Path, name: str) -> None:
    for state, address in STATES.items():
        assert sentence(opened(name, **address)), state


def test_cash_says_what_waits_and_what_threatens(demo_store: Path) -> None:
    text = sentence(opened("cash")).replace("\u00a0", " ")
    assert "is accepted and not invoiced" in text
    assert "threaten at today" in text


def test_sites_reveal_the_permits(demo_store: Path) -> None:
    text = sentence(opened("sites"))
    assert "held up by: permits" in text
    assert "Jalisco" in text


def test_compare_one_project_on_two_dates(demo_store: Path) -> None:
    at = opened("compare", a="MX-2401", b="MX-2401", a_date="2025-03-31", b_date="2025-08-31")
    text = " ".join(json.loads(part.proto.json)["html"] for part in at.get("bidi_component"))
    assert "31 Mar 2025" in sentence(at)
    assert "SPI(t)" in text
    figure = at.get("plotly_chart")[0].proto
    assert figure.alt.replace("\u00a0", " ").startswith("31 Mar 2025: 37.4 % of the work done")


def test_a_date_that_is_none_is_said_with_the_one_taken(demo_store: Path) -> None:
    at = opened("compare", a="MX-2401", a_date="31/02/2025")
    (info,) = at.info
    assert "asks for “31/02/2025” under “On”" in info.value
    assert "“31 Aug 2025” is shown" in info.value
