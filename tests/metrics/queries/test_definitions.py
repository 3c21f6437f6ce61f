"""One project's own numbers as worked examples, and the rules and settings of a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loaders.store import open_current
from metrics.definitions import definitions
from metrics.queries.definitions import Read, agree, examples, rules_in_force, settings_in_force
from metrics.rules import load_rules, write_rules
from metrics.scope import Scope

SCOPE = Scope(viewer="", as_of=date(2025, 8, 31))
ALL = tuple(d.id for d in definitions())


@pytest.fixture(scope="module")
def con(demonstration: Path) -> duckdb.DuckDBPyConnection:
    return open_current(demonstration).cursor()


@pytest.mark.parametrize(
    ("metric", "terms"),
    [
        ("cpi", ["ev", "ac"]),
        ("spi_t", ["earned_schedule", "actual_time"]),
        ("revenue_period", ["revenue_recognised", "before"]),
        ("risk_exposure", []),
        ("satisfaction", []),
    ],
)
def test_a_projects_own_numbers(con: duckdb.DuckDBPyConnection, metric: str, terms: list[str]) -> None:
    found = examples(con, SCOPE, "MX-2401", (metric,))
    assert found
    assert found.currency == "MXN"
    assert found.examples.keys() == {metric}
    assert [term.name for term in found.examples[metric].terms] == terms
    assert (found.examples[metric].read is None) == bool(terms)


@pytest.mark.parametrize("project_id", ["MX-2401", "CO-2301", "MX-2407"])
def test_all_that_is_known_of_a_project_is_worked_out(
    con: duckdb.DuckDBPyConnection, project_id: str
) -> None:
    found = examples(con, SCOPE, project_id, ALL)
    assert found
    assert len(found.examples) > 150
    bare = [id_ for id_, example in found.examples.items() if not example.terms and not example.read]
    # what its own findings touch is worked out of the columns they name; of a slipped unit there is none
    assert set(bare) <= {"data_quality_value", "threshold"}
    assert {"cpi", "green", "contract_value"} <= found.examples.keys()


def test_a_number_says_where_it_was_read(con: duckdb.DuckDBPyConnection) -> None:
    found = examples(con, SCOPE, "CO-2406", ("orders_received", "cost_forecast", "cpi", "contract_value"))
    assert found
    read = {id_: example.read for id_, example in found.examples.items()}
    assert read["orders_received"] == Read("orders", 1, 1, "finance/purchase_orders.csv", None, 258)
    lines = read["cost_forecast"]
    assert lines
    assert (lines.table, lines.count > 3, lines.files) == ("financials", True, 1)
    assert read["cpi"] is None
    register = read["contract_value"]
    assert register
    assert (register.table, register.sheet) == ("projects", "Project card")


def test_a_roll_up_is_of_the_projects_programme(con: duckdb.DuckDBPyConnection) -> None:
    found = examples(con, SCOPE, "MX-2401", ("cpi", "projects", "green"))
    assert found
    assert found.examples["projects"].stated > found.examples["green"].stated
    cpi = found.rolled["cpi"]
    assert [term.name for term in cpi.terms] == ["ev_sum", "ac_sum"]
    assert cpi.stated == pytest.approx(float(cpi.terms[0].value) / float(cpi.terms[1].value))
    assert {term.read.count for term in cpi.terms if term.read} == {found.examples["projects"].stated}
    assert found.rolled.keys() == {"cpi"}


def test_the_variant_that_holds(con: duckdb.DuckDBPyConnection) -> None:
    by_method = dict(
        con.execute("""
            select any_value(project_id), revenue_method from mart_contract_position
            where status_date = $as_of and progress is not null and not progress_is_clamped group by 2
        """, {"as_of": SCOPE.as_of}).fetchall()
    )  # fmt: skip
    assert len(by_method) > 1
    for project_id, method in by_method.items():
        found = examples(con, SCOPE, project_id, ("progress",))
        assert found
        assert found.examples["progress"].variants == (method,)
        assert found.examples["progress"].terms


@pytest.mark.parametrize(
    ("stated", "computed", "unit", "same"),
    [
        (1, 1, "count", True),
        (1, 2, "count", False),
        (0.98, 0.98000001, "ratio", True),
        (0.98, 0.99, "ratio", False),
        (100, 100.009, "money", True),
        (100, 100.02, "money", False),
        ("red", "green", "colour", False),
        (5, None, "money", False),
    ],
)
def test_an_example_that_comes_to_something_else_is_left_out(
    stated: Any, computed: Any, unit: str, same: bool
) -> None:
    assert agree(stated, computed, unit) == same


def dated(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A store whose rules change on the first of June: another CPI, no SPI(t), other settings."""
    con = duckdb.connect()
    write_rules(con, load_rules())
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'valid_from = 2025-06-01\n[settings]\neac_variant = "composite"\n'
        "[rules.cost_cpi]\ngreen_from = 0.97\n[rules.schedule_spi_t]\noff = true\n",
        encoding="utf-8",
    )
    write_rules(con, load_rules(rules))
    return con


@pytest.mark.parametrize(
    ("day", "variant", "green_from", "has_spi_t"),
    [(date(2025, 5, 31), "cpi", 0.95, True), (date(2025, 6, 1), "composite", 0.97, False)],
)
def test_rules_and_settings_are_those_of_the_day(
    tmp_path: Path, day: date, variant: str, green_from: float, has_spi_t: bool
) -> None:
    con, scope = dated(tmp_path), replace(SCOPE, as_of=day)
    assert settings_in_force(con, scope)["eac_variant"] == variant
    rules = {rule.id: rule for rule in rules_in_force(con, scope)}
    assert rules["cost_cpi"].green_from == green_from
    assert ("schedule_spi_t" in rules) == has_spi_t


def test_before_its_first_report_a_project_has_no_numbers(con: duckdb.DuckDBPyConnection) -> None:
    assert examples(con, replace(SCOPE, as_of=date(1999, 1, 31)), "MX-2401", ("cpi",)) is None


def test_values_of_one_mart_are_of_the_row_that_knows_most() -> None:
    con = duckdb.connect()
    con.execute("create table metric_settings (name varchar, value varchar)")
    con.execute("""
        create table mart_project_status as
        select 'P' as project_id, date '2025-06-30' as status_date, 'One' as name, 'USD' as currency,
            null::varchar as programme_id, null::varchar as programme_name
    """)
    con.execute("""
        create table mart_risk_exposure as
        select *, true as is_open, 'risk' as kind, 100.0 as impact
        from (values
            ('P', date '2025-06-30', 'a', 0.9, null, 12),
            ('P', date '2025-06-30', 'b', 0.3, -30.0, null),
            ('P', date '2025-07-31', 'b', 0.5, -50.0, null)
        ) t(project_id, status_date, title, probability, emv_pre, schedule_impact_days)
    """)
    metrics = ("probability", "emv_pre", "schedule_impact_days", "cv_pct")
    found = examples(con, replace(SCOPE, as_of=date(2025, 6, 30)), "P", metrics)
    assert found
    assert {id_: float(example.stated) for id_, example in found.examples.items()} == {
        "probability": 0.3,
        "emv_pre": -30.0,
        "schedule_impact_days": 12,
    }
    assert found.examples["schedule_impact_days"].item == "a"
    # the rows that it is read from are not there: the value stands alone
    assert found.examples["probability"].read is None
