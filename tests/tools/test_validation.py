"""The published cases: every one through load, store and mart; the page and the copies say what is so."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from tools.validation import vectors
from tools.validation.__main__ import main
from tools.validation.page import PAGE, page, totals
from tools.validation.run import Result, is_close, run

PUBLIC = Path(__file__).parents[3] / "shared" / "metrics" / "vectors"
CASES = {  # file → run, not applicable
    "evm": (92, 1),
    "evm_edge_cases": (9, 0),
    "earned_schedule": (90, 0),
    "schedule": (12, 1),
    "dcma14_thresholds": (14, 0),
    "poc_revenue": (43, 0),
    "contract_position": (5, 0),
    "margin": (8, 0),
    "dso_fx": (11, 0),
    "risk": (26, 7),
    "pi_matrix": (17, 0),
    "rag": (13, 0),
}
OUR_OWN = ("source", "source_url", "note")
"""Columns of the citation, which the copies shorten here and there."""
TOLERANCES = {("rag", "G30"): "5e-11"}
"""Printed to ten places and compared exactly elsewhere: half of the last place here."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return run(tmp_path_factory.mktemp("validation"))


@pytest.mark.parametrize("file", CASES)
def test_cases(results: list[Result], file: str) -> None:
    own = [result for result in results if result.vector.file == file]
    failed = [(r.vector.case_id, r.vector.metric, r.checks) for r in own if not (r.passed or r.reason)]
    assert failed == []
    assert totals(own) == (CASES[file][0], 0, CASES[file][1])


def test_what_is_left_out() -> None:
    assert tuple(CASES) == vectors.FILES


def test_the_page_says_what_a_fresh_run_says(results: list[Result]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(results), "run: make validation"


def test_only_these_metrics_have_no_table(results: list[Result]) -> None:
    left = Counter(result.vector.metric for result in results if result.reason)
    distributions = {
        "pert_mean": 2,
        "pert_path": 2,
        "triangular": 1,
        "normal_sum": 1,
        "percentile_sum_trap": 1,
    }
    assert left == {"eac_cpi_spi": 1, "cpm_duration": 1, **distributions}


@pytest.mark.parametrize(
    ("got", "expected", "tolerance", "close"),
    [
        (None, None, 1, True),
        (0.0, None, 1, False),
        (None, 0.0, 1, False),
        (0.5, 0.75, 0.25, True),
        (0.5, 0.76, 0.25, False),
        (1e9 + 1e-4, 1e9, 1e-9, True),
        ("green", "green", 0, True),
        ("green", "amber", 9, False),
        (True, True, 0, True),
    ],
)
def test_close(got: float, expected: float, tolerance: float, close: bool) -> None:
    assert is_close(got, expected, tolerance) is close


def test_a_wrong_number_is_said(
    results: list[Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = [
        Result(r.vector, tuple(type(c)(c.mart, c.column, c.expected, 7, False) for c in r.checks), r.reason)
        for r in results[:1]
    ]
    monkeypatch.setattr("tools.validation.__main__.run", lambda folder: [*changed, *results[1:]])
    assert main(["--out", str(tmp_path / "page.md")]) == 1
    assert "339 cases pass, 1 fail, 9 are not applicable." in capsys.readouterr().out
    assert "| E01 | sv | `mart_earned_value`: `sv` | -5000 | 7 | 1e-09 | **FAIL** |" in (
        tmp_path / "page.md"
    ).read_text(encoding="utf-8")
    assert main(["--check"]) == 1
    assert "says something else" in capsys.readouterr().err


@pytest.mark.shared
@pytest.mark.parametrize("name", [*vectors.FILES, "es_series"])
def test_the_copies_hold_the_public_numbers(name: str) -> None:
    path = PUBLIC / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"{path.name} does not lie beside the project")
    with path.open(encoding="utf-8", newline="") as handle:
        theirs = [_numbers(name, row) for row in csv.DictReader(handle)]
    assert [_numbers(name, row) for row in vectors.rows(name)] == theirs


def _numbers(name: str, row: dict[str, str]) -> dict[str, object]:
    kept: dict[str, object] = {key: value for key, value in row.items() if key not in OUR_OWN}
    if "inputs_json" in row:
        kept["inputs_json"] = json.loads(row["inputs_json"])
        kept["tolerance"] = TOLERANCES.get((name, row["case_id"]), row["tolerance"])
    return kept


def test_every_error_is_shown_by_a_case() -> None:
    cases = {vector.case_id for name in vectors.FILES for vector in vectors.vectors(name)}
    assert {row["shown_by"] for row in vectors.rows("known_bad")} <= cases
