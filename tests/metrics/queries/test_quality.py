from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from metrics.definitions import definitions
from metrics.queries.quality import RESTS_ON, findings, touched_by
from metrics.scope import Scope

AUGUST = date(2025, 8, 31)
IDENTITY = {"contract_value"}
"""Columns of the project status that a finding may name and no definition explains."""

STATUS = """
    id country phase   status_date next
    A  MX      execute 2025-07-31  2025-08-31
    A  MX      execute 2025-08-31  -
    B  CO      execute 2025-07-31  -
    C  CO      closed  2025-08-31  -
"""
FINDINGS = """
    id status_date check         severity metric
    A  2025-07-31  ev_falls      error    ev
    A  2025-08-31  cpi_high      info     cpi
    A  2025-08-31  negative      error    ac
    A  2025-08-31  ev_old        warning  cpi
    B  2025-07-31  no_baseline   warning  baseline_finish
    C  2025-08-31  ev_above_bac  error    percent_complete
"""


def given(table: str) -> list[list[str | None]]:
    return [[None if c == "-" else c for c in line.split()] for line in table.split("\n")[2:-1]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status (project_id text, country text, phase text, status_date date,
            next_status_date date, programme_id text, customer text, business_line text, currency text default 'MXN');
        create table mart_data_quality (project_id text, status_date date, check_id text, severity text, metric text,
            value decimal(18,4) default 2, unit text default 'money', detail text, sentence_key text default 'dq.x')
    """)
    con.executemany(
        "insert into mart_project_status (project_id, country, phase, status_date, next_status_date)"
        " values (?, ?, ?, ?, ?)",
        given(STATUS),
    )
    con.executemany(
        "insert into mart_data_quality (project_id, status_date, check_id, severity, metric) values (?, ?, ?, ?, ?)",
        given(FINDINGS),
    )
    yield con
    con.close()


@pytest.mark.parametrize(
    ("scope", "asked", "expected"),
    [
        (Scope("", AUGUST), ("A", "B"), ["A negative", "A ev_old", "A cpi_high", "B no_baseline"]),
        (Scope("", date(2025, 7, 31)), ("A",), ["A ev_falls"]),
        (Scope("", AUGUST, countries=("CO",)), ("A", "B"), ["B no_baseline"]),
        (Scope("", AUGUST), ("C", "nobody"), []),
        (Scope("", AUGUST), (), []),
    ],
)
def test_findings_are_those_in_force_worst_first(
    con: duckdb.DuckDBPyConnection, scope: Scope, asked: tuple[str, ...], expected: list[str]
) -> None:
    found = findings(con, scope, asked)
    assert list(found["project_id"] + " " + found["check_id"]) == expected
    assert set(found["currency"]) <= {"MXN"}


@pytest.mark.parametrize(
    ("figure", "finding_on", "touched"),
    [
        ("cpi", "cpi", True),
        ("cpi", "ev", True),
        ("cpi", "pv", False),
        ("margin_lost_pp", "cost_as_sold", True),
        ("margin_lost_pp", "ev", False),
        ("slip_share_original", "forecast_finish", True),
        ("spi_t", "earned_schedule", True),
        ("sv_t", "earned_schedule", True),
        ("es_forecast_finish", "earned_schedule", True),
        ("earned_schedule", "earned_schedule", True),
        ("earned_schedule", "spi_t", False),
        ("sv_t", "spi_t", False),
        ("spi", "earned_schedule", False),
        ("cv_pct", "ac", True),
        ("cv_pct", "pv", False),
        ("sv_pct", "pv", True),
        ("sv_pct", "ac", False),
        ("percent_spent", "ac", True),
        ("percent_spent", "ev", False),
        ("tcpi_eac", "cpi", True),
        ("tcpi_eac", "ac", True),
        ("margin_pct_baseline", "cost_baseline", True),
        ("margin_pct_baseline", "cost_as_sold", False),
        ("satisfaction", "ev", False),
        ("satisfaction", "satisfaction", True),
    ],
)
def test_a_finding_touches_its_figure_and_what_is_computed_from_it(
    figure: str, finding_on: str, touched: bool
) -> None:
    assert (finding_on in touched_by(figure)) == touched


def test_what_rests_on_what_names_metrics() -> None:
    known = {definition.id for definition in definitions()} | IDENTITY
    named = set(RESTS_ON) | {metric for rests in RESTS_ON.values() for metric in rests}
    # What a rule judges and the Definitions page explains under the metric it belongs to.
    judged = {rule for definition in definitions() for rule in definition.rules}
    assert named - known - judged == set()
