"""Every worked example comes to what the mart holds, in every row of the demonstration that it is of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from loaders.store import open_current
from metrics.definitions import Definition, definitions
from metrics.queries.definitions import examples, joined, marts, settings_in_force, worked
from metrics.rules import load_rules, write_rules
from metrics.scope import Scope

WORKED = [d for d in definitions() if d.example]
EXACT = ("colour", "label", "date", "count")
SCOPE = Scope(viewer="", as_of=date(2025, 8, 31))


@pytest.fixture(scope="module")
def con(demonstration: Path) -> duckdb.DuckDBPyConnection:
    return open_current(demonstration).cursor()


def apart(con: duckdb.DuckDBPyConnection, metric: Definition) -> tuple[int, int]:
    """How many rows the example is of, and in how many it comes to something else: beyond a cent, or a millionth."""
    row = f"and ({metric.example_row})" if metric.example_row else ""
    error = "0.01" if metric.unit == "money" else "1e-6"
    differs = (
        "stated <> computed"
        if metric.unit in EXACT
        else f"abs(stated::double - computed::double) > {error} + 1e-6 * abs(stated::double)"
    )
    found = con.execute(f"""
        with own as (select * from {metric.mart} where {metric.column} is not null {row}),
        side as (
            select own.{metric.column} as stated, {worked(metric)} as computed
            from {joined("own", [metric], marts(con))}
        )
        select count(*), count(*) filter (computed is null or {differs}) from side
    """).fetchone()
    assert found
    return found


@pytest.mark.parametrize("metric", WORKED, ids=lambda d: d.id)
def test_the_example_comes_to_what_the_mart_holds(con: duckdb.DuckDBPyConnection, metric: Definition) -> None:
    of, differing = apart(con, metric)
    assert of > 0
    assert differing == 0


@pytest.mark.parametrize("wrong", ["ac / ev", "ev / ac + 0.001", "nullif(ev, ev)"])
def test_an_example_that_is_wrong_is_found(con: duckdb.DuckDBPyConnection, wrong: str) -> None:
    cpi = next(d for d in WORKED if d.id == "cpi")
    assert apart(con, replace(cpi, example=wrong))[1] > 0


@pytest.mark.parametrize(
    ("metric", "terms"),
    [
        ("cpi", ["ev", "ac"]),
        ("spi_t", ["earned_schedule", "actual_time"]),
        ("revenue_period", ["revenue_recognised"]),
        ("risk_exposure", []),
        ("satisfaction", []),
    ],
)
def test_a_projects_own_numbers(con: duckdb.DuckDBPyConnection, metric: str, terms: list[str]) -> None:
    found = examples(con, SCOPE, "MX-2401", (metric,))
    assert found
    assert found.currency == "MXN"
    assert found.examples.keys() == {metric}
    assert [column for _, column, _ in found.examples[metric].terms] == terms


def test_all_that_is_known_of_a_project_is_worked_out(con: duckdb.DuckDBPyConnection) -> None:
    found = examples(con, SCOPE, "MX-2401", tuple(d.id for d in definitions()))
    assert found
    by_id = {d.id: d for d in definitions()}
    assert len(found.examples) > 200
    for id_, example in found.examples.items():
        metric = by_id[id_]
        holds = metric.example is not None and (metric.example_row is None or example.computed is not None)
        assert (example.computed is not None) == holds, id_
        assert (example.summed is not None) == (holds and metric.example_over is not None), id_
    assert "revenue_recognised" in found.examples


def test_the_settings_are_those_of_the_day(tmp_path: Path) -> None:
    con = duckdb.connect()
    write_rules(con, load_rules())
    rules = tmp_path / "rules.toml"
    rules.write_text('valid_from = 2025-06-01\n[settings]\neac_variant = "composite"\n', encoding="utf-8")
    write_rules(con, load_rules(rules))
    variants = [
        settings_in_force(con, replace(SCOPE, as_of=day))["eac_variant"]
        for day in (date(2025, 5, 31), date(2025, 6, 1))
    ]
    assert variants == ["cpi", "composite"]


def test_before_its_first_report_a_project_has_no_numbers(con: duckdb.DuckDBPyConnection) -> None:
    assert examples(con, replace(SCOPE, as_of=date(1999, 1, 31)), "MX-2401", ("cpi",)) is None


def test_values_of_one_mart_are_of_the_row_that_knows_most() -> None:
    con = duckdb.connect()
    con.execute("create table metric_settings (name varchar, value varchar)")
    con.execute("""
        create table mart_project_status as
        select 'P' as project_id, date '2025-06-30' as status_date, 'One' as name, 'USD' as currency
    """)
    con.execute("""
        create table mart_risk_exposure as
        select *, true as is_open, 'risk' as kind, 100.0 as impact
        from (values
            ('P', date '2025-06-30', 'a', 0.9, null, 12),
            ('P', date '2025-06-30', 'b', 0.3, -30.0, null),
            ('P', date '2025-07-31', 'b', 0.5, -50.0, null)
        ) t(project_id, status_date, risk_id, probability, emv_pre, schedule_impact_days)
    """)
    metrics = ("probability", "emv_pre", "schedule_impact_days", "cv_pct")
    found = examples(con, replace(SCOPE, as_of=date(2025, 6, 30)), "P", metrics)
    assert found
    assert {id_: float(example.stated) for id_, example in found.examples.items()} == {
        "probability": 0.3,
        "emv_pre": -30.0,
        "schedule_impact_days": 12,
    }
