"""Portfolios of which every table holds what its columns allow, delivered on any days by one or two sources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.metrics.timeline import CONTRACT, Row

FIRST, DAYS = date(2025, 1, 15), 420
REGISTERS = ("programmes", "projects", "baselines", "fx_rates")
POOL = ("1", "2", "3")
"""Every id is one of these, so that tables speak of each other's rows."""


def anything(random: Random, projects: int = 3, reports: int = 7) -> dict[str, list[Row]]:
    """The tables of a portfolio: rows by the contract's types, of tables that come when they come."""
    days = sorted(FIRST + timedelta(days=n) for n in random.sample(range(DAYS), reports))
    tables: dict[str, list[Row]] = {name: [] for name in CONTRACT}
    tables["fx_rates"] = [
        {"currency": "MXN", "rate_date": day, "basis": basis, "per_usd": round(random.uniform(16, 21), 4)}
        for basis in ("plan", "actual")
        for day in (date(2024, 12, 1), date(2025, 6, 1))
    ]
    for project in (f"P{number}" for number in range(projects)):
        tables["projects"] += [
            {
                **_row(random, "projects", project),
                "valid_from": day,
                "name": project,
                "as_sold_rate_date": None,
                "currency": random.choice(("MXN", "USD", None)),
                "programme_id": None,
                "country": random.choice(("MX", "CO")),
                "finish_milestone_id": random.choice((*POOL, None)),
            }
            for day in (date(2025, 1, 1), *random.sample(days, random.randrange(2)))
        ]
        tables["baselines"] += [
            {**_row(random, "baselines", project), "baseline_no": number, "approved_on": days[number * 2]}
            for number in range(random.randrange(3))
        ]
        for name in (name for name in CONTRACT if name not in REGISTERS and random.random() < 0.8):
            for day in random.sample(days, random.randint(1, len(days))):
                tables[name] += _delivery(random, name, project, day)
    return tables


def _delivery(random: Random, name: str, project: str, day: date) -> list[Row]:
    """A few rows of a table, of one source; no two with the same key."""
    source = random.choice(("test", "test", "other"))
    key = [c for c in CONTRACT[name]["key"] if c not in ("project_id", "status_date")]
    rows: dict[tuple[Any, ...], Row] = {}
    for number in range(random.randint(1, 4) if key or name == "satisfaction" else 1):
        row = {**_row(random, name, project), "source": source}
        dated = "surveyed_on" if name == "satisfaction" else "status_date"
        row |= {dated: day, "row": number + 2}
        rows[tuple(row[c] for c in key) or (number,)] = row
    return list(rows.values())


def _row(random: Random, name: str, project: str) -> dict[str, Any]:
    return {
        column: project if column == "project_id" else _value(random, column, kind)
        for column, kind in CONTRACT[name]["columns"].items()
    }


def _value(random: Random, column: str, kind: Mapping[str, Any]) -> Any:
    if not kind.get("required") and random.random() < 0.25:
        return None
    day = FIRST + timedelta(days=random.randrange(-60, DAYS + 60))
    values: Mapping[str, Any] = {
        "id": random.choice(POOL),
        "enum": random.choice(kind.get("values", POOL)),
        "currency": random.choice(("MXN", "USD", "USD", "EUR")),
        "country": random.choice(("MX", "CO")),
        "date": day.replace(day=28) if column == "period_end" else day,
        "money": random.randrange(0, 1000),
        "number": random.randrange(0, 1000),
        "fraction": round(random.random(), 2),
        "integer": random.randrange(0, 5),
        "boolean": random.random() < 0.5,
        "text": f"{column} {random.choice(POOL)}",
    }
    return values[kind["type"]]
