"""What the lists of projects say of figures that a data-quality finding touches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from loaders.store import open_current
from tests.pages.conftest import DOUBTED
from ui.navigation import screen

ROOT = Path(__file__).parents[2]


def opened(page: str, **address: str) -> AppTest:
    at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    at.switch_page(screen(page).file).run()
    assert not at.exception
    return at


def doubts(at: AppTest) -> list[str]:
    """The cells of the columns "data quality" that say something."""
    columns = (table.value["data_quality"] for table in at.dataframe if "data_quality" in table.value)
    return [cell for column in columns for cell in column if cell]


@pytest.mark.parametrize("page", ["schedule", "margin", "cash", "risks"])
def test_a_row_whose_figures_are_doubtful_says_so(
    doubted_store: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    cells = doubts(opened(page))
    assert cells
    assert all(cell.startswith("! Warning, ") for cell in cells)


@pytest.mark.parametrize("page", ["schedule", "margin"])
def test_a_figure_names_its_doubtful_projects(
    doubted_store: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    lines = [html.value for html in opened(page).html if "at-dq-line" in html.value and "<b>" in html.value]
    assert len(lines) == 1
    assert lines[0].count("Warning, ") >= len(DOUBTED)


@pytest.mark.parametrize("page", ["schedule", "margin", "cash", "risks"])
def test_other_rows_say_nothing(demo_store: Path, page: str) -> None:
    con = open_current(demo_store).cursor()
    doubted = [row[0] for row in con.execute("select distinct project_id from mart_data_quality").fetchall()]
    for table in (table.value for table in opened(page).dataframe if "data_quality" in table.value):
        said = table[table["data_quality"] != ""]
        assert 0 < len(said) < len(table)
        assert all(any(f"project_id={i}#" in link for i in doubted) for link in said["project"])


def test_a_colour_whose_figures_are_doubtful_has_a_mark(
    doubted_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    pieces = [json.loads(part.proto.json)["html"] for part in opened("rag").get("bidi_component")]
    matrix = next(piece for piece in pieces if "at-matrix" in piece)
    marked = [row for row in matrix.split("<tr>")[2:] if 'class="at-dq' in row]
    assert len(marked) == len(DOUBTED)
    assert all("Warning, Forecast finish: " in row for row in marked)


@pytest.mark.parametrize(
    ("page", "address", "row"),
    [
        ("overview", {}, '<li class="at-row">'),
        ("compare", {"a": "MX-2301", "b": "MX-2401"}, "<tr>"),
    ],
)
def test_a_figure_of_a_screen_that_is_doubtful_has_a_mark(
    doubted_store: Path, monkeypatch: pytest.MonkeyPatch, page: str, address: dict[str, str], row: str
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    pieces = [json.loads(part.proto.json)["html"] for part in opened(page, **address).get("bidi_component")]
    marked = [part for piece in pieces for part in piece.split(row)[1:] if 'class="at-dq' in part]
    assert marked
    assert all("project_id=MX-2301" in part or "project_id=CO-2301" in part for part in marked)


def test_doubtful_sites_are_told_below_their_curve(
    doubted_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    lines = [html.value for html in opened("sites").html if "at-dq-line" in html.value]
    assert any("RAN swap Occidente y Norte" in line and "Sites on air" in line for line in lines)
