from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest

from metrics.queries import overview
from metrics.scope import UNASSIGNED, Scope

JUNE, JULY, AUGUST = date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)

# Amounts are in thousands of the project's currency; a dollar is 20 pesos.
STATUS = """
    id prog country cur  phase   status_date value overall since      rule     slip re revenue margin fx  sold risk  ld unbilled overdue
    A  P1   MX      MXN  execute 2025-06-30  2000  green   2025-06-30 -        0    0  2000    400    0   400  100   0  40       -
    A  P1   MX      MXN  execute 2025-07-31  2000  green   2025-06-30 -        5    0  2000    400    0   400  100   0  40       -
    A  P1   MX      MXN  execute 2025-08-31  2000  red     2025-08-31 cost_cpi 40   0  2000    200    -100 400 300   20 40       -
    B  P1   MX      USD  execute 2025-07-31  300   red     2025-05-31 cost_cpi 90   0  300     60     0   60   -     -  -        9
    B  P1   MX      USD  execute 2025-08-31  300   amber   2025-08-31 sched    91   1  300     60     0   60   -     -  -        9
    C  -    CO      USD  execute 2025-07-31  50    green   2025-07-31 -        -    -  -       -      -   -    -     -  -        -
    D  P2   CO      USD  handover 2025-07-31 80    amber   2025-07-31 sched    10   0  80      8      0   8    -     -  -        -
    D  P2   CO      USD  closed  2025-08-31  80    amber   2025-07-31 sched    10   0  80      8      0   8    -     -  -        -
    E  P2   CO      USD  execute 2025-08-31  10    amber   2025-08-31 sched    -    0  10      1      0   1    -     -  -        -
    F  P2   CO      -    execute 2025-07-15  -     green   2025-01-31 -        -    -  -       -      -   -    -     -  -        -
"""  # noqa: E501


def rows(text: str) -> list[list[str | None]]:
    return [[None if cell == "-" else cell for cell in line.split()] for line in text.split("\n")[2:-1]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table given (project_id text, programme_id text, country text, currency text, phase text,
            status_date date, contract_value decimal(18,4), rag_overall text, rag_overall_since date,
            deciding_rule text, slip_days_original int, rebaseline_count int, revenue_forecast decimal(18,4),
            margin_forecast decimal(18,4), fx_effect decimal(18,4), margin_as_sold decimal(18,4),
            risk_exposure decimal(18,4), ld_probable decimal(18,4), unbilled decimal(18,4),
            overdue_receivables decimal(18,4))
    """)
    con.executemany(f"insert into given values ({', '.join('?' * 20)})", rows(STATUS))
    con.execute("""
        create table mart_project_status as
        select
            *, 'Project ' || project_id as name, 'Programme ' || programme_id as programme_name,
            'Telenorte' as customer, 'Core' as business_line, 'Ana' as project_manager,
            lead(status_date) over (partition by project_id order by status_date) as next_status_date,
            null::decimal(18,4) as current_contract_value, slip_days_original - 2 as slip_days,
            revenue_forecast as revenue_as_sold, 50::decimal(18,4) as contingency_left,
            margin_forecast::double / revenue_forecast::double as margin_pct_forecast,
            null::double as margin_erosion_pp, 'amber' as reported_overall, 'cost' as deciding_dimension,
            date '2026-01-31' + slip_days_original as forecast_finish,
            rag_overall as rag_cost, 'green' as rag_scope, null::text as rag_schedule, 'grey' as rag_quality,
            case project_id when 'A' then 9.0 when 'B' then 5.0 end as satisfaction,
            case project_id when 'A' then 2 end as lost_time_incidents, 0 as fatalities,
            100::decimal(18,4) as upsell_pipeline, 10::decimal(18,4) as upsell_weighted
        from given
    """)
    con.execute("""
        create table mart_safety as
        from (values
            ('A', date '2024-08-31', 5, 0, 1000.0),
            ('A', date '2025-07-31', 1, 0, 90000.0),
            ('A', date '2025-08-31', 1, 0, 110000.0),
            ('A', date '2025-09-30', 7, 0, 1.0)
        ) t(project_id, status_date, lost_time_incidents, fatalities, hours_worked)
    """)
    con.execute("create table project_timeline as select distinct project_id, currency from given")
    con.execute("""
        create table fx_intervals as
        from (values ('MXN', 'plan', date '2020-01-01', null::date, 20.0, false),
                     ('USD', 'plan', date '1900-01-01', null, 1.0, false)) t
            (currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    con.execute("""
        create table mart_rag_evidence as
        from (values
            ('A', 'cost', 'cost_cpi', date '2025-06-30', date '2025-07-31', 0.97, 'green'),
            ('A', 'cost', 'cost_cpi', date '2025-08-31', null::date, 0.85, 'red'),
            ('B', 'cost', 'cost_cpi', date '2025-08-31', null, 0.80, 'red')
        ) t(project_id, dimension, rule_id, status_date, status_date_to, value, colour),
        (values ('ratio', 0.90, 0.05, 'cpi', 'evidence.cost_cpi', null::text, false)) u
            (unit, bound, distance_to_next, metric, sentence_key, reason_key, is_held)
    """)
    yield con
    con.close()


def test_pulse(con: duckdb.DuckDBPyConnection) -> None:
    told = overview.pulse(con, SCOPE)
    now, before = told.now, told.before
    assert told.currency == "USD"
    assert (now.projects, now.red, now.amber, now.green, now.grey) == (5, 1, 2, 1, 1)
    assert before is not None
    assert (before.projects, before.red, before.amber, before.green, before.grey) == (5, 1, 1, 3, 0)


def test_margin_is_summed_first_in_one_currency(con: duckdb.DuckDBPyConnection) -> None:
    now = overview.pulse(con, SCOPE).now
    assert now.margin_points == pytest.approx(100 * (200 / 20 + 60 + 1) / (2000 / 20 + 300 + 10))
    assert now.fx_points == pytest.approx(100 * (-100 / 20) / 410)
    assert now.margin_known == 3


def test_the_exchange_rates_part_is_unknown_when_one_project_lacks_it(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("update mart_project_status set fx_effect = null where project_id = 'E'")
    assert overview.pulse(con, SCOPE).now.fx_points is None


def test_slip_and_money(con: duckdb.DuckDBPyConnection) -> None:
    now = overview.pulse(con, SCOPE).now
    assert (now.median_slip, now.median_slip_current, now.worst_slip, now.worst_id) == (65.5, 63.5, 91, "B")
    assert (now.late, now.slip_known, now.risk_exposure, now.ld_probable, now.exposure) == (2, 2, 15, 1, 16)
    assert (now.unbilled, now.overdue, now.stuck) == (2, 9, 11)


def test_unknown_stays_unknown(con: duckdb.DuckDBPyConnection) -> None:
    now = overview.pulse(con, replace(SCOPE, programmes=(UNASSIGNED,))).now
    assert (now.projects, now.green, now.margin_points, now.exposure, now.stuck) == (1, 1, None, None, None)


def test_reports_are_the_last_of_each_month_and_the_as_of_date(con: duckdb.DuckDBPyConnection) -> None:
    assert [m.day for m in overview.pulse(con, SCOPE).reports] == [JUNE, JULY, AUGUST]
    assert [m.projects for m in overview.pulse(con, SCOPE).reports] == [1, 5, 5]
    middle = replace(SCOPE, as_of=date(2025, 8, 15), compared_with=None)
    assert [m.day for m in overview.pulse(con, middle).reports] == [JUNE, JULY, date(2025, 8, 15)]
    assert overview.pulse(con, middle).before is None


def test_a_comparison_between_reports_is_no_report(con: duckdb.DuckDBPyConnection) -> None:
    told = overview.pulse(con, replace(SCOPE, compared_with=date(2025, 7, 20)))
    assert told.before is not None
    assert told.before.projects == 2
    assert len(told.reports) == 3


def test_a_date_before_the_first_report(con: duckdb.DuckDBPyConnection) -> None:
    scope = replace(SCOPE, as_of=date(2020, 1, 1), compared_with=None)
    told = overview.pulse(con, scope)
    assert (told.now.projects, told.now.margin_points, told.now.worst_id) == (0, None, None)
    assert overview.needs(con, scope).empty
    assert overview.changes(con, scope).empty
    assert overview.programmes(con, scope).empty
    assert overview.turned(con, scope) is None


def test_needs_are_red_first_then_by_value_with_the_deciding_rule(con: duckdb.DuckDBPyConnection) -> None:
    found = overview.needs(con, SCOPE)
    assert list(found.project_id) == ["A", "B", "E"]
    assert list(found.overall) == ["red", "amber", "amber"]
    assert set(found.red_of) == {1}
    assert set(found.amber_of) == {2}
    first = found.iloc[0]
    assert (first.rule_id, first.colour, first.value, first.bound, first.at_stake) == (
        "cost_cpi", "red", 0.85, 0.90, 100,
    )  # fmt: skip
    assert first.distance_to_next == pytest.approx(0.05)
    assert found.rule_id.isna().tolist() == [False, True, True]


def test_a_stale_green_needs_nobody_and_is_grey(con: duckdb.DuckDBPyConnection) -> None:
    later = replace(SCOPE, as_of=date(2025, 10, 31), compared_with=None)
    now = overview.pulse(con, later).now
    assert (now.red, now.amber, now.green, now.grey) == (1, 2, 0, 2)
    assert list(overview.needs(con, later).project_id) == ["A", "B", "E"]


GROUPS = [
    ("turned_worse", ["A"]),
    ("turned_better", ["B"]),
    ("rebaselined", ["B"]),
    ("finish_moved", ["A"]),
    ("margin_moved", ["A"]),
    ("entered", ["E"]),
    ("left", ["D"]),
    ("silent", ["F"]),
]


def test_changes(con: duckdb.DuckDBPyConnection) -> None:
    found = overview.changes(con, SCOPE)
    assert [(what, list(part.project_id)) for what, part in found.groupby("what", sort=False)] == GROUPS
    assert [what for what, _ in GROUPS] == list(overview.GROUPS)
    row = found.set_index("what")
    assert tuple(row.loc["turned_worse", ["colour_was", "colour", "of"]]) == ("green", "red", 1)
    assert row.loc["finish_moved", "moved_days"] == 35
    assert row.loc["margin_moved", "moved_points"] == pytest.approx(-10)
    assert row.loc["left", "phase"] == "closed"
    assert row.loc["silent", "last_on"] == pd.Timestamp(2025, 7, 15)


def test_turned(con: duckdb.DuckDBPyConnection) -> None:
    assert overview.turned(con, SCOPE) == overview.Turned(compared=3, worse=1, to_red=1, better=1)
    assert overview.turned(con, replace(SCOPE, compared_with=None)) is None


def test_only_so_many_links_and_how_many_there_are(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        insert into mart_project_status by name
        select 'N' || n as project_id, 'New' as name, 'execute' as phase, date '2025-08-31' as status_date
        from range(20) r(n)
    """)
    entered = overview.changes(con, SCOPE).query("what == 'entered'")
    assert (len(entered), set(entered["of"])) == (overview.LINKS, {21})


def test_programmes(con: duckdb.DuckDBPyConnection) -> None:
    found = overview.programmes(con, SCOPE)
    assert list(zip(found.country, found.level, found.programme_id.fillna(""), strict=True)) == [
        ("CO", "country", ""),
        ("CO", "programme", "P2"),
        ("CO", "programme", UNASSIGNED),
        ("MX", "country", ""),
        ("MX", "programme", "P1"),
    ]
    mexico = found.iloc[3]
    assert (mexico.projects, mexico.red, mexico.amber, mexico.cost_red, mexico.scope_green) == (2, 1, 1, 1, 2)
    assert (mexico.cost_worst, mexico.schedule_grey, mexico.quality_grey) == ("A", 2, 2)
    assert mexico.margin_points == pytest.approx(100 * 70 / 400)
    assert mexico.erosion_pp == pytest.approx(100 * 70 / 400 - 100 * 80 / 400)
    assert (mexico.satisfaction, mexico.satisfaction_lowest, mexico.satisfaction_known) == (7, 5, 2)
    assert (mexico.lost_time_incidents, mexico.safety_known, mexico.ltifr) == (2, 1, 10)
    assert (mexico.upsell_pipeline, mexico.upsell_weighted) == (105, 10.5)
    assert found.iloc[0].of == 2


def test_standing_then(con: duckdb.DuckDBPyConnection) -> None:
    found = overview.standing_then(con, SCOPE, JULY, "green")
    assert list(found.project_id) == ["A", "C", "F"]
    assert list(found.colour_now) == ["red", "green", "grey"]
    left = overview.standing_then(con, SCOPE, JULY, "amber")
    assert left.colour_now.isna().tolist() == [True]


@pytest.mark.parametrize(
    ("scope", "projects"),
    [
        (replace(SCOPE, countries=("MX",)), 2),
        (replace(SCOPE, phases=("closed",)), 1),
        (replace(SCOPE, customers=("nobody",)), 0),
        (replace(SCOPE, currency="project"), 5),
    ],
)
def test_filters(con: duckdb.DuckDBPyConnection, scope: Scope, projects: int) -> None:
    assert overview.pulse(con, scope).now.projects == projects
