from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries import schedule
from metrics.scope import UNASSIGNED, Scope

JUNE, JULY, AUGUST = date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)

STATUS = """
    project programme currency phase status_date original baseline contract forecast re ld_probable ld_max
    A           P1        MXN      execute 2025-06-30  2025-09-30 2025-09-30 2025-10-31 2025-10-05 0 0 2000
    A           P1        MXN      execute 2025-07-31  2025-09-30 2025-09-30 2025-10-31 2025-10-10 0 0 2000
    A           P1        MXN      execute 2025-08-31  2025-09-30 2025-09-30 2025-10-31 2025-11-30 0 400 2000
    B           P1        USD      execute 2025-07-31  2025-06-30 2025-06-30 2025-12-31 2026-02-28 0 30 90
    B           P1        USD      execute 2025-08-31  2025-06-30 2026-02-28 2025-12-31 2026-03-01 2 40 90
    C           -         USD      handover 2025-07-31 2025-10-31 2025-10-31 -          2025-10-21 0 - -
    C           -         USD      handover 2025-08-31 2025-10-31 2025-10-31 -          2025-10-21 0 - -
    D           P2        USD      execute 2025-08-31  -          -          -          -          - - -
    E           P2        USD      closed  2025-08-31  2024-01-31 2024-01-31 2024-01-31 2025-01-31 0 500 500
"""


def rows(text: str) -> list[list[str | None]]:
    return [[None if cell == "-" else cell for cell in line.split()] for line in text.split("\n")[2:-1]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table given (project_id text, programme_id text, currency text, phase text, status_date date,
            original_baseline_finish date, baseline_finish date, contract_finish date, forecast_finish date,
            rebaseline_count int, ld_probable decimal(18,4), ld_maximum decimal(18,4))
    """)
    con.executemany("insert into given values (?,?,?,?,?,?,?,?,?,?,?,?)", rows(STATUS))
    con.execute("""
        create table mart_project_status as
        select
            *, 'Project ' || project_id as name, 'Programme ' || programme_id as programme_name,
            'Telenorte' as customer, 'MX' as country, 'Core' as business_line, 'Ana' as project_manager,
            lead(status_date) over (partition by project_id order by status_date) as next_status_date,
            forecast_finish - baseline_finish as slip_days,
            forecast_finish - original_baseline_finish as slip_days_original,
            forecast_finish - contract_finish as slip_days_contract,
            case when contract_finish is not null then greatest(forecast_finish - contract_finish, 0) end
                as contract_days_late,
            'milestone' as forecast_finish_source, null::double as percent_complete, 'red' as rag_schedule,
            0::decimal(18,4) as ld_booked
        from given
    """)
    con.execute("create table project_timeline as select distinct project_id, currency from given")
    con.execute("""
        create table fx_intervals as
        from (values ('MXN', 'plan', date '2020-01-01', null::date, 20.0, false),
                     ('USD', 'plan', date '1900-01-01', null, 1.0, false)) t
            (currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    con.execute("""
        create table mart_schedule_quality (project_id text, status_date date, check_id text, "no" int,
            value double, threshold double, unit text, pass boolean, applicable boolean, reason_key text,
            offenders struct(task_uid text, name text)[], counted int, total int)
    """)
    con.execute("""
        insert into mart_schedule_quality values
            ('A', '2025-06-30', 'logic', 1, 0.10, 0.05, 'fraction', false, true, null,
                [{'task_uid': '9', 'name': 'Old'}], 1, 10),
            ('A', '2025-07-31', 'logic', 1, 0.02, 0.05, 'fraction', true, true, null, [], 0, 50),
            ('A', '2025-07-31', 'leads', 2, 2.0, 0.0, 'count', false, true, null,
                [{'task_uid': '1', 'name': 'Cut-over'}, {'task_uid': '2', 'name': null}], 2, 50),
            ('A', '2025-07-31', 'resources', 10, null, null, 'count', null, false, 'no_resources', [],
                null, null)
    """)
    con.execute("""
        create table stated (project_id text, milestone_id text, kind text, status_date date,
            contract_date date, forecast_date date, actual_date date, days_excusable int,
            ld_probable double, ld_maximum double)
    """)
    con.execute("""
        insert into stated values
            ('A', 'M1', 'contractual', '2025-07-31', '2025-09-15', '2025-09-20', null, 10, 0, 100),
            ('A', 'M1', 'contractual', '2025-08-31', '2025-09-15', '2025-10-05', null, 10, 20, 100),
            ('A', 'M2', 'contractual', '2025-08-31', '2025-09-15', null, '2025-08-20', null, 0, 0),
            ('A', 'M3', 'internal', '2025-08-31', null, '2025-09-15', null, null, null, null),
            ('B', 'M1', 'acceptance', '2025-08-31', '2025-08-15', '2025-09-15', null, null, 7, 9),
            ('B', 'M2', 'contractual', '2025-08-31', '2025-11-29', null, null, null, null, null),
            ('B', 'M3', 'contractual', '2025-08-31', '2025-12-01', '2025-12-01', null, null, 0, 5),
            ('E', 'M1', 'contractual', '2025-08-31', '2025-09-15', '2025-12-15', null, null, 9, 9)
    """)
    con.execute("""
        create table mart_milestone_slip as
        select
            *, coalesce(actual_date, forecast_date) as expected_date, 'Milestone ' || milestone_id as name,
            expected_date - contract_date - coalesce(days_excusable, 0) as slip_days_contract,
            lead(status_date) over (partition by project_id, milestone_id order by status_date)
                as next_status_date,
            null::decimal(18, 4) as revenue_amount
        from stated
    """)
    con.execute("""
        create table mart_baseline as
        from (values
            ('B', 0, date '2024-01-01', date '2025-06-30', 'as sold', date '2024-01-31', date '2025-08-31'),
            ('B', 1, date '2025-02-28', date '2025-10-31', 'scope', date '2024-01-31', date '2025-08-31'),
            ('B', 0, date '2024-01-01', date '2025-06-30', 'as sold', date '2025-08-31', null),
            ('B', 1, date '2025-02-28', date '2025-10-31', 'scope', date '2025-08-31', null),
            ('B', 2, date '2025-08-15', date '2026-02-28', 'permits', date '2025-08-31', null),
            ('B', 3, date '2025-09-15', date '2026-09-30', 'not yet', date '2025-08-31', null)
        ) t(project_id, baseline_no, approved_on, baseline_finish, reason, valid_from, valid_to)
    """)
    yield con
    con.close()


def test_headline(con: duckdb.DuckDBPyConnection) -> None:
    told = schedule.headline(con, SCOPE)
    assert (told.running, told.contract_known, told.late, told.late_before) == (4, 2, 2, 1)
    assert (told.ld_probable, told.ld_maximum, told.currency) == (400 / 20 + 40, 2000 / 20 + 90, "USD")
    assert (told.slip_known, told.worst_name, told.worst_days) == (3, "Project B", 244)
    assert (told.median_current, told.median_original) == (1, 61)


def test_without_a_comparison_there_is_no_before(con: duckdb.DuckDBPyConnection) -> None:
    scope = replace(SCOPE, compared_with=None)
    assert schedule.headline(con, scope).late_before is None
    assert schedule.movers(con, scope).empty


def test_a_date_before_the_first_report(con: duckdb.DuckDBPyConnection) -> None:
    scope = replace(SCOPE, as_of=date(2020, 1, 1), compared_with=None)
    told = schedule.headline(con, scope)
    assert (told.running, told.late, told.ld_probable, told.worst_name) == (0, 0, None, None)
    assert schedule.ranking(con, scope, "current").empty
    for query in (schedule.calendar, schedule.finish_trend, schedule.rebaselines, schedule.quality):
        assert query(con, scope).empty


@pytest.mark.parametrize(
    ("against", "ranked"),
    [
        ("original", [("B", 244), ("A", 61), ("C", -10)]),
        ("current", [("A", 61), ("B", 1), ("C", -10)]),
        ("contract", [("B", 60), ("A", 30)]),
    ],
)
def test_ranking(con: duckdb.DuckDBPyConnection, against, ranked) -> None:
    found = schedule.ranking(con, SCOPE, against)
    assert list(zip(found.project_id, found.ranked_days, strict=True)) == ranked
    assert set(found["of"]) == {len(ranked)}


def test_ranking_has_money_and_quality_beside_the_forecast(con: duckdb.DuckDBPyConnection) -> None:
    own = schedule.ranking(con, replace(SCOPE, currency="project"), "original").set_index("project_id")
    assert list(own.loc["A", ["ld_probable", "money_in", "passed", "applicable"]]) == [400, "MXN", 1, 2]
    assert own.loc["B", ["passed"]].isna().all()
    assert schedule.ranking(con, SCOPE, "original").set_index("project_id").loc["A", "ld_probable"] == 20


def test_distribution(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.distribution(con, SCOPE)
    assert list(found.band) == [*schedule.BANDS, schedule.UNKNOWN]
    assert list(found.original) == [1, 0, 0, 1, 0, 1, 1]
    assert list(found.current) == [1, 0, 1, 1, 0, 0, 1]
    assert list(found.contract) == [0, 0, 0, 2, 0, 0, 2]
    assert list(schedule.in_band(con, SCOPE, "current", "to_89").project_id) == ["A"]


@pytest.mark.parametrize(
    ("days", "band"),
    [(-1, "early"), (0, "on_time"), (1, "to_29"), (29, "to_29"), (30, "to_89"), (89, "to_89"), (90, "to_179"),
     (179, "to_179"), (180, "from_180"), (None, None)],
)  # fmt: skip
def test_bands(con: duckdb.DuckDBPyConnection, days: int | None, band: str | None) -> None:
    row = con.execute(f"select {schedule._band('days')} from (select ?::integer as days)", [days]).fetchone()
    assert row == (band,)


def test_programmes(con: duckdb.DuckDBPyConnection) -> None:
    assert list(schedule.programmes(con, SCOPE).programme_id) == [UNASSIGNED, "P1", "P2"]


def test_finish_trend(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.finish_trend(con, SCOPE)
    assert list(found.project_id) == ["A", "A", "A", "B", "B", "C", "C"]
    assert list(found.drop_duplicates("project_id").moved_days) == [56, 1, 0]
    assert set(found["of"]) == {3}


def test_a_line_ends_where_its_date_is_reached(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        update mart_project_status set forecast_finish = date '2025-07-20'
        where project_id = 'A' and status_date > date '2025-07-01'
    """)
    found = schedule.finish_trend(con, SCOPE).query("project_id == 'A'")
    assert list(found.is_reached) == [False, True]


def test_milestone_trend(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.milestone_trend(con, SCOPE, "P1")
    assert list(found.milestone_id) == ["M1", "M1"]
    assert list(found.moved_days) == [15, 15]
    assert schedule.milestone_trend(con, SCOPE, UNASSIGNED).empty


def test_calendar(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.calendar(con, SCOPE)
    assert list(zip(found.project_id, found.milestone_id, strict=True)) == [
        ("B", "M1"),
        ("A", "M1"),
        ("B", "M2"),
    ]
    assert list(found.due_on.dt.date) == [date(2025, 8, 15), date(2025, 9, 25), date(2025, 11, 29)]
    assert found.days_late.astype(object).where(found.days_late.notna(), None).tolist() == [31, 10, None]
    assert list(found.is_overdue) == [True, False, False]
    first = found.iloc[0]
    assert (first.of, first.late_of, first.overdue_of, first.probable_of, first.maximum_of) == (
        3,
        2,
        1,
        8,
        14,
    )


def test_movers(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.movers(con, SCOPE)
    assert list(zip(found.project_id, found.moved_days, strict=True)) == [("A", 51), ("B", 1)]
    assert list(found.baseline_moved_days) == [0, 243]
    assert (found["of"][0], found.later_of[0], found.earlier_of[0]) == (2, 2, 0)


def test_rebaselined(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.rebaselined(con, SCOPE)
    assert found[["project_id", "rebaseline_count", "hidden_days", "hidden_of"]].values.tolist() == [
        ["B", 2, 243, 1]
    ]


def test_rebaselines(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.rebaselines(con, SCOPE)
    assert list(found.baseline_no) == [2, 1]
    assert list(found.moved_days) == [120, 123]
    assert found.slip_before[0] == 243
    assert found.slip_before.isna()[1]


def test_quality(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.quality(con, SCOPE)
    assert found[["project_id", "passed", "applicable", "of"]].values.tolist() == [["A", 1, 2, 1]]
    assert list(found.failed[0]) == ["leads"]


def test_checks(con: duckdb.DuckDBPyConnection) -> None:
    found = schedule.checks(con, SCOPE, "A")
    assert list(found.check_id) == ["logic", "leads", "resources"]
    assert list(found.offenders[1]) == ["Cut-over", "2"]


@pytest.mark.parametrize(
    ("scope", "running"),
    [
        (replace(SCOPE, phases=("closed",)), 1),
        (replace(SCOPE, programmes=(UNASSIGNED,)), 1),
        (replace(SCOPE, programmes=("P2",)), 1),
        (replace(SCOPE, countries=("BR",)), 0),
    ],
)
def test_filters(con: duckdb.DuckDBPyConnection, scope: Scope, running: int) -> None:
    assert schedule.headline(con, scope).running == running
