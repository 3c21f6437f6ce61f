"""The Risks & changes screen on the demonstration: its stories, and its honest looks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ui.columns import link_text

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def risks(demo_store: Path) -> Opened:
    """Open the screen at an address: `risks(state="rejected")`."""

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in address.items():
            at.query_params[key] = value
        at.run()
        at.switch_page("pages/portfolio/risks.py").run()
        assert not at.exception
        assert not any('role="alert"' in html.value for html in at.html)
        return at

    return opened


def table(at: AppTest, column: str) -> pd.DataFrame:
    """The table that has a column."""
    return next(frame.value for frame in at.dataframe if column in frame.value)


def said(at: AppTest) -> str:
    return " ".join(html.value for html in at.html)


def test_the_sentence(risks: Opened) -> None:
    text = said(risks())
    assert "Open risks are expected to cost USD" in text
    assert "1 change worth USD 994\u00a0k is worked on without approval." in text.replace("USD\u00a0", "USD ")


def test_a_change_worked_on_without_approval_comes_first(risks: Opened) -> None:
    first = table(risks(), "share_of_contract").iloc[0]
    assert (link_text(first["project"]), first["change"]) == (
        "Centro de datos Toluca",
        "CC-02 · Segunda acometida eléctrica y sala de baterías ampliada",
    )
    assert first["flags"] == "work without approval since 12 May 2025"
    assert first["share_of_contract"] == pytest.approx(0.07)


def test_a_missed_notice_and_one_given_in_time(risks: Opened) -> None:
    delays = table(risks(), "notified_on")
    delays = delays.set_index(delays["project"].map(link_text))
    assert delays.loc["5G SA core Medellín", "notice"] == "✗ missed"
    assert delays.loc["Tarificación convergente", ["notice", "days_granted"]].tolist() == ["✓ given", 45]


def test_states_of_changes(risks: Opened) -> None:
    assert set(table(risks(state="rejected"), "share_of_contract")["state"]) == {"Rejected"}


def test_in_spanish(risks: Opened) -> None:
    assert "Se espera que los riesgos abiertos cuesten" in said(risks(lang="es"))


def test_a_project_that_has_delivered_nothing(risks: Opened) -> None:
    text = said(risks(programme="(unassigned)"))
    assert "What open risks may cost is unknown: no risk register was delivered." in text
    assert "No change request was delivered for these projects." in text


def test_before_the_first_report(risks: Opened) -> None:
    assert "No running project matches the filters on this date." in said(
        risks(as_of="2023-09-30", phase="care")
    )
