"""A store of three projects and three month ends, just wide enough for the frame and the definitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from ui.navigation import screen
from ui.store import Standing

ROOT = Path(__file__).parents[2]
VERSIONS = count(1)
"""Answers are remembered per version, so every test has its own."""


@dataclass
class SmallStore:
    con: duckdb.DuckDBPyConnection
    version: str = field(default_factory=lambda: f"small {next(VERSIONS)}")

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.con.cursor()


@pytest.fixture
def small_store() -> Iterator[SmallStore]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        select project_id, 'Core swap ' || project_id as name, programme_id, programme_name,
               customer, country,
               business_line, phase, status_date, 'green' as rag_overall, null as currency, 0.9 as cpi, 9 as ev, 10 as ac,
               lead(status_date) over (partition by project_id order by status_date) as next_status_date
        from (values
            ('A', 'P1', 'RAN <b>North</b>', 'Telenorte', 'MX', 'Radio', 'execute'),
            ('B', 'P2', 'Core', 'Andina Móvil', 'CO', 'Core', 'plan'),
            ('C', null, null, null, 'CO', 'Core', 'closed')
        ) p(project_id, programme_id, programme_name, customer, country, business_line, phase),
        (values (date '2025-06-30'), (date '2025-07-31'), (date '2025-08-31')) d(status_date)
        where not (project_id = 'B' and status_date > date '2025-06-30')
    """)
    con.execute("""
        create table project_timeline as
        select project_id, name, programme_id, programme_name, customer, country, business_line, phase,
               min(status_date) as valid_from, null::date as valid_to, false as is_stub
        from mart_project_status group by all
    """)
    con.execute("""
        create table rules as
        from (values
            ('cost_cpi', 'cost', 'cpi', 'ratio', 0.95, null, 0.90, null, 'inclusive', 0.15, 'FEMA'),
            ('own_rule', 'cost', 'own_metric', 'days', null, 30, null, 90, 'exclusive', null, 'house rule')
        ) r(id, dimension, metric, unit, green_from, green_to, amber_from, amber_to, upper,
            from_percent_complete, source)
    """)
    con.execute("create table metric_settings as select 'eac_variant' as name, 'bottom_up' as value")
    con.execute("insert into metric_settings values ('stale_after_days', '40')")
    yield SmallStore(con)
    con.close()


@pytest.fixture
def app(small_store: SmallStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the dashboard at an address, `app(country="MX")`, with Definitions as its only page."""
    monkeypatch.setattr("ui.first_start.current_store", lambda: small_store)
    monkeypatch.setattr("ui.first_start.standing", lambda store: Standing.CURRENT)
    monkeypatch.setattr("ui.navigation.SCREENS", (screen("definitions"),))

    def opened(**address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=30)
        for key, value in address.items():
            at.query_params[key] = value
        at.run()
        assert not at.exception
        return at

    return opened
