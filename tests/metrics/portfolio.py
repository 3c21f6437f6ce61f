"""Small portfolios out of contract rows, built through build_marts: the whole chain, no step by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from loaders.pipeline import load
from loaders.store import open_current
from metrics.build import build_marts
from metrics.rules import Rules, write_rules
from tests.metrics.timeline import timeline
from tools.validation.rows import at_cost

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Mapping[str, Any]]]

JAN, FEB, MAR, APR, MAY, JUN = (
    date(2025, 1, 31),
    date(2025, 2, 28),
    date(2025, 3, 31),
    date(2025, 4, 30),
    date(2025, 5, 31),
    date(2025, 6, 30),
)
MONTHS = (JAN, FEB, MAR, APR, MAY, JUN)


def built(
    tables: Tables, rules: Rules | None = None, *, slices: Iterable[tuple[str, str, date]] = ()
) -> duckdb.DuckDBPyConnection:
    """A database with the marts over `tables`; without `rules`, the ones that come with the product."""
    con = duckdb.connect()
    timeline(con, tables, slices=slices)
    if rules:
        write_rules(con, rules)
    build_marts(con)
    return con


def loaded(folder: Path, tables: Tables, rules: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The same by way of files: a CSV per table, loaded into a store, of which this is the published version."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name, given in tables.items():
        columns = list(dict.fromkeys(column for row in given for column in row))
        with (source / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns)
            writer.writeheader()
            writer.writerows(given)
    result = load([source], folder / "store", rules=rules)
    assert result.rejects == ()
    return open_current(folder / "store").cursor()


def portfolio(cases: Mapping[str, Tables]) -> dict[str, list[Row]]:
    """The tables of many small cases as one portfolio: a case's rows belong to the project of its name.

    A project without a row in `projects` gets one: 2025, in dollars, a contract of 1000.
    """
    merged: dict[str, list[Row]] = {}
    for name, tables in cases.items():
        for table, rows in {"projects": [{}], **tables}.items():
            stamped = [{"project_id": name, **row} for row in rows]
            if table == "projects":
                stamped = [{**PROJECT, "name": name, **row} for row in stamped]
            merged.setdefault(table, []).extend(stamped)
    return merged


PROJECT: Row = {
    "currency": "USD",
    "contract_value": 1000,
    "phase": "execute",
    "country": "MX",
    "baseline_start": date(2025, 1, 1),
    "baseline_finish": date(2025, 12, 31),
}


def earned(day: date, ev: float, ac: float | None = None, *, bac: float = 120) -> list[Row]:
    """Earned value at a status date of 2025, of a plan that is even over the twelve months to `bac`."""
    return at_cost(ev, ac, bac=bac, day=day)["earned_value"]


def money(scenario: str, day: date = JUN, **lines: float) -> list[Row]:
    """Amounts at completion (actual: to date) of one scenario, by line."""
    return [
        {"status_date": day, "scenario": scenario, "line": line, "amount": amount}
        for line, amount in lines.items()
    ]


def rows(con: duckdb.DuckDBPyConnection, sql: str, **values: Any) -> list[Row]:
    """The result of a query as dicts."""
    result = con.execute(sql, values or None)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def one(con: duckdb.DuckDBPyConnection, sql: str, **values: Any) -> Row:
    """The only row of a query."""
    found = rows(con, sql, **values)
    assert len(found) == 1, found
    return found[0]
