"""Freshness & rejects on the demonstration, and on a small delivery with faults."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from loaders.pipeline import load
from ui.columns import link_text

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]

PROJECTS = "project_id,name,project_manager,phase,currency\nA,Core <b>swap</b>,Ana,execute,MXN\n"
MILESTONES = """project_id,milestone_id,status_date,name,forecast_date
A,M1,2025-08-31,Cut-over,2025-12-01
A,M2,2025-08-31,Acceptance,31/02/2026
A,M3,2025-08-31,,2026-01-31
B,M1,2025-06-30,Survey,2025-12-01
"""


def opened(**address: str) -> AppTest:
    at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
    for key, value in address.items():
        at.query_params[key] = value
    at.run()
    at.switch_page("pages/sources/freshness.py").run()
    assert not at.exception
    return at


@pytest.fixture
def freshness(demo_store: Path) -> Opened:
    return opened


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a project that reported, one known by its milestones alone, and refused cells."""
    folder = tmp_path_factory.mktemp("faulty")
    (folder / "sources").mkdir()
    (folder / "sources" / "projects.csv").write_text(PROJECTS, encoding="utf-8")
    (folder / "sources" / "milestones.csv").write_text(MILESTONES, encoding="utf-8")
    (folder / "sources" / "plan.xer").write_bytes(b"abc")
    load([folder / "sources"], folder / "store")
    return folder / "store"


@pytest.fixture
def repairs(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The faulty store; answers are remembered by version, and both stores have a first one."""
    monkeypatch.setenv("ATALAYA_STORE", str(faulty))
    st.cache_data.clear()
    yield opened
    st.cache_data.clear()


def text(at: AppTest) -> str:
    shown = " ".join(h.value for h in at.html if "<style>" not in h.value)
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", shown)).replace("\u00a0", " ").split())


def test_who_owes_a_report(freshness: Opened) -> None:
    at = freshness()
    assert "1 of 42 projects owes a report: Nube de red Querétaro (" in text(at)
    owing = at.dataframe[0].value
    assert list(owing["project"].map(link_text)) == ["Nube de red Querétaro"]
    assert list(owing["days_since_status"]) == [62]
    assert owing["was_said"][0] == "● green"


def test_every_source_of_the_demonstration(freshness: Opened) -> None:
    at = freshness()
    sources = next(frame.value for frame in at.dataframe if "expected" in frame.value).set_index("source")
    assert {"finance", "pmo_co", "pmo_mx", "portfolio", "rollout", "schedule"} <= set(sources.index)
    assert sources.loc["pmo_mx", "expected"] - sources.loc["pmo_mx", "arrived"] == 1
    assert sources["refused"].sum() == 0
    assert "files loaded were kept whole." in text(at)
    assert at.get("plotly_chart")[0].proto.alt.startswith("2 sources are behind")


def test_a_project_with_nothing_but_a_name(freshness: Opened) -> None:
    unknown = [frame.value for frame in freshness().dataframe if "project" in frame.value][-1]
    assert "Coverage study Orinoquía" in list(unknown["project"].map(link_text))


def test_filters_narrow_the_projects(freshness: Opened) -> None:
    assert "All 17 running projects reported within 35 days." in text(freshness(country="CO"))


def test_on_an_earlier_date_nobody_owed(freshness: Opened) -> None:
    assert "running projects reported within 35 days." in text(freshness(as_of="2025-06-30"))


def test_in_spanish(freshness: Opened) -> None:
    at = freshness(lang="es")
    assert "1 de 42 proyectos debe un reporte: Nube de red Querétaro" in text(at)
    assert [b.label for b in at.get("download_button")] == [
        "Plantilla en español",
        "Plantilla en inglés",
        "Plantilla en portugués",
    ]


def test_refused_cells_with_their_repair(repairs: Opened) -> None:
    said = text(repairs())
    assert "3 entries stand refused, in 2 files." in said
    assert re.search(
        r"Not a date 1 in 1 file milestones.csv 1 entry .*row 3 forecast_date holds 31/02/2026", said
    )
    assert "Required cells empty" in said
    assert "plan.xer" in said


def test_everything_refused_can_be_downloaded(repairs: Opened) -> None:
    labels = [b.label for b in repairs().get("download_button")]
    assert labels[:2] == ["Download everything refused (XLSX)", "Download everything refused (CSV)"]


def test_a_project_that_no_register_knows_is_listed(repairs: Opened) -> None:
    at = repairs()
    stubs = next(frame.value for frame in at.dataframe if "named_by" in frame.value)
    assert list(stubs["id"]) == ["B"]
    assert list(stubs["kind"]) == ["Projects"]
    findings = next(frame.value for frame in at.dataframe if "severity_said" in frame.value)
    assert any("no register knows it" in said for said in findings["said"])
    assert "B (no manager named)" in text(at)


def button(at: AppTest, label: str):
    return next((b for b in at.button if b.label == label), None)


def dropped(at: AppTest, **files: str | bytes) -> AppTest:
    """Drop files, named by their stems and suffixes: `milestones_csv`."""
    given = [
        (
            name[::-1].replace("_", ".", 1)[::-1],
            text if isinstance(text, bytes) else text.encode(),
            "text/csv",
        )
        for name, text in files.items()
    ]
    at.get("file_uploader")[0].set_value(given)
    at.run()
    button(at, "See what would change").click()
    at.run()
    assert not at.exception
    return at


@pytest.fixture
def delivery(faulty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """A copy of the faulty store that may be published to."""
    monkeypatch.setenv("ATALAYA_STORE", str(shutil.copytree(faulty, tmp_path / "store")))
    st.cache_data.clear()
    yield opened
    st.cache_data.clear()


def test_a_dry_run_publishes_nothing_and_then_what_it_showed(delivery: Opened, tmp_path: Path) -> None:
    at = dropped(delivery(), milestones_csv=MILESTONES.replace("31/02/2026", "2026-02-28"))
    changes = next(frame.value for frame in at.dataframe if "replaced" in frame.value)
    assert list(changes["table"]) == ["Milestones"]
    assert "1 entry would be refused" in " ".join(m.value for m in at.markdown)
    current = tmp_path / "store" / "current"
    assert current.read_text().strip() == "atalaya-000001.duckdb"
    button(at, "Publish").click()
    at.run()
    assert not at.exception
    assert at.success[0].value == "Published: 3 rows were kept."
    assert current.read_text().strip() == "atalaya-000002.duckdb"
    assert "2 entries stand refused, in 2 files." in text(at)


def test_a_delivery_of_nothing_readable_says_why(delivery: Opened) -> None:
    at = dropped(delivery(), plan_xer=b"abc")
    assert "damaged or not a schedule" in at.error[0].value
    assert button(at, "Publish") is None


def test_the_template_is_in_the_language_asked_for(tmp_path: Path) -> None:
    from ui.freshness import template_file  # noqa: PLC0415

    (tmp_path / "template.xlsx").write_bytes(template_file("es")())
    sheets = openpyxl.load_workbook(tmp_path / "template.xlsx").sheetnames
    assert "Hitos" in sheets
