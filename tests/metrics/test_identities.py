"""What holds for any portfolio: generated ones are built with and without what must not matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.metrics.portfolio import APR, MONTHS, Row, built, earned, money, portfolio, rows
from tests.metrics.timeline import CONTRACT

PLAN_RATE = {"currency": "MXN", "rate_date": date(2024, 1, 1), "basis": "plan", "per_usd": 17.5}
FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""Each example builds every mart three times; a portfolio is many projects, so a few are enough."""

share = st.floats(0.05, 1.3).map(lambda x: round(x, 3))
count = st.integers(0, 4)
colour = st.sampled_from(["green", "amber", "red", None])


@st.composite
def project(draw: st.DrawFn) -> dict[str, list[Row]]:
    """A project of up to six reports, any of whose tables may be missing on any of them."""
    tables: dict[str, list[Row]] = {
        "projects": [
            {
                "currency": draw(st.sampled_from(["USD", "MXN"])),
                "contract_value": draw(st.sampled_from([None, 1000, 250_000])),
                "country": draw(st.sampled_from(["MX", "CO", None])),
                "phase": draw(st.sampled_from(["execute", "handover", "closed", None])),
            }
        ]
    }
    done = 0.0
    for number, day in enumerate(MONTHS, start=1):
        done = max(done, draw(share) * 10 * number)
        parts: Mapping[str, list[Row]] = {
            "earned_value": earned(day, round(done, 2), round(done * draw(share) + 0.01, 2)),
            "quality": [
                {
                    "status_date": day,
                    "defects_critical": draw(count),
                    "tests_run": 20,
                    "tests_passed": 15 + draw(count),
                }
            ],
            "status_reports": [
                {
                    "status_date": day,
                    "reported_overall": draw(colour),
                    "forecast_finish": date(2026, 1, 1 + number),
                }
            ],
            "financials": money("as_sold", day, revenue=100, labour=80)
            + money(
                "forecast",
                day,
                revenue=100 + draw(count),
                labour=70 + 4 * draw(count),
                contingency=draw(count),
            ),
            "changes": [
                {
                    "status_date": day,
                    "change_id": "C",
                    "title": "More",
                    "status": "submitted",
                    "revenue_impact": 10 * draw(count),
                }
            ],
            "milestones": [
                {
                    "status_date": day,
                    "milestone_id": "M",
                    "name": "Go live",
                    "kind": "contractual",
                    "baseline_date": date(2025, 12, 31),
                    "contract_date": date(2026, 1, 31),
                    "forecast_date": date(2025, 12, 1 + 7 * draw(count)),
                }
            ],
        }
        for name, found in parts.items():
            if draw(st.booleans()):
                tables.setdefault(name, []).extend(found)
    if len(tables) == 1:
        tables["quality"] = [{"status_date": MONTHS[0], "defects_critical": 0}]
    return tables


portfolios = st.lists(project(), min_size=6, max_size=6).map(
    lambda found: {f"P{number}": tables for number, tables in enumerate(found)}
)


def with_rates(cases: Mapping[str, Mapping[str, list[Row]]]) -> dict[str, list[Row]]:
    """Each project in a programme of its own."""
    own = {
        name: {**tables, "projects": [{**tables["projects"][0], "programme_id": f"G-{name}"}]}
        for name, tables in cases.items()
    }
    return {**portfolio(own), "fx_rates": [PLAN_RATE]}


def until(tables: Mapping[str, list[Row]], day: date) -> dict[str, list[Row]]:
    """The rows of the deliveries up to `day`."""
    kept: dict[str, list[Row]] = {}
    for name, found in tables.items():
        dated = CONTRACT[name].get("dated_by", "status_date")
        kept[name] = [row for row in found if (row.get(dated) or date.min) <= day]
    return kept


def of_projects(
    con: duckdb.DuckDBPyConnection, mart: str, ids: set[str], until_day: date | None = None
) -> list[Row]:
    found = rows(
        con,
        f"from {mart} where project_id = any($ids)"
        " and status_date <= coalesce($d, date '9999-12-31') order by all",
        ids=sorted(ids),
        d=until_day,
    )
    for row in found:
        for changes in ("next_status_date", "status_date_to"):
            row.pop(changes, None)
        for refs in ("source_refs", "offenders"):
            row.pop(refs, None)
    return found


STATUS_MARTS = (
    "mart_project_status",
    "mart_earned_value",
    "mart_margin",
    "mart_contract_position",
    "mart_milestone_slip",
    "mart_period_value",
    "mart_data_quality",
)


@FEW
@given(portfolios)
def test_neither_other_projects_nor_later_rows_change_a_number(cases: dict[str, Any]) -> None:
    """A project among others has the same numbers, and so has a date before and after later loads."""
    some = {name: cases[name] for name in list(cases)[:3]}
    tables = with_rates(cases)
    whole, alone, then = built(tables), built(with_rates(some)), built(until(tables, APR))
    for mart in (*STATUS_MARTS, "mart_margin_bridge", "mart_rag_evidence"):
        assert of_projects(alone, mart, set(some)) == of_projects(whole, mart, set(some)), mart
    for mart in (*STATUS_MARTS, "mart_margin_bridge"):
        assert of_projects(then, mart, set(cases), APR) == of_projects(whole, mart, set(cases), APR), mart


@pytest.fixture(scope="module")
def example() -> duckdb.DuckDBPyConnection:
    """A generated portfolio, built once for what can be read off a single build."""
    return built(with_rates({f"P{n}": project_like(n) for n in range(12)}))


def project_like(number: int) -> dict[str, list[Row]]:
    """The n-th of a family of projects: sums, currencies and colours differ, all of them have everything."""
    tables: dict[str, list[Row]] = {
        "projects": [{"currency": ["USD", "MXN"][number % 2], "phase": "execute"}]
    }
    for n, day in enumerate(MONTHS, start=1):
        ev = round(n * (7 + number % 5), 2)
        tables.setdefault("earned_value", []).extend(earned(day, ev, ev + number * 0.7 - 2))
        tables.setdefault("financials", []).extend(
            money("as_sold", day, revenue=100, labour=80)
            + money("forecast", day, revenue=100 + number, labour=79 + number / 2)
        )
        tables.setdefault("quality", []).append({"status_date": day, "defects_critical": number % 4})
    return tables


@FEW
@given(portfolios)
def test_the_roll_up_of_one_project_is_the_project(cases: dict[str, Any]) -> None:
    """Each project is in a programme of its own: sums are its own in dollars, ratios its own, unknown stays unknown."""
    con = built(with_rates(cases))
    held = dict(con.execute(COLUMNS, ["mart_rollup_status"]).fetchall())
    own = {name for name, _ in con.execute(COLUMNS, ["mart_project_status"]).fetchall()}
    sums = [
        name
        for name in held
        if f"{name}_projects" in held and held[name].startswith("DECIMAL") and name in own
    ]
    ratios = [name for name in held if f"{name}_projects" in held and held[name] == "DOUBLE"]
    assert len(sums) > 20
    assert len(ratios) > 5
    wrong = [
        *(f"(r.{c} is null) <> ({amount(c)} is null)" for c in sums),
        *(f"abs(r.{c} - {amount(c)}) > 1e-4" for c in sums),
        *(f"r.{c}_projects <> ({amount(c)} is not null)::int" for c in sums),
        *(f"abs(r.{c} - s.{c}) > 1e-6" for c in ratios),
        *(f"r.{c} is not null and s.{c} is null" for c in ratios),
        *(f"s.{c} is not null and r.{c} is null" for c in ratios),
        "r.projects is distinct from 1",
        *(f"r.slip_days_{which} is distinct from s.slip_days" for which in ("median", "worst")),
        *(
            f"r.{colour} is distinct from (s.rag_overall = '{colour}')::int"
            for colour in ("green", "amber", "red", "grey")
        ),
        "r.watermelons is distinct from s.watermelon::int",
    ]
    sql = f"""
        select s.project_id, s.status_date, list_filter([{", ".join(map(said, wrong))}],
            lambda found: found is not null) as wrong
        from mart_project_status s
        left join mart_rollup_status r
          on r.level = 'programme' and r.level_id = 'G-' || s.project_id
         and r.month_end = s.status_date and r.basis = 'plan'
        where coalesce(s.phase, '') <> 'closed'
    """
    found = rows(con, sql)
    assert [row for row in found if row["wrong"]] == []
    assert found or all(case["projects"][0]["phase"] == "closed" for case in cases.values())


def said(wrong: str) -> str:
    """A condition as the text of itself where it holds, else NULL."""
    return "case when {} then '{}' end".format(wrong, wrong.replace("'", "''"))


COLUMNS = "select column_name, data_type from duckdb_columns() where table_name = ?"


def amount(column: str) -> str:
    """A project's amount in dollars; the roll-up counts the current contract value, else the original."""
    own = (
        "coalesce(s.current_contract_value, s.contract_value)"
        if column == "contract_value"
        else f"s.{column}"
    )
    return f"({own} / case s.currency when 'USD' then 1 else {PLAN_RATE['per_usd']} end)"


def test_levels_add_up(example: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select level, month_end, sum(projects) as projects, sum(ev) as ev, sum(red) as red, sum(grey) as grey
        from mart_rollup_status
        where basis = 'plan'
        group by level, month_end
        order by month_end, level
    """
    by_month: dict[date, list[tuple[Any, ...]]] = {}
    for row in rows(example, sql):
        by_month.setdefault(row["month_end"], []).append(
            (row["projects"], pytest.approx(float(row["ev"]), abs=0.01), row["red"], row["grey"])
        )
    for found in by_month.values():
        assert all(other[0] == found[0][0] and other[2:] == found[0][2:] for other in found)


def test_money_identities(example: duckdb.DuckDBPyConnection) -> None:
    wrong = rows(
        example,
        """
        from mart_project_status
        where cv <> ev - ac or sv <> ev - pv or vac <> bac - eac or etc <> eac - ac
           or margin_forecast <> revenue_forecast - cost_forecast
           or margin_lost_pp <> -margin_erosion_pp
           or abs(cpi - ev::double / ac::double) > 1e-12
        """,
    )
    assert wrong == []


@FEW
@given(portfolios)
def test_ratios_of_one_currency_do_not_know_the_rate(cases: dict[str, Any]) -> None:
    """Projects that differ only in their currency have the same amounts, indices, margins and colours."""
    twins = {
        f"{name}-{currency}": {**tables, "projects": [{**tables["projects"][0], "currency": currency}]}
        for name, tables in cases.items()
        for currency in ("USD", "MXN")
    }
    con = built(with_rates(twins))
    named = {"project_id", "name", "programme_id", "programme_name", "currency"}
    for mart in ("mart_project_status", "mart_earned_value", "mart_margin", "mart_contract_position"):
        for name in cases:
            dollars, pesos = (
                [
                    {k: v for k, v in row.items() if k not in named}
                    for row in of_projects(con, mart, {f"{name}-{currency}"})
                ]
                for currency in ("USD", "MXN")
            )
            assert dollars == pesos, (mart, name)


def test_worst_of_the_four(example: duckdb.DuckDBPyConnection) -> None:
    sql = """
        with ranked as (
            select rag_overall, list_transform([rag_cost, rag_scope, rag_schedule, rag_quality],
                lambda c: list_position(['grey', 'green', 'amber', 'red'], c)) as ranks
            from mart_project_status
        )
        from ranked where list_position(['grey', 'green', 'amber', 'red'], rag_overall) <> list_max(ranks)
    """
    assert rows(example, sql) == []


def test_what_decides_has_the_colour(example: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select s.project_id, s.status_date
        from mart_project_status s
        left join mart_rag_evidence e
          on e.project_id = s.project_id and e.rule_id = s.deciding_rule
         and s.status_date between e.status_date and coalesce(e.status_date_to, s.status_date)
        where s.rag_overall in ('amber', 'red')
          and not coalesce(e.decided and (e.colour = s.rag_overall or e.is_held), false)
    """
    assert rows(example, sql) == []
