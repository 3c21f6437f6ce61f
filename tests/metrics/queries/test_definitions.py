"""A project's own numbers beside the definitions."""

from __future__ import annotations

from datetime import date

import duckdb

from metrics.queries.definitions import example_values
from metrics.scope import Scope


def test_values_of_one_mart_are_of_one_row() -> None:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        select 'P' as project_id, date '2025-06-30' as status_date, 'One' as name, 'USD' as currency, 3.0 as cpi
    """)
    con.execute("""
        create table mart_risk_exposure as
        from (values
            ('P', date '2025-06-30', 'a', 0.9, null),
            ('P', date '2025-06-30', 'b', 0.3, -30.0),
            ('P', date '2025-07-31', 'b', 0.5, -50.0)
        ) t(project_id, status_date, risk_id, probability, emv_pre)
    """)
    columns = (
        ("mart_risk_exposure", "probability"),
        ("mart_risk_exposure", "emv_pre"),
        ("mart_project_status", "cpi"),
    )
    got = example_values(con, Scope(viewer="test", as_of=date(2025, 6, 30)), "P", columns)
    assert (float(got["probability"]), float(got["emv_pre"]), float(got["cpi"])) == (0.3, -30.0, 3.0)
