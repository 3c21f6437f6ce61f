from __future__ import annotations

import re
from importlib.resources import files

import pandas as pd
import pytest

from loaders.contract import contract
from locales import languages, translator
from metrics.queries.quality import touched_by
from ui import quality
from ui.formats import Formats

T = translator("en")
F = Formats(T)
SQL = (files("metrics") / "marts/52_data_quality.sql").read_text(encoding="utf-8")


def metrics_named() -> set[str]:
    """What the checks may name as the figure they touch: the text after the severity, what a case there gives, the
    amounts unpivoted, and whatever else in the file is the name of a metric of the project status."""
    written = re.findall(r"'(?:error|warning|info)',\s*(case\b.*?\bend|'\w+')\s*,", SQL, re.DOTALL)
    direct = {name for text in written for name in re.findall(r"(?:^|then |else )'(\w+)'", text)}
    unpivoted = re.search(r"unpivot \(\s*select\s+project_id, status_date, ([a-z_,\s]+?)\s+from", SQL)
    assert unpivoted is not None
    quoted = set(re.findall(r"'(\w+)'", SQL)) - contract().keys()
    elsewhere = {name for name in quoted if f"metric.{name}.name" in T}
    return direct | set(re.split(r",\s*", unpivoted[1])) | elsewhere


def frame(*rows: dict[str, object]) -> pd.DataFrame:
    base = {
        "project_id": "A", "check_id": "ev_falls", "severity": "error", "metric": "ev", "value": -2e6,
        "unit": "money", "detail": "2025-07-31", "sentence_key": "dq.ev_falls", "currency": "MXN",
    }  # fmt: skip
    return pd.DataFrame([base | row for row in rows])


HIGH = {"severity": "info", "metric": "spi", "value": 1.2, "unit": "ratio", "sentence_key": "dq.spi_high"}
STUB = {"severity": "warning", "metric": "name", "detail": "<b>X</b>", "sentence_key": "dq.stub_project"}
FOUND = quality.told(frame({}, HIGH, STUB), T, F)


def test_the_checks_name_figures() -> None:
    assert {
        "ev",
        "cpi",
        "status_date",
        "name",
        "programme_id",
        "cost_as_sold",
        "sites_on_air",
    } <= metrics_named()


@pytest.mark.parametrize("metric", sorted(metrics_named()))
def test_every_figure_that_a_check_touches_has_a_place_on_one_project(metric: str) -> None:
    assert [place for place, shown in quality.PLACES.items() if any(metric in touched_by(m) for m in shown)]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("metric", sorted(metrics_named()))
def test_every_figure_has_a_name(metric: str, language: str) -> None:
    assert quality.figure_name(metric, translator(language)) != metric


@pytest.mark.parametrize(
    ("metrics", "numbers"),
    [(["ev"], [1]), (["cpi"], [1]), (["spi"], [1, 2]), (["name"], [3]), (["satisfaction"], []), ([], [])],
)
def test_marks_stand_beside_what_is_touched(metrics: list[str], numbers: list[int]) -> None:
    html = quality.marks_html(FOUND, metrics, T)
    assert [int(n) for n in re.findall(r'href="#finding-(\d+)"', html)] == numbers


def test_a_mark_says_severity_figure_and_sentence_and_leads_to_the_list() -> None:
    html = quality.mark_html(FOUND[0], T).replace("\u00a0", " ")
    assert '<span aria-hidden="true">!1</span>' in html
    assert "Error, Earned value (EV): Earned value fell by −MXN 2 M since 31 Jul 2025." in html
    assert 'id="finding-1"' in quality.list_html(FOUND, T)


def test_what_data_say_is_escaped() -> None:
    for html in (quality.list_html(FOUND, T), quality.summary_html(FOUND, T), quality.mark_html(FOUND[2], T)):
        assert "<b>" not in html
        assert "&lt;b&gt;X" in html


def test_more_marks_than_fit_are_counted() -> None:
    many = quality.told(frame(*[{}] * 5), T, F)
    html = quality.marks_html(many, ["cpi"], T)
    assert html.count("at-dq at-dq-error") == quality.BESIDE
    assert ">+2<" in html


@pytest.mark.parametrize(
    ("found", "summary"),
    [(FOUND, "3 findings on the data of this page:"), (FOUND[:1], "1 finding on"), ((), "")],
)
def test_summary(found: tuple[quality.Finding, ...], summary: str) -> None:
    html = quality.summary_html(found, T)
    assert summary in html
    assert bool(html) == bool(found)


def test_a_column_says_what_touches_a_row() -> None:
    found = quality.by_project(frame({}, {"project_id": "B", "metric": "name"}), T, F)
    cells = quality.column(["A", "B", "C"], found, ["cpi"], T)
    assert cells[1:] == ["", ""]
    assert str(cells[0]).startswith("! Error, Earned value (EV): Earned value fell by")


def test_lines_name_the_figures_touched() -> None:
    html = quality.lines_html(FOUND, [("cpi", "CPI"), ("spi", "SPI"), ("satisfaction", "Satisfaction")], T)
    assert "It touches CPI, SPI." in html
    assert "It touches SPI." in html
    assert "Satisfaction" not in html


@pytest.mark.parametrize(("metric", "name"), [("cpi", "CPI (!)"), ("satisfaction", "CPI"), (None, "CPI")])
def test_signed(metric: str | None, name: str) -> None:
    assert quality.signed("CPI", FOUND, metric) == name
