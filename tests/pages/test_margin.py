"""The Margin screen on the demonstration: its stories, and its honest looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ui.columns import link_text

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def margin(demo_store: Path) -> Opened:
    """Open the screen at an address: `margin(programme="CEN-RAN")`."""

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in address.items():
            at.query_params[key] = value
        at.run()
        at.switch_page("pages/portfolio/margin.py").run()
        assert not at.exception
        assert not any('role="alert"' in html.value for html in at.html)
        return at

    return opened


def said(at: AppTest) -> str:
    """Everything the page says outside its tables and figures."""
    return " ".join([*(html.value for html in at.html), *(c.value for c in at.caption)])


def figure(at: AppTest, words: str) -> dict:
    """The figure whose text alternative holds the words."""
    return next(json.loads(c.proto.spec) for c in at.get("plotly_chart") if words in c.proto.alt)


def notes(at: AppTest, words: str) -> dict[str, str]:
    """The rows of a ranked figure: what stands at the right of each name."""
    names, right = figure(at, words)["data"][:2]
    return dict(zip(names["text"], right["text"], strict=True))


def test_the_sentence_says_whose_the_difference_is(margin: Opened) -> None:
    told = re.search(r"The margin forecast is [\d.]+\s%.* the exchange rate", said(margin()))
    assert told is not None


def test_a_margin_that_only_the_exchange_rate_took(margin: Opened) -> None:
    at = margin()
    lost = notes(at, "lost margin since the sale")
    assert lost["Núcleo 5G SA Monterrey"].startswith("−3.5")
    frame = figure(at, "lost margin since the sale")
    at_row = frame["data"][0]["text"].index("Núcleo 5G SA Monterrey")
    ours, _, rate = frame["data"][2:5]
    assert abs(ours["x"][at_row]) < 0.2
    assert rate["x"][at_row] < -3


def test_an_early_and_profitable_project_is_among_the_gains(margin: Opened) -> None:
    assert notes(margin(), "lost margin since the sale")["IP backbone Eje Cafetero"].startswith("+4.")


def test_a_forecast_that_only_falls_is_named_so(margin: Opened) -> None:
    at = margin()
    falling = next(frame.value for frame in at.dataframe if "fell_pp" in frame.value)
    assert "RAN swap Occidente y Norte" in set(falling["project"].map(link_text))
    assert "Núcleo 5G SA Monterrey" not in set(falling["project"].map(link_text))


def test_the_walk_ends_at_the_forecast(margin: Opened) -> None:
    walk = notes(margin(), "The margin forecast is")
    assert next(iter(walk)) == "<b>As sold</b>"
    assert list(walk)[-1] == "<b>Forecast, current rates</b>"
    assert any(name.startswith("ours · ") for name in walk)


def test_in_money_the_steps_have_a_currency(margin: Opened) -> None:
    walk = notes(margin(unit="money", currency="MXN"), "The margin forecast is")
    assert all("MXN" in note for note in walk.values())


def test_the_quarter(margin: Opened) -> None:
    text = [chart.proto.alt for chart in margin().get("plotly_chart")]
    assert any(alt.startswith("Sales Q3 2025: USD") for alt in text)
    assert any(alt.startswith("Margin Q3 2025: USD") for alt in text)


def test_the_currency_it_hangs_on(margin: Opened) -> None:
    at = margin()
    assert notes(at, "If the USD gains 10 %")
    exposed = next(frame.value for frame in at.dataframe if "hedged_share" in frame.value)
    assert link_text(exposed["project"].iloc[0]) == "Núcleo 5G SA Monterrey"


@pytest.mark.parametrize(
    ("by", "group"),
    [("programme", "Modernización RAN Cenzontle"), ("customer", "Red Sierra Alta"), ("country", "Mexico")],
)
def test_profitability(margin: Opened, by: str, group: str) -> None:
    assert group in notes(margin(by=by), "below its margin as sold")


@pytest.mark.parametrize(
    ("group", "listed", "is_said"),
    [
        ("programme.CEN-RAN", True, False),
        ("programme.nobody", False, True),
        ("nonsense", False, True),
        ("customer.Móvil Cenzontle", False, False),
    ],
)
def test_the_group_picked_is_in_the_address(margin: Opened, group: str, listed: bool, is_said: bool) -> None:
    at = margin(group=group)
    assert any("margin_erosion_pp" in frame.value for frame in at.dataframe) == listed
    assert any("Profitability" in info.value for info in at.info) == is_said


def test_a_project_without_figures_is_said_not_zero(margin: Opened) -> None:
    text = said(margin())
    assert "Computed from 41 of 42 running projects" in text


def test_nothing_known(margin: Opened) -> None:
    at = margin(programme="(unassigned)")
    assert "No project has both its figures as sold and a forecast." in said(at)


def test_before_the_first_report(margin: Opened) -> None:
    at = margin(as_of="2023-09-30", phase="care")
    assert "No running project matches the filters on this date." in said(at)


def test_in_spanish(margin: Opened) -> None:
    text = said(margin(lang="es"))
    assert "El margen pronosticado es" in text
    assert "del tipo de cambio" in text
