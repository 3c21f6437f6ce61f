"""A `timeline` schema out of Python rows: what the store hands to the marts, without files or a load."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from metrics.calendars import write_calendars
from metrics.settings import SETTINGS

Row = Mapping[str, Any]

CONTRACT: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[2] / "loaders" / "contract.toml").read_text(encoding="utf-8")
)
MARTS = Path(__file__).parents[2] / "metrics" / "marts"
UNDATED = date(1900, 1, 1)
STUBS = ("programmes", "projects")

_TYPES = {
    "date": pa.date32(),
    "money": pa.decimal128(18, 4),
    "number": pa.float64(),
    "fraction": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}
_ORIGIN = {
    "source": pa.string(),
    "file": pa.string(),
    "sheet": pa.string(),
    "row": pa.int64(),
    "from_load": pa.int32(),
    "slice_date": pa.date32(),
    "valid_to": pa.date32(),
    "is_kept": pa.bool_(),
}


def timeline(
    con: duckdb.DuckDBPyConnection,
    tables: Mapping[str, Sequence[Row]],
    *,
    slices: Iterable[tuple[str, str, date]] = (),
) -> None:
    """Create `timeline.*` for every table of the contract, holding `tables`, and `timeline.slices`.

    Rows carry contract columns; dates may be ISO text. `source`, `file`, `sheet`, `row` and `from_load` are
    filled where a row does not give them; a register's row may say its delivery's `status_date`, and any row the
    day on which its slice was `delivered_on`.
    `slices` adds deliveries without rows, as (table, project, status date): what was there before is gone.

    Raises KeyError on a table or column that the contract does not have.
    """
    con.execute("create schema if not exists timeline")
    held: list[dict[str, Any]] = []
    empty: dict[str, list[tuple[str, date]]] = {}
    for table, project_id, day in slices:
        empty.setdefault(table, []).append((project_id, day))
    for name in {**tables, **empty}:
        if name not in CONTRACT:
            raise KeyError(name)
    for name, spec in CONTRACT.items():
        rows = [_row(name, spec, n, row) for n, row in enumerate(tables.get(name, ()), start=2)]
        held += _close(name, spec, rows, empty.get(name, []))
        schema = _schema(name, spec)
        frame = pa.Table.from_pylist(rows, schema=schema)
        con.register("given", frame)
        con.execute(f'create or replace table timeline."{name}" as select * from given')
        con.unregister("given")
    con.register("given", pa.Table.from_pylist(held, schema=_SLICES))
    con.execute("create or replace table timeline.slices as select * from given")
    con.unregister("given")


def run_marts(
    con: duckdb.DuckDBPyConnection, last: int = 19, *, settings: Mapping[str, str] | None = None
) -> None:
    """Run the mart files numbered up to `last` over `timeline.*`, under `settings`; `work` stays."""
    stated = {s.name: s.default for s in SETTINGS} | (settings or {})
    con.execute(
        "create or replace table rule_periods as"
        " select 1 as set_no, date '1900-01-01' as valid_from, null::date as valid_to, ?::varchar as settings",
        [json.dumps(stated)],
    )
    _write_calendars_once(con)
    for script in sorted(MARTS.glob("*.sql")):
        if int(script.name[:2]) <= last:
            con.execute(script.read_text(encoding="utf-8"))


def together(cases: Iterable[Mapping[str, Sequence[Row]]]) -> dict[str, list[Row]]:
    """The tables of several cases as one portfolio's: the project of the n-th case becomes project "n"."""
    merged: dict[str, list[Row]] = {}
    for number, tables in enumerate(cases):
        for name, given in tables.items():
            merged.setdefault(name, []).extend({**row, "project_id": str(number)} for row in given)
    return merged


_CALENDARS: dict[tuple[str, ...], pa.Table] = {}


def _write_calendars_once(con: duckdb.DuckDBPyConnection) -> None:
    """The calendars of a database, computed once for all that have the same countries."""
    countries = con.execute(
        "select list(distinct country order by country) from"
        " (select country from timeline.projects union all select country from timeline.programmes)"
    ).fetchall()[0][0]
    key = tuple(countries or ())
    if key not in _CALENDARS:
        write_calendars(con)
        _CALENDARS[key] = con.sql("from work.working_day").to_arrow_table()
        return
    con.execute("create schema if not exists work")
    con.register("given", _CALENDARS[key])
    con.execute("create or replace table work.working_day as select * from given")
    con.unregister("given")


def marts_of(
    tables: Mapping[str, Sequence[Row]],
    *,
    slices: Iterable[tuple[str, str, date]] = (),
    settings: Mapping[str, str] | None = None,
    last: int = 19,
) -> duckdb.DuckDBPyConnection:
    """A database in memory with the marts of `tables`."""
    con = duckdb.connect()
    timeline(con, tables, slices=slices)
    run_marts(con, last, settings=settings)
    return con


def rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: Any = None) -> list[dict[str, Any]]:
    """The rows of a query, by column name."""
    found = con.execute(sql, parameters)
    columns = [column[0] for column in found.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


_SLICES = pa.schema(
    {
        "table_name": pa.string(),
        "project_id": pa.string(),
        "scenario": pa.string(),
        "source": pa.string(),
        "slice_date": pa.date32(),
        "from_load": pa.int32(),
        "delivered_on": pa.date32(),
    }
)


def _schema(name: str, spec: Mapping[str, Any]) -> pa.Schema:
    columns = {c: _TYPES.get(kind["type"], pa.string()) for c, kind in spec["columns"].items()}
    return pa.schema({**columns, **_ORIGIN, **({"is_stub": pa.bool_()} if name in STUBS else {})})


def _row(name: str, spec: Mapping[str, Any], number: int, row: Row) -> dict[str, Any]:
    unknown = set(row) - set(spec["columns"]) - set(_ORIGIN) - {"status_date", "is_stub", "delivered_on"}
    if unknown:
        raise KeyError(f"{name}: {sorted(unknown)}")
    out: dict[str, Any] = {c: _value(kind["type"], row.get(c)) for c, kind in spec["columns"].items()}
    out |= {
        "source": "test",
        "file": f"{name}.csv",
        "sheet": None,
        "row": number,
        "from_load": 1,
        "valid_to": None,
        "is_kept": False,
        **{k: v for k, v in row.items() if k in _ORIGIN},
    }
    dated = row.get(spec.get("dated_by", "status_date")) or row.get("status_date")
    out["slice_date"] = _value("date", dated) or UNDATED
    out["delivered_on"] = row.get("delivered_on")
    if name in STUBS:
        out["is_stub"] = bool(row.get("is_stub", False))
    return out


_CONVERT: dict[str, Any] = {
    "date": lambda value: date.fromisoformat(value) if isinstance(value, str) else value,
    "money": lambda value: Decimal(str(value)).quantize(Decimal("0.0001")),
    "number": float,
    "fraction": float,
    "integer": int,
    "boolean": lambda value: value in (True, "true"),
}


def _value(kind: str, value: Any) -> Any:
    return None if value is None else _CONVERT.get(kind, str)(value)


def _close(
    name: str, spec: Mapping[str, Any], rows: list[dict[str, Any]], empty: list[tuple[str, date]]
) -> list[dict[str, Any]]:
    """Give each row the end of its truth; return the slices that were delivered."""
    split = [column for column in spec.get("slice", ["project_id"]) if column in spec["columns"]]
    days: dict[tuple[Any, ...], dict[date, date | None]] = {}
    for row in rows:
        days.setdefault((row["source"], *(row[c] for c in split)), {})[row["slice_date"]] = row[
            "delivered_on"
        ]
    for project_id, day in empty:
        for key in [k for k in days if k[1] == project_id] or [
            ("test", project_id, *[None] * (len(split) - 1))
        ]:
            days.setdefault(key, {})[day] = None
    ends: dict[tuple[Any, ...], dict[date, date | None]] = {}
    for key, found in days.items():
        ordered = sorted(found)
        ends[key] = dict(zip(ordered, [*ordered[1:], None], strict=True))
    for row in rows:
        if row["valid_to"] is None:
            row["valid_to"] = ends[row["source"], *(row[c] for c in split)][row["slice_date"]]
    return [
        {
            "table_name": name,
            "project_id": key[1 + split.index("project_id")] if "project_id" in split else None,
            "scenario": key[1 + split.index("scenario")] if "scenario" in split else None,
            "source": key[0],
            "slice_date": day,
            "from_load": 1,
            "delivered_on": found[day],
        }
        for key, found in days.items()
        for day in sorted(found)
    ]
