"""Run the cases: one project each, one load and one reading of the marts per set of rules."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from loaders import store
from loaders.contract import DELIVERY_DATE, contract
from loaders.pipeline import load
from tools.validation import colours, money, schedule
from tools.validation.case import RULES, Builder, Case, NotApplicable
from tools.validation.rows import STATUS, Row, Tables, project
from tools.validation.vectors import FILES, Vector, vectors

BUILDERS: Mapping[str, Builder] = {
    "evm": schedule.earned_value,
    "evm_edge_cases": schedule.earned_value,
    "earned_schedule": schedule.earned_schedule,
    "schedule": schedule.schedule,
    "dcma14_thresholds": schedule.threshold,
    "poc_revenue": money.position,
    "contract_position": money.position,
    "margin": money.margin,
    "dso_fx": money.dso_fx,
    "risk": money.risk,
    "pi_matrix": money.risk,
    "rag": colours.colour,
}
EXACT = 1e-12
"""A number may always differ by this share of itself."""
Value = float | str | bool | None


@dataclass(frozen=True)
class Check:
    """One value that a mart holds beside the one that a case expects."""

    mart: str
    column: str
    expected: Value
    computed: Value
    passed: bool


@dataclass(frozen=True)
class Result:
    """What became of a case: its checks, or the reason why there are none."""

    vector: Vector
    checks: tuple[Check, ...] = ()
    reason: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the case was run and every value is as expected."""
        return bool(self.checks) and all(check.passed for check in self.checks)


def run(folder: Path, files: Iterable[str] = FILES) -> list[Result]:
    """The results of all cases of `files`, in their order; stores and sources go to `folder`.

    Raises LoadError when a load fails and ValueError when it refuses a row or a case's value is not one value.
    """
    given = [(vector, BUILDERS[name](vector)) for name in files for vector in vectors(name)]
    computed: dict[tuple[str, str], Value] = {}
    for number, (name, rules) in enumerate(RULES.items()):
        cases = {v.project: c for v, c in given if isinstance(c, Case) and c.rules == name}
        if cases:
            place = folder / f"rules-{number}"
            place.mkdir()
            computed |= _read(loaded(cases, place, rules), cases)
    return [
        Result(vector, reason=case.reason)
        if isinstance(case, NotApplicable)
        else Result(vector, tuple(_checks(vector, case, computed)))
        for vector, case in given
    ]


def loaded(cases: Mapping[str, Case], folder: Path, rules: str = "") -> duckdb.DuckDBPyConnection:
    """A store with the cases: CSV files named after the tables, load, the published version opened."""
    rates = {
        (rate["currency"], rate["rate_date"], rate["basis"]): rate
        for case in cases.values()
        for rate in case.rates
    }
    tables = tables_of({name: case.tables for name, case in cases.items()}, list(rates.values()))
    write_sources(tables, folder / "source")
    chosen = folder / "rules.toml"
    chosen.write_text(rules, encoding="utf-8")
    result = load([folder / "source"], folder / "store", rules=chosen)
    if result.rejects:
        raise ValueError(f"The load refused {result.rejects[0]}.")
    return store.open_current(folder / "store").cursor()


def tables_of(cases: Mapping[str, Tables], rates: Sequence[Row] = ()) -> dict[str, list[Row]]:
    """The tables of all cases: a case's name is its project's id, its status date STATUS unless told."""
    tables: dict[str, list[Row]] = {"projects": [], "fx_rates": list(rates)}
    for name, case in cases.items():
        for table, rows in {"projects": [project()], **case}.items():
            given: Row = {"project_id": name}
            if DELIVERY_DATE in contract()[table].columns:
                given[DELIVERY_DATE] = STATUS
            for row in rows:
                whole = given | row
                tables.setdefault(table, []).append(
                    {"name": whole["project_id"]} | whole if table == "projects" else whole
                )
    return tables


def write_sources(tables: Mapping[str, Sequence[Row]], folder: Path) -> None:
    """CSV files named after the tables, with the columns that any row has a value in."""
    folder.mkdir()
    for table, rows in tables.items():
        if rows:
            names = contract()[table].accepted
            columns = [c for c in names if any(row.get(c) is not None for row in rows)]
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as handle:
                writer = csv.DictWriter(handle, columns, extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)


def is_close(got: Value, expected: Value, tolerance: float) -> bool:
    """Whether a value is what is expected; unknown is only unknown."""
    if got is None or expected is None or isinstance(expected, (str, bool)):
        return got == expected
    return abs(float(got) - float(expected)) <= max(tolerance, EXACT * abs(float(expected)))


def _read(con: duckdb.DuckDBPyConnection, cases: Mapping[str, Case]) -> dict[tuple[str, str], Value]:
    """By project and column, what the marts say at the newest status date."""
    asked: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name, case in cases.items():
        for column in case.expected:
            asked.setdefault((case.mart, case.where), {}).setdefault(column, []).append(name)
    found: dict[tuple[str, str], Value] = {}
    for (mart, where), columns in asked.items():
        for column, names in columns.items():
            values: dict[str, set[Value]] = {name: set() for name in names}
            query = (
                f"select project_id, {column} from (from {mart} where list_contains($names, project_id)"
                f" and {where} qualify dense_rank() over (partition by project_id order by status_date desc) = 1)"
            )
            for name, value in con.execute(query, {"names": names}).fetchall():
                values[name].add(_plain(value))
            for name, distinct in values.items():
                if len(distinct) != 1:
                    raise ValueError(f"{mart} holds {len(distinct)} values of {column} for {name}, not one.")
                found[name, column] = distinct.pop()
    return found


def _plain(value: Any) -> Value:
    if isinstance(value, Decimal):
        return float(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is no value of a case.")


def _checks(vector: Vector, case: Case, computed: Mapping[tuple[str, str], Value]) -> Iterable[Check]:
    for column, expected in case.expected.items():
        got = computed[vector.project, column]
        passed = is_close(got, expected, vector.tolerance)
        mart = "mart_rollup_status" if "mart_rollup_status" in case.mart else case.mart
        yield Check(mart, column, expected, got, passed)
