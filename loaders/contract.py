"""The contract as data: canonical tables and columns, read from contract.toml.

Everything that depends on them is derived from here: the store's tables, the checks, the workbook template and
docs/contract.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
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

DELIVERY_DATE = "status_date"
"""The day that a delivery shows; a source may say it of any table but those in NO_STATUS_DATE."""
NO_STATUS_DATE = ("fx_rates",)
"""Tables whose deliveries are not dated by a status date."""

_TABLE_KEYS = {"grain", "key", "dated_by", "slice", "columns"}


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

    `dated_by` is the column that dates a delivery's slice; without one the delivery is a register, replaced whole.
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

    @cached_property
    def accepted(self) -> Mapping[str, Column]:
        """What a source may say: the table's columns, and the delivery's date where it is none of them."""
        if self.name in NO_STATUS_DATE or DELIVERY_DATE in self.columns:
            return self.columns
        return MappingProxyType({**self.columns, DELIVERY_DATE: Column(DELIVERY_DATE, "date")})

    @property
    def shape(self) -> Mapping[str, str]:
        """Column → DuckDB type of the table's rows: its own columns, then their origin."""
        return {name: column.sql_type for name, column in self.columns.items()} | dict(ORIGIN)

    def ddl(self, name: str | None = None) -> str:
        """The statement that creates the table, under another `name` where given."""
        declared = ", ".join(f'"{column}" {kind}' for column, kind in self.shape.items())
        return f"create table {name or self.name} ({declared})"


@cache
def contract() -> Mapping[str, Table]:
    """Every canonical table by name, in the order of contract.toml."""
    return parse((files("loaders") / "contract.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[str, Table]:
    """Tables from the text of a contract. Raises ValueError when it contradicts itself."""
    tables = {name: _table(name, entry) for name, entry in tomllib.loads(text).items()}
    owned = {column for table in tables.values() for column in table.columns}
    for table in tables.values():
        for column in table.columns.values():
            if column.refs and column.refs not in tables:
                raise ValueError(f"{table.name}.{column.name} refers to {column.refs!r}, which is no table.")
        named = {*table.key, *table.slice, *((table.dated_by,) if table.dated_by else ())}
        if unknown := sorted(named - set(table.columns)):
            where = "another table's column" if unknown[0] in owned else "no column"
            raise ValueError(f"{table.name} is keyed or sliced by {unknown[0]!r}, {where}.")
    return MappingProxyType(tables)


def _table(name: str, entry: dict[str, Any]) -> Table:
    if unknown := sorted(set(entry) - _TABLE_KEYS):
        raise ValueError(f"{name} has the unknown key {unknown[0]!r}.")
    columns = {column: _column(name, column, spec) for column, spec in entry["columns"].items()}
    return Table(
        name=name,
        grain=str(entry["grain"]),
        key=tuple(entry["key"]),
        dated_by=entry.get("dated_by"),
        slice=tuple(entry.get("slice", ("project_id",))),
        columns=MappingProxyType(columns),
    )


def _column(table: str, name: str, spec: dict[str, Any]) -> Column:
    if spec.get("type") not in SQL_TYPES:
        raise ValueError(
            f"{table}.{name} has the type {spec.get('type')!r}; there are {', '.join(SQL_TYPES)}."
        )
    if (spec["type"] == "enum") != ("values" in spec):
        raise ValueError(f"{table}.{name}: an enum, and only an enum, lists its values.")
    given: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in spec.items()
    }
    try:
        return Column(name, **given)
    except TypeError as error:
        raise ValueError(f"{table}.{name} has an unknown key: {error}.") from error
