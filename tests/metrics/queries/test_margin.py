from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from metrics.queries import margin
from metrics.queries.standing import MONTHS
from metrics.scope import UNASSIGNED, Scope

JULY, AUGUST = date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)

BRIDGES = {
    # project: (currency, programme, phase, steps of (step, owner, revenue after, amount))
    ("A", "MXN", "P1", "execute"): [
        ("as_sold", None, 2000, 400),
        ("approved_changes", "customer", 2100, 20),
        ("contingency", "ours", 2100, -60),
        ("exchange_rate", "exchange_rate", 2100, -90),
        ("forecast", None, 2100, 270),
    ],
    ("B", "USD", "P2", "execute"): [
        ("as_sold", None, 100, 20),
        ("approved_changes", "customer", 100, 0),
        ("contingency", "ours", 100, 5),
        ("exchange_rate", "exchange_rate", 100, 0),
        ("forecast", None, 100, 25),
    ],
    ("C", "USD", None, "plan"): [
        ("as_sold", None, 100, 20),
        ("approved_changes", "customer", 100, None),
        ("contingency", "ours", 100, None),
        ("exchange_rate", "exchange_rate", 100, None),
        ("forecast", None, 100, None),
    ],
    ("D", "USD", "P1", "closed"): [("as_sold", None, 100, 20), ("forecast", None, 100, 20)],
}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_margin_bridge (project_id text, status_date date, step_no int, step text,
            owner text, amount decimal(18,4), revenue_after decimal(18,4), margin_after decimal(18,4),
            pp double)
    """)
    con.execute("""
        create table given (project_id text, currency text, programme_id text, phase text, status_date date,
            revenue_as_sold decimal(18,4), margin_as_sold decimal(18,4),
            revenue_forecast decimal(18,4), margin_forecast decimal(18,4))
    """)
    for (project, currency, programme, phase), steps in BRIDGES.items():
        for day in (JULY, AUGUST):
            at, points = 0, 0.0
            for number, (step, owner, revenue, amount) in enumerate(steps):
                at = None if at is None or amount is None else at + (0 if step == "forecast" else amount)
                now = None if at is None else 100 * at / revenue
                pp = now if owner is None or now is None or points is None else now - points
                points = now
                con.execute("insert into mart_margin_bridge values (?,?,?,?,?,?,?,?,?)",
                            [project, day, number, step, owner, amount, revenue, at, pp])  # fmt: skip
            first, last = steps[0], steps[-1]
            con.execute("insert into given values (?,?,?,?,?,?,?,?,?)",
                        [project, currency, programme, phase, day, *first[2:], *last[2:]])  # fmt: skip
    con.execute("""
        create table mart_project_status as
        select *, 'Project ' || project_id as name, 'Programme ' || programme_id as programme_name,
            'Telenorte' as customer, 'MX' as country, 'Core' as business_line, 'Ana' as project_manager,
            lead(status_date) over (partition by project_id order by status_date) as next_status_date,
            (margin_as_sold / revenue_as_sold)::double as margin_pct_as_sold,
            (margin_forecast / revenue_forecast)::double as margin_pct_forecast,
            100 * (margin_pct_forecast - margin_pct_as_sold) as margin_erosion_pp,
            if(project_id = 'C', null, 10)::decimal(18,4) as contingency_left,
            case project_id when 'A' then -90 when 'B' then 0 end::decimal(18,4) as fx_effect,
            case project_id when 'A' then -90 / 21.0 when 'B' then 0 end::double as fx_effect_pp,
            10::decimal(18,4) as risk_exposure, null::decimal(18,4) as ld_probable
        from given
    """)
    con.execute("create table project_timeline as select distinct project_id, currency from given")
    con.execute("""
        create table fx_intervals as
        from (values ('MXN', 'plan', date '2020-01-01', null::date, 20.0, false),
                     ('MXN', 'closing', date '2020-01-01', null::date, 16.0, false),
                     ('EUR', 'plan', date '2020-01-01', null, 0.913777, false),
                     ('USD', 'plan', date '1900-01-01', null, 1.0, false),
                     ('USD', 'closing', date '1900-01-01', null, 1.0, false)) t
            (currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    con.execute("""
        create table mart_period_sales as
        select *, revenue_actual / 5 as margin_actual, revenue_forecast / 5 as margin_forecast,
            revenue_budget / 5 as margin_budget, revenue_previous / 5 as margin_previous
        from (values
            ('A', date '2025-08-31', date '2025-06-30', 100.0, 90.0, 110.0, null),
            ('A', date '2025-08-31', date '2025-07-31', 200.0, 190.0, 210.0, 180.0),
            ('A', date '2025-08-31', date '2025-08-31', 300.0, null, 310.0, 320.0),
            ('A', date '2025-08-31', date '2025-09-30', null, 400.0, 410.0, 420.0),
            ('A', date '2025-07-31', date '2025-09-30', null, 999.0, 999.0, 999.0),
            ('B', date '2025-08-31', date '2025-08-31', null, 7.0, null, null),
            ('B', date '2025-08-31', date '2025-10-31', null, 8.0, null, null)
        ) t(project_id, status_date, "month", revenue_actual, revenue_forecast, revenue_budget,
            revenue_previous)
    """)
    con.execute("""
        create table mart_currency_exposure as
        from (values
            ('A', date '2025-08-31', 'USD', -1000.0, -500.0, 0.5, -5.0, -2.5),
            ('A', date '2025-08-31', 'EUR', -10.0, 0.0, 1.0, -0.1, 0.0),
            ('A', date '2025-07-31', 'USD', -9000.0, -9000.0, null, -45.0, -45.0),
            ('B', date '2025-08-31', 'MXN', -30.0, -30.0, null, -3.0, -3.0),
            ('C', date '2025-08-31', 'MXN', -30.0, -30.0, null, null, null)
        ) t(project_id, status_date, currency, exposed_amount, unhedged_amount, hedged_share,
            points_before_hedging, points_per_10_pct)
    """)
    yield con
    con.close()


def test_bridge(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.bridge(con, SCOPE)
    assert list(found.step) == [
        "as_sold",
        "contingency",
        "approved_changes",
        "constant",
        "exchange_rate",
        "forecast",
    ]
    assert list(found.amount) == pytest.approx([40, 2, 1, 43, -4.5, 38.5])
    assert list(found.revenue_after) == pytest.approx([200, 200, 205, 205, 205, 205])
    assert list(found.pp) == pytest.approx([20, 1, 43 / 2.05 - 21, 43 / 2.05, -4.5 / 2.05, 38.5 / 2.05])
    assert set(zip(found.projects, found.running, found.currency, strict=True)) == {(2, 3, "USD")}


def test_the_steps_of_a_bridge_add_up(con: duckdb.DuckDBPyConnection) -> None:
    for scope in (
        SCOPE,
        replace(SCOPE, basis="closing"),
        replace(SCOPE, currency="EUR"),
        replace(SCOPE, currency="project", programmes=("P1",), phases=("execute",)),
    ):
        found = margin.bridge(con, scope)
        steps = found[found.owner.notna()]
        first, last = found.iloc[0], found.iloc[-1]
        assert first.pp + steps.pp.sum() == pytest.approx(last.pp)
        assert sum(map(exactly, [first.amount, *steps.amount])) == exactly(last.amount)


def exactly(amount: float) -> Decimal:
    """The decimal that came out of the store, of four places."""
    return Decimal(str(amount))


def test_one_project_in_its_own_money(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.bridge(con, replace(SCOPE, currency="project", programmes=("P1",), phases=("execute",)))
    assert list(found.amount) == [400, -60, 20, 360, -90, 270]
    assert set(found.currency) == {"MXN"}


def test_nothing_known_is_nothing_shown(con: duckdb.DuckDBPyConnection) -> None:
    scope = replace(SCOPE, programmes=(UNASSIGNED,))
    assert margin.bridge(con, scope).empty
    assert margin.erosion(con, scope).empty
    told = margin.cover(con, scope)
    assert (told.running, told.contingency_left, told.forecast_points) == (1, None, None)


def test_cover(con: duckdb.DuckDBPyConnection) -> None:
    told = margin.cover(con, SCOPE)
    assert (told.running, told.contingency_left, told.contingency_known) == (3, 10.5, 2)
    assert (told.risk_exposure, told.risk_known, told.ld_probable, told.ld_known) == (20.5, 3, None, 0)
    assert told.forecast_points == told.forecast_points_before == pytest.approx(100 * 38.5 / 205)
    assert told.forecast_points_at_closing == pytest.approx(100 * (270 / 16 + 25) / (2100 / 16 + 100))
    assert margin.cover(con, replace(SCOPE, compared_with=None)).forecast_points_before is None


def test_erosion(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.erosion(con, SCOPE)
    assert list(found.project_id) == ["A", "B"]
    assert list(found.erosion_pp) == pytest.approx([270 / 21 - 20, 5])
    assert list(found.ours + found.customer + found.exchange_rate) == pytest.approx(list(found.erosion_pp))
    assert list(found.change) == pytest.approx([-130 / 20, 5])
    assert (found["of"][0], found.lost_of[0], found.gained_of[0]) == (2, 1, 1)


def test_a_forecast_that_only_falls(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("delete from mart_project_status")
    series = {"A": [20, 19, 19, 18, 17.5], "B": [20, 19, 18, 17, 17.2], "C": [20, 19, 18, 18, 18]}
    for project, points in series.items():
        for month, value in enumerate(points, start=4):
            con.execute(
                "insert into mart_project_status"
                " (project_id, name, status_date, next_status_date, margin_pct_forecast)"
                " values (?, ?, last_day(make_date(2025, ?, 1)), last_day(make_date(2025, ?, 1)), ?)",
                [project, project, month, month + 1, value / 100],
            )
    found = margin.only_falls(con, SCOPE)
    assert list(found.project_id) == ["A"]
    first = found.iloc[0]
    assert (first.falls, first.reports, first.fell_pp, first.of) == (3, 5, pytest.approx(-2.5), 1)
    assert first.since.date() == date(2025, 4, 30)
    assert list(first.points) == pytest.approx(series["A"])


def test_trend(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.trend(con, SCOPE)
    assert len(found) == MONTHS
    assert found.day.dt.date.tolist()[-2:] == [JULY, AUGUST]
    last = found.iloc[-1]
    assert (last.as_sold, last.constant) == (pytest.approx(20), pytest.approx(43 / 2.05))
    assert last.forecast == pytest.approx(38.5 / 2.05)
    assert (last.projects, last.running) == (2, 3)
    assert found.constant.isna().sum() == MONTHS - 2


@pytest.mark.parametrize(("measure", "part"), [("revenue", 1), ("margin", 0.2)])
def test_quarter(con: duckdb.DuckDBPyConnection, measure, part: float) -> None:
    told = margin.quarters(con, SCOPE)[measure]
    assert (told.start, told.end) == (date(2025, 7, 1), date(2025, 9, 30))
    assert told.actual == pytest.approx(25 * part)
    assert told.to_come == pytest.approx(27 * part)
    assert told.outlook == pytest.approx(52 * part)
    assert (told.budget, told.budget_gap, told.budget_known) == (
        pytest.approx(46.5 * part), pytest.approx(-1.5 * part), 1,
    )  # fmt: skip
    assert (told.previous_gap, told.known, told.running) == (pytest.approx(-1 * part), 2, 3)


def test_months_of_the_quarter(con: duckdb.DuckDBPyConnection) -> None:
    months = margin.quarters(con, SCOPE)["revenue"].months.set_index("month")
    assert [day.month for day in months.index] == [4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert list(months.index[months.in_quarter].month) == [7, 8, 9]
    august = months.loc["2025-08-31"]
    assert (august.actual, august.forecast, august.outlook, august.has_passed) == (15, 7, 22, True)
    assert august.previous == 16 + 7
    assert months.loc["2025-12-31", ["actual", "forecast", "budget"]].isna().all()


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("programme", ["P1", "P2", UNASSIGNED]),
        ("customer", ["Telenorte"]),
        ("country", ["MX"]),
        ("business_line", ["Core"]),
    ],
)
def test_profitability(con: duckdb.DuckDBPyConnection, by, groups: list[str]) -> None:
    found = margin.profitability(con, SCOPE, by)
    assert list(found.group_id) == groups
    assert found.computed.sum() == 2
    assert found.projects.sum() == 3
    assert set(found["of"]) == {len(groups)}
    assert margin.in_group(con, SCOPE, by, groups[0]).project_id[0] == "A"


def test_a_group_sums_before_it_divides(con: duckdb.DuckDBPyConnection) -> None:
    only = margin.profitability(con, SCOPE, "country").iloc[0]
    assert (only.revenue, only.forecast) == (pytest.approx(205), pytest.approx(38.5 / 2.05))
    assert only.erosion_pp == pytest.approx(38.5 / 2.05 - 20)


def test_currencies(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.currencies(con, SCOPE).set_index("currency")
    assert list(found.index) == ["MXN", "USD", "EUR"]
    revenue = {"A": 2100 / 20, "B": 100}
    assert found.points["USD"] == pytest.approx(-2.5 * revenue["A"] / 205)
    assert found.points_before["USD"] == pytest.approx(-5 * revenue["A"] / 205)
    assert found.points["MXN"] == pytest.approx(-3 * revenue["B"] / 205)
    assert (found.unhedged["USD"], found.projects["MXN"]) == (-25, 1)


def test_exposed(con: duckdb.DuckDBPyConnection) -> None:
    found = margin.exposed(con, SCOPE)
    assert list(zip(found.project_id, found.foreign_currency, strict=True)) == [("B", "MXN"), ("A", "USD")]
    assert set(found["of"]) == {2}
