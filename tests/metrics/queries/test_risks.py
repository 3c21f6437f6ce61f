from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries import risks
from metrics.queries.standing import MONTHS
from metrics.scope import Scope

JULY, AUGUST = date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status (project_id text, currency text, phase text, status_date date,
            next_status_date date, contract_value decimal(18,4), risk_exposure decimal(18,4),
            opportunity_exposure decimal(18,4), contingency_left decimal(18,4), notices_missed int,
            unapproved_work int)
    """)
    con.execute("""
        insert into mart_project_status values
            ('A', 'MXN', 'execute', '2025-07-31', '2025-08-31', 20000, 900, 0, 800, 0, 0),
            ('A', 'MXN', 'execute', '2025-08-31', null, 20000, 1000, 40, 800, 1, 1),
            ('B', 'USD', 'execute', '2025-08-31', null, 500, 30, 0, 100, 0, 0),
            ('C', 'USD', 'plan', '2025-08-31', null, null, null, null, null, null, null),
            ('D', 'USD', 'closed', '2025-08-31', null, 900, 70, 0, 0, 0, 0)
    """)
    for column in (
        "programme_id",
        "programme_name",
        "customer",
        "country",
        "business_line",
        "project_manager",
    ):
        con.execute(f"alter table mart_project_status add column {column} text default 'x'")
    con.execute("alter table mart_project_status add column margin_pct_forecast double")
    con.execute("alter table mart_project_status add column name text")
    con.execute("update mart_project_status set name = 'Project ' || project_id")
    con.execute("""
        create table mart_risk_exposure (project_id text, status_date date, risk_id text, kind text,
            title text, is_open boolean, probability double, impact decimal(18,4), exposure decimal(18,4),
            p_index bigint, i_index int, cell double, due_on date)
    """)
    con.execute("""
        insert into mart_risk_exposure values
            ('A', '2025-08-31', 'R1', 'risk', 'Peso', true, 0.5, 1600, 800, 3, 5, 0.4, '2025-08-15'),
            ('A', '2025-08-31', 'R2', 'risk', 'Customs', true, 0.5, 400, 200, 3, 2, 0.05, null),
            ('A', '2025-08-31', 'R3', 'opportunity', 'Discount', true, 0.1, 400, 40, 1, 1, 0.01, null),
            ('A', '2025-08-31', 'R4', 'risk', 'Past', false, 0.9, 9999, 0, 5, 5, 0.72, null),
            ('A', '2025-07-31', 'R1', 'risk', 'Peso', true, 0.5, 1600, 900, 3, 5, 0.4, null),
            ('B', '2025-08-31', 'R1', 'risk', 'Access', true, 0.5, 60, 30, 3, 5, 0.4, null),
            ('B', '2025-08-31', 'R2', 'risk', 'No figures', true, null, null, null, null, 3, null, null),
            ('D', '2025-08-31', 'R1', 'risk', 'Closed', true, 0.5, 140, 70, 3, 5, 0.4, null)
    """)
    for column in ("category", "response", "owner"):
        con.execute(f"alter table mart_risk_exposure add column {column} text")
    con.execute("alter table mart_risk_exposure add column schedule_impact_days double")
    con.execute(
        "create table project_timeline as select distinct project_id, currency from mart_project_status"
    )
    con.execute("""
        create table fx_intervals as
        from (values ('MXN', 'plan', date '2020-01-01', null::date, 20.0, false),
                     ('USD', 'plan', date '1900-01-01', null, 1.0, false)) t
            (currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    con.execute("create schema timeline")
    con.execute("""
        create table timeline.changes (project_id text, change_id text, title text, status text,
            raised_on date, decided_on date, notice_due_on date, work_started_on date,
            cost_to_date decimal(18,4), revenue_impact decimal(18,4), cost_impact decimal(18,4),
            currency text,
            schedule_impact_days double, slice_date date, valid_to date)
    """)
    con.execute("""
        insert into timeline.changes values
            ('A', 'C1', 'Room', 'submitted', '2025-06-01', null, null, '2025-07-01', 10, 2000, 1500, null, 40,
                '2025-08-31', null),
            ('A', 'C1', 'Room', 'draft', '2025-06-01', null, null, null, null, 2000, 1500, null, 40,
                '2025-07-31', '2025-08-31'),
            ('A', 'C2', 'Training', 'approved', '2025-06-01', '2025-07-01', null, '2025-07-02', 5, 400, 300,
                null, 2, '2025-08-31', null),
            ('B', 'C1', 'Late notice', 'draft', '2025-08-11', null, '2025-08-20', null, null, null, 50, null,
                5, '2025-08-31', null),
            ('B', 'C2', 'In pesos', 'submitted', '2025-08-21', null, null, null, null, -60, null, 'MXN', null,
                '2025-08-31', null),
            ('D', 'C1', 'Closed', 'submitted', '2025-01-01', null, null, null, null, 9, 9, null, 1,
                '2025-08-31', null)
    """)
    con.execute("""
        create table timeline.delays (project_id text, delay_id text, title text, cause text,
            days double, days_claimed double, days_granted double, notice_due_on date, notified_on date,
            slice_date date, valid_to date)
    """)
    con.execute("""
        insert into timeline.delays values
            ('A', 'D1', 'Given', 'customer', 60, 60, 45, '2025-02-14', '2025-02-05', '2025-08-31', null),
            ('A', 'D2', 'Never', 'customer', 10, null, null, '2025-04-15', null, '2025-08-31', null),
            ('B', 'D1', 'Too late', 'customer', 50, null, null, '2025-04-15', '2025-04-16', '2025-08-31',
                null),
            ('B', 'D2', 'Ours', 'vendor', 99, null, null, null, null, '2025-08-31', null),
            ('B', 'D3', 'Gone', 'vendor', 99, null, null, null, null, '2025-07-31', '2025-08-31')
    """)
    for table in ("changes", "delays"):
        con.execute(f"alter table timeline.{table} add column from_load int default 1")
        con.execute(f"alter table timeline.{table} add column source text default 'pmo'")
    for column in ("origin", "order_id"):
        con.execute(f"alter table timeline.changes add column {column} text")
    yield con
    con.close()


def test_headline(con: duckdb.DuckDBPyConnection) -> None:
    told = risks.headline(con, SCOPE)
    assert (told.running, told.threats, told.overdue, told.opportunities) == (3, 4, 1, 1)
    assert (told.exposure, told.exposure_before, told.exposure_known) == (1000 / 20 + 30, 45, 2)
    assert (told.contingency, told.contingency_known, told.uncovered) == (140, 2, 1)
    assert (told.opportunity, told.notices_missed) == (2, 1)
    assert (told.changes_open, told.changes_value, told.changes_days) == (3, 2000 / 20 + 50 + 3, 45)
    assert (told.unapproved_work, told.unapproved_value) == (1, 100)


def test_nothing_known(con: duckdb.DuckDBPyConnection) -> None:
    told = risks.headline(con, replace(SCOPE, phases=("plan",), compared_with=None))
    assert (told.running, told.exposure, told.exposure_before, told.contingency) == (1, None, None, None)
    assert (told.changes_value, told.changes_known, told.notices_missed) == (None, 0, None)


def test_grid(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.grid(con, SCOPE, "risk")
    placed = found.dropna(subset=["p_index", "i_index"])
    cells = placed[["p_index", "i_index", "cell", "risks", "exposure"]]
    assert cells.values.tolist() == [[3, 2, 0.05, 1, 10], [3, 5, 0.4, 2, 70]]
    assert found.loc[found["p_index"].isna(), "risks"].tolist() == [1]


@pytest.mark.parametrize(
    ("kind", "cell", "ids"),
    [
        ("risk", (), ["R1", "R1", "R2", "R2"]),
        ("risk", (3, 5), ["R1", "R1"]),
        ("risk", (1, 1), []),
        ("opportunity", (), ["R3"]),
    ],
)
def test_in_cell(con: duckdb.DuckDBPyConnection, kind, cell: tuple[int, ...], ids: list[str]) -> None:
    found = risks.in_cell(con, SCOPE, kind, *cell)
    assert list(found.risk_id) == ids
    assert set(found["of"]) <= {len(ids)}


def test_in_cell_ranks_in_one_money(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.in_cell(con, SCOPE, "risk", 3, 5)
    assert list(found.exposure_now) == [40, 30]
    assert list(found.is_overdue) == [True, False]


def test_cover(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.cover(con, SCOPE)
    assert found[["project_id", "exposure", "contingency", "gap"]].values.tolist() == [
        ["A", 50, 40, 10],
        ["B", 30, 100, -70],
    ]
    assert (found["of"][0], found.uncovered_of[0]) == (2, 1)


def test_trend(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.trend(con, SCOPE)
    assert len(found) == MONTHS
    assert found[["exposure", "contingency", "known", "running"]].tail(2).values.tolist() == [
        [45, 40, 1, 1],
        [80, 140, 2, 3],
    ]
    assert found.exposure.isna().sum() == MONTHS - 2


def test_pipeline(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.pipeline(con, SCOPE)
    assert list(found.status) == ["draft", "submitted", "approved"]
    assert list(found.changes) == [1, 2, 1]
    assert list(found.value) == [50, 97, 20]
    assert list(found.median_age) == [20, (91 + 10) / 2, 30]
    assert list(found.started) == [0, 1, 0]


def test_changes(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.changes(con, SCOPE)
    assert list(found.title) == ["Room", "Late notice", "In pesos"]
    assert list(found.is_unapproved_work) == [True, False, False]
    assert list(found.is_notice_missed) == [False, True, False]
    assert list(found.share_of_contract)[:2] == pytest.approx([0.1, 0.1])
    assert list(risks.changes(con, SCOPE, "approved").title) == ["Training"]
    assert list(risks.changes(con, replace(SCOPE, as_of=JULY)).status) == ["draft"]


def test_delays(con: duckdb.DuckDBPyConnection) -> None:
    found = risks.delays(con, SCOPE)
    assert list(found.title) == ["Too late", "Never", "Ours", "Given"]
    assert list(found.is_notice_missed) == [True, True, False, False]
    assert list(found.days_open) == [50, 10, 99, 15]
