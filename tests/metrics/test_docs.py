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
        assert re.search(rf"^`{definition.mart}\.{definition.column}` · ", page, re.MULTILINE), definition.id
    assert not re.search(r"\\(word|metric)\{", page)


NUMBERS = ("DECIMAL", "DOUBLE", "FLOAT", "INTEGER", "BIGINT", "HUGEINT", "SMALLINT", "TINYINT")
NO_METRIC = {
    "a key: it says which one, not how much": {
        *("mart_baseline.baseline_no", "mart_margin_bridge.step_no", "mart_period_value.period_no"),
        *("mart_schedule_quality.no", "mart_project_status.rules_set"),
    },
    "the value of the metric that the row names, and the bounds of its rule": {
        f"mart_rag_evidence.{column}"
        for column in ("value", "green_from", "green_to", "amber_from", "amber_to", "bound", "next_bound")
    },
    "a part that pages count and sum by: its whole is sites_total": {
        *("mart_site_count.sites", "mart_site_place.sites", "mart_site_count.stated"),
        *(f"mart_site_place.{column}" for column in ("latitude", "longitude", "south", "west")),
    },
    "what arrived, not how the project is": {"mart_arrival.slices"},
}
"""Number columns without a definition of their own, by the reason."""
COUNTER = re.compile(r"mart_rollup_status\.(\w+)_projects")
"""How many projects a sum is over: of a measure that has its own definition."""


def number_columns() -> list[str]:
    sql = """
        select table_name || '.' || column_name from duckdb_columns()
        where starts_with(table_name, 'mart_') and string_split(data_type, '(')[1] = any($numbers)
        order by all
    """
    return [name for (name,) in built({}).execute(sql, {"numbers": list(NUMBERS)}).fetchall()]


def test_every_number_of_every_mart_is_defined() -> None:
    defined = {f"{mart}.{column}" for d in definitions() for mart, column in d.places}
    excused = set().union(*NO_METRIC.values())
    numbers = number_columns()
    for name in numbers:
        counter = COUNTER.fullmatch(name)
        of = f"mart_rollup_status.{counter[1]}" if counter else name
        # the slips of a roll-up are a median and a worst, of one metric
        of = f"{of}_median" if of.endswith(".slip_days") and counter else of
        assert (of in defined) != (name in excused), name
    assert excused <= set(numbers)


def test_what_is_defined_is_there_once() -> None:
    con = built({})
    places = [place for d in definitions() for place in d.places]
    assert sorted(places) == sorted(set(places))
    sql = "select table_name, column_name from duckdb_columns() where starts_with(table_name, 'mart_')"
    assert set(places) - set(con.execute(sql).fetchall()) == set()


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
