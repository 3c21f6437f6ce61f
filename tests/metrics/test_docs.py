"""The generated pages say what the definitions, the rules and the marts say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from metrics.__main__ import main
from metrics.definitions import definitions
from metrics.docs import marts_page, metrics_page, thresholds
from metrics.rules import load_rules
from tests.metrics.portfolio import built

DOCS = Path(__file__).parents[2] / "docs"


def test_metrics_page_is_current() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == metrics_page(), "run: python -m metrics docs"


def test_marts_page_is_current() -> None:
    page = marts_page(built({}))
    assert (DOCS / "marts.md").read_text(encoding="utf-8") == page, "run: PYTHONPATH=. python tools/docs.py"


def test_every_metric_has_its_section() -> None:
    page = metrics_page()
    for definition in definitions():
        assert re.search(rf"^`{definition.mart}(\.{definition.id})?` · ", page, re.MULTILINE), definition.id
    assert "\\word" not in page


def test_every_mart_says_what_it_is() -> None:
    page = marts_page(built({}))
    for section in page.split("\n## ")[1:]:
        name = section.split("\n", 1)[0]
        if name.startswith("mart_"):
            assert all(word in section for word in ("**Grain**: ", "**Units**: ", "**Source**: ")), name


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("cost_cpi", "green ≥ 0.95, amber ≥ 0.90, else red; from 15 % complete"),
        ("schedule_slip_days", "green < 30 days, amber < 90 days, else red"),
        ("cost_over_baseline", "green < 5 %, amber < 15 %, else red"),
        ("scope_unapproved_work", "green ≤ 0, else red"),
        ("cost_margin_pct_forecast", "red < 0 %; otherwise it has no say"),
        ("schedule_damages_running", "red > 0; otherwise it has no say"),
    ],
)
def test_thresholds_in_words(rule: str, said: str) -> None:
    assert thresholds(next(r for r in load_rules().rules if r.id == rule)) == said


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "deep" / "metrics.md"
    assert main(["docs", "--out", str(page)]) == 0
    assert page.read_text(encoding="utf-8") == metrics_page()
    assert capsys.readouterr().out.strip() == str(page)
