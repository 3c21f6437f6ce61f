"""Deliveries made by hand: what intake would yield, from rows written as Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from loaders.arrivals import Arrivals, Outcome
from loaders.batch import Batch, FileReport, Part, Reject
from loaders.contract import Table, contract
from loaders.history import next_load, prepare
from loaders.store import scratch
from loaders.timeline import build_timeline

Row = Mapping[str, Any]
FIRST_LOAD = datetime(2025, 9, 1, 12)
JUL, AUG, SEP = "2025-07-31", "2025-08-31", "2025-09-30"

_TYPES = {
    "date": pa.date32(),
    "money": pa.decimal128(18, 4),
    "number": pa.float64(),
    "fraction": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
}


def batch(
    table: str,
    rows: Sequence[Row],
    *,
    source: str = "pmo",
    file: str | None = None,
    delivered_at: str | None = None,
    damaged: Sequence[Row] = (),
) -> Batch:
    """A batch of one file. `damaged`: slice keys of refused rows, slice_date included; None is any."""
    spec = contract()[table]
    name = file or f"{table}.csv"
    rejects = tuple(
        Reject(name, "number", row=90 + n, table=table, source=source) for n, _ in enumerate(damaged)
    )
    return Batch(
        table=table,
        source=source,
        delivered_at=datetime.fromisoformat(delivered_at) if delivered_at else None,
        parts=(Part(name, None, f"sha of {name}", len(rows) + len(damaged)),),
        rows=_rows(spec, rows, name),
        rejects=rejects,
        damaged=pa.Table.from_pylist(
            [
                {**dict.fromkeys(spec.slice), **row, "slice_date": _date(row.get("slice_date"))}
                for row in damaged
            ],
            schema=pa.schema({**{c: pa.string() for c in spec.slice}, "slice_date": pa.date32()}),
        ),
    )


def _rows(spec: Table, rows: Sequence[Row], file: str) -> pa.Table:
    own = {name: _TYPES.get(column.type, pa.string()) for name, column in spec.columns.items()}
    shape = {**own, "file": pa.string(), "sheet": pa.string(), "row": pa.int64(), "slice_date": pa.date32()}
    told = []
    for number, row in enumerate(rows, start=2):
        assert set(row) <= {*own, "status_date"}, row
        values = {name: _value(spec.columns[name].type, row.get(name)) for name in own}
        dated = row.get(spec.dated_by or "", None) or row.get("status_date")
        told.append({**values, "file": file, "sheet": None, "row": number, "slice_date": _date(dated)})
    return pa.Table.from_pylist(told, schema=pa.schema(shape))


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "date":
        return _date(value)
    if kind == "money":
        return Decimal(str(value)).quantize(Decimal("0.0001"))
    return {"number": float, "fraction": float, "integer": int, "boolean": bool}.get(kind, str)(value)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


class Shelf:
    """A history in memory to which loads are brought one after the other."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.loads = 0
        self.is_built = False
        self.built: int | None = None
        prepare(con)

    def load(self, *batches: Batch) -> Outcome:
        """One load; a day later than the one before."""
        arrivals = Arrivals(self.con)
        for item in batches:
            for part in item.parts:
                arrivals.add(FileReport(part.file, item.source, part.sha256))
            arrivals.add(item)
        outcome = arrivals.apply(FIRST_LOAD + timedelta(days=self.loads))
        self.loads += 1
        self.is_built = False
        return outcome

    def build(self, *, whole: bool = False) -> frozenset[str] | None:
        """Build the timeline as a load does: what came since the last time, or with `whole` everything."""
        touched = build_timeline(self.con, since=None if whole else self.built)
        self.is_built = True
        self.built = next_load(self.con) - 1
        return touched

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer to a query, dates as ISO text; the timeline is built first where a load came since."""
        if not self.is_built:
            self.build()
        return [
            tuple(v.isoformat() if isinstance(v, date) else v for v in row)
            for row in self.con.execute(sql).fetchall()
        ]


@contextmanager
def shelf() -> Iterator[Shelf]:
    """An empty one."""
    with scratch() as con:
        yield Shelf(con)


def milestones(day: str, project: str = "P1", **forecasts: str) -> list[Row]:
    """One row per milestone; the name says which delivery it is from."""
    return [
        {"project_id": project, "milestone_id": key, "status_date": day, "name": told}
        for key, told in forecasts.items()
    ]


def timeline(s: Shelf, table: str = "milestones", told: str = "milestone_id, name") -> list[tuple[Any, ...]]:
    return s.ask(f"select {told}, slice_date, valid_to, is_kept from timeline.{table} order by all")


def as_of(s: Shelf, day: str) -> set[tuple[str, str]]:
    """The milestones in force on a day, with the delivery that they are from."""
    return set(
        s.ask(f"""
            select milestone_id, name from timeline.milestones
            where slice_date <= date '{day}' and (valid_to is null or valid_to > date '{day}')""")
    )


def damaged(day: str, **rows: str) -> Batch:
    return batch(
        "milestones",
        milestones(day, **rows),
        file=f"{day}.csv",
        damaged=[{"project_id": "P1", "slice_date": day}],
    )


DELIVERIES = st.lists(
    st.tuples(
        st.sampled_from([JUL, AUG, SEP]),
        st.sets(st.sampled_from(["M1", "M2", "M3"]), min_size=1),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)
"""Deliveries in the order in which they were delivered: of which slice, with which rows, and whether whole."""


def made_of(deliveries: Sequence[tuple[str, set[str], bool]]) -> list[Batch]:
    return [
        batch(
            "milestones",
            milestones(day, **dict.fromkeys(sorted(keys), f"delivery {n}")),
            delivered_at=f"2025-10-{n + 1:02}",
            damaged=() if whole else [{"project_id": "P1", "slice_date": day}],
        )
        for n, (day, keys, whole) in enumerate(deliveries)
    ]
