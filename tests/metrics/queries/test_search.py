from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from metrics.queries.search import MOST, Whereabouts, find, whereabouts
from metrics.scope import Scope

DAY = date(2025, 8, 31)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        from (values
            ('P-1', 'Migración de núcleo', 'Telenorte', 'Core', 'Ana Ruiz', 'MX', 'red',
             date '2025-07-31', date '2025-08-31'),
            ('P-1', 'Migración de núcleo', 'Telenorte', 'Core', 'Ana Ruiz', 'MX', 'green',
             date '2025-08-31', null),
            ('P-2', 'Core swap', 'Andina', 'RAN', 'José Peña', 'CO', null, date '2025-06-30', null)
        ) t(project_id, name, customer, programme_name, project_manager, country, rag_overall,
            status_date, next_status_date)
    """)
    con.execute("alter table mart_project_status add column programme_id varchar default 'C1'")
    yield con
    con.close()


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("nucleo", ["P-1"]),
        ("NÚCLEO ana", ["P-1"]),
        ("pena", ["P-2"]),
        ("p-2", ["P-2"]),
        ("core", ["P-2", "P-1"]),
        ("a", ["P-2", "P-1"]),
        ("100%_'", []),
        ("  ", []),
    ],
)
def test_find(con: duckdb.DuckDBPyConnection, words: str, ids: list[str]) -> None:
    assert [hit.project_id for hit in find(con, Scope("", DAY), words)] == ids


def test_a_hit_is_as_it_stood_on_the_date(con: duckdb.DuckDBPyConnection) -> None:
    assert find(con, Scope("", DAY), "P-1")[0].rag_overall == "green"
    assert find(con, Scope("", date(2025, 8, 1)), "P-1")[0].rag_overall == "red"
    assert find(con, Scope("", date(2025, 1, 1)), "P-1") == ()


def test_no_more_than_can_be_read(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into mart_project_status select 'X' || i, 'Site ' || i, null, null, null, null, null,"
                " date '2025-08-31', null, null from range(40) t(i)")  # fmt: skip
    assert len(find(con, Scope("", DAY), "site")) == MOST


@pytest.mark.parametrize(
    ("project_id", "on", "found"),
    [
        ("P-1", DAY, Whereabouts("Migración de núcleo", "C1", "Core", "MX")),
        ("P-1", date(2025, 1, 1), None),
        ("nobody's", DAY, None),
    ],
)
def test_whereabouts(
    con: duckdb.DuckDBPyConnection, project_id: str, on: date, found: Whereabouts | None
) -> None:
    assert whereabouts(con, Scope("", on, countries=("CO",)), project_id) == found
