"""The contract as data: canonical tables and columns, read from contract.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "id": "VARCHAR",
        "text": "VARCHAR",
        "enum": "VARCHAR",
        "country": "VARCHAR",
        "currency": "VARCHAR",
        "date": "DATE",
        "money": "DECIMAL(18,4)",
        "number": "DOUBLE",
        "fraction": "DOUBLE",
        "integer": "BIGINT",
        "boolean": "BOOLEAN",
    }
)
"""What each contract type is in the store."""

ORIGIN: Mapping[str, str] = MappingProxyType({"file": "VARCHAR", "sheet": "VARCHAR", "row": "BIGINT"})
"""Where a row came from; every table of the store has these columns after its own."""

NO_STATUS_DATE = ("fx_rates",)
"""Tables whose deliveries are not dated by a status date."""


@dataclass(frozen=True)
class Column:
    """One column: its type, whether a row is refused without it, and what it may hold."""

    name: str
    type: str
    required: bool = False
    refs: str | None = None
    min: float | None = None
    max: float | None = None
    values: tuple[str, ...] = ()

    @property
    def sql_type(self) -> str:
        """The DuckDB type."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Table:
    """One canonical table: `key` identifies a row within its source, `slice` splits deliveries by value.

    `dated_by` is the column that dates a delivery's slice; None makes the delivery a register, replaced whole.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    dated_by: str | None
    slice: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a row is refused."""
        return tuple(name for name, column in self.columns.items() if column.required)


@cache
def contract() -> Mapping[str, Table]:
    """Every canonical table by name, in the order of contract.toml."""
    text = (files("loaders") / "contract.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _table(name, entry) for name, entry in tomllib.loads(text).items()})


def _table(name: str, entry: dict[str, Any]) -> Table:
    columns = {column: _column(column, spec) for column, spec in entry["columns"].items()}
    return Table(
        name=name,
        grain=str(entry["grain"]),
        key=tuple(entry["key"]),
        dated_by=entry.get("dated_by"),
        slice=tuple(entry.get("slice", ("project_id",))),
        columns=MappingProxyType(columns),
    )


def _column(name: str, spec: dict[str, Any]) -> Column:
    return Column(name, **{**spec, "values": tuple(spec.get("values", ()))})
