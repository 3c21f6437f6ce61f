"""Loads one after the other give the marts of all of it at once, and touch no project but their own."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loaders.demo import write_demo
from loaders.history import quoted
from loaders.pipeline import load
from loaders.store import current_path, open_current
from loaders.timeline import build_timeline
from metrics import increment
from metrics.build import build_marts, mart_scripts
from metrics.rules import load_rules, write_rules
from tests.metrics.anything import DAYS, FIRST, anything
from tests.metrics.portfolio import FEB, JAN, JUN, MAR, MONTHS, Row, built, earned, money, portfolio, rows
from tests.metrics.test_identities import PLAN_RATE, portfolios, with_rates
from tests.metrics.timeline import timeline

Told = list[increment.Touched | None]


def assert_same(got: duckdb.DuckDBPyConnection, wanted: duckdb.DuckDBPyConnection) -> None:
    """Every table of the marts and the timeline is the same, row by row, without the numbers of the loads.

    To the last digit: what is added up is decimal, or has an order.
    """
    names = tables(wanted)
    assert tables(got) == names
    for name, columns in names.items():
        told = ", ".join(quoted(column) for column in columns)
        one, other = (
            con.execute(f"select {told} from {name} order by all").fetchall() for con in (got, wanted)
        )
        assert len(one) == len(other), name
        for row, expected in zip(one, other, strict=True):
            differs = [(column, a, b) for column, a, b in zip(columns, row, expected, strict=True) if a != b]
            assert differs == [], (name, row[:3])


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of every table of the marts and the timeline; the numbers and days of the loads left out."""
    found = con.execute("""
        select schema_name || '.' || table_name, list(column_name order by column_index)
        from duckdb_columns()
        where schema_name in ('main', 'timeline') and column_name not in ('from_load', 'delivered_on')
          and table_name not in ('loads', 'rejects', 'marts_made', 'made')
          and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())
        group by all""").fetchall()
    return dict(sorted(found))


def told_to(told: Told) -> Callable[..., None]:
    """build_marts, writing down of which projects it was told and whether it made them alone."""

    def build(con: duckdb.DuckDBPyConnection, progress: Any, touched: increment.Touched | None) -> None:
        told.append(touched)
        build_marts(con, progress, touched)

    return build


# On the toy: what the marts do with the projects that they are told of.

TABLES = {
    "earned_value": earned(JAN, 9, 10),
    "financials": money("as_sold", JAN, revenue=100, labour=80)
    + money("forecast", JAN, revenue=100, labour=82),
    "milestones": [{"status_date": JAN, "milestone_id": "M", "name": "Live", "baseline_date": JUN}],
}
MORE = {
    "earned_value": earned(FEB, 17, 20),
    "quality": [{"status_date": FEB, "defects_critical": 1}],
}
NAMES = tuple("ABCDE")


def toy(*later: str, rates: bool = False) -> dict[str, list[Row]]:
    """Five projects with a report of January, some of them also with one of February."""
    cases = {
        name: {table: TABLES.get(table, []) + MORE.get(table, []) for table in {**TABLES, **MORE}}
        if name in later
        else TABLES
        for name in NAMES
    }
    new = {"currency": "MXN", "rate_date": FEB, "basis": "plan", "per_usd": 18.5}
    return by_place({**portfolio(cases), "fx_rates": [PLAN_RATE, *([new] if rates else [])]})


def by_place(tables: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """Each row with its place among its own project's, so that no other project moves it."""
    seen: Counter[tuple[str, str]] = Counter()
    placed: dict[str, list[Row]] = {}
    for name, found in tables.items():
        for row in found:
            seen[name, row.get("project_id", "")] += 1
            placed.setdefault(name, []).append({**row, "row": seen[name, row.get("project_id", "")]})
    return placed


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each build that was told of projects could make them alone."""
    answers: list[bool] = []
    renew = increment.renew

    def watched(*args: Any) -> bool:
        answers.append(renew(*args))
        return answers[-1]

    monkeypatch.setattr(increment, "renew", watched)
    return answers


def stamp(con: duckdb.DuckDBPyConnection) -> None:
    """Falsify a number of every project: what is made anew is right again."""
    con.execute("update mart_project_status set bac = -1")


def right(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {row["project_id"] for row in rows(con, "from mart_project_status where bac <> -1")}


def test_a_project_touched_leaves_the_others_alone(ran: list[bool]) -> None:
    con = built(toy())
    stamp(con)
    timeline(con, toy("B"))
    build_marts(con, None, {"B": FEB})
    assert (ran, right(con)) == ([True], {"B"})


def test_the_same_comes_out_as_of_everything(ran: list[bool]) -> None:
    con = built(toy())
    timeline(con, toy("B", "D"))
    build_marts(con, None, {"B": FEB, "D": FEB})
    assert ran == [True]
    assert_same(con, built(toy("B", "D")))


def test_a_project_that_is_gone_has_no_marts(ran: list[bool]) -> None:
    con, without = built(toy()), {k: [r for r in v if r.get("project_id") != "A"] for k, v in toy().items()}
    timeline(con, without)
    build_marts(con, None, {"A": JAN})
    assert ran == [True]
    assert_same(con, built(without))


def test_new_rates_touch_the_projects_that_report_since(ran: list[bool]) -> None:
    con = built(toy("B"))
    stamp(con)
    timeline(con, toy("B", rates=True))
    build_marts(con, None, {})
    assert (ran, right(con)) == ([True], {"B"})
    assert con.execute("select count(*) from fx_intervals where per_usd = 18.5").fetchall() == [(1,)]


def test_the_same_rates_in_another_file_are_the_rows_behind_a_finding(ran: list[bool]) -> None:
    cases = {
        "dinars": {"projects": [{"currency": "KWD"}], "quality": [{"status_date": day} for day in MONTHS]},
        **{name: {"quality": [{"status_date": day} for day in MONTHS]} for name in NAMES},
    }

    def told(file: str) -> dict[str, list[Row]]:
        jump = zip((JAN, FEB), (0.31, 3.1), strict=True)
        rate = {"currency": "KWD", "basis": "actual", "file": file}
        return {
            **by_place(portfolio(cases)),
            "fx_rates": [{**rate, "rate_date": day, "per_usd": n} for day, n in jump],
        }

    con = built(told("a.csv"))
    timeline(con, told("b.csv"))
    build_marts(con, None, {})
    assert ran == [True]
    assert_same(con, built(told("b.csv")))
    files = con.execute(
        "select distinct source_refs[1].file from mart_data_quality where check_id = 'rate_jump'"
    )
    assert files.fetchall() == [("b.csv",)]


@pytest.mark.parametrize("what", ["too many projects", "other rules", "a setting", "another mart file"])
def test_everything_is_built_where_it_has_to_be(
    what: str, monkeypatch: pytest.MonkeyPatch, ran: list[bool]
) -> None:
    con = built(toy())
    stamp(con)
    touched = dict.fromkeys(NAMES[:3] if what == "too many projects" else "B", JAN)
    if what == "other rules":
        con.execute("update rule_bounds set green_from = 0.99 where rule_id = 'cost_cpi'")
        con.execute("update rule_sets set origin = 'own.toml'")
    elif what == "a setting":
        con.execute("update rule_sets set origin = 'own.toml'")
        con.execute("update metric_settings set value = 'bottom_up' where name = 'eac_variant'")
    elif what == "another mart file":
        con.execute("update marts_made set fingerprint = 'of another release'")
    build_marts(con, None, touched)
    assert right(con) == set(NAMES)
    assert ran == ([False] if what == "too many projects" else [])
    build_marts(con, None, {"B": FEB})
    assert ran[-1] is True


def test_nothing_is_left_beside(ran: list[bool]) -> None:
    con = built(toy())
    build_marts(con, None, {"B": FEB})
    assert ran == [True]
    names = "select distinct database_name || '.' || schema_name from duckdb_tables() order by 1"
    assert [name for (name,) in con.execute(names).fetchall()] == ["memory.main", "memory.timeline"]
    assert con.execute("select current_database()").fetchall() == [("memory",)]


def test_what_fails_leaves_nothing_to_rely_on(monkeypatch: pytest.MonkeyPatch) -> None:
    con = built(toy())
    con.execute("alter table timeline.risks drop column title")
    write_rules(con, load_rules())
    con.execute("update marts_made set fingerprint = $f", {"f": increment.fingerprint(con, mart_scripts())})
    with pytest.raises(duckdb.Error, match="title"):
        build_marts(con, None, {"B": FEB})
    assert con.execute("select current_database()").fetchall() == [("memory",)]
    assert increment.made_with(con) is None


@settings(
    max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(portfolios, st.sampled_from(MONTHS[:-1]), st.sets(st.sampled_from(["P0", "P3", "P5"]), min_size=1))
def test_any_portfolio_in_two_steps_is_the_same(cases: dict[str, Any], day: date, behind: set[str]) -> None:
    """At first some projects have reported only until a day."""
    whole = by_place(with_rates(cases))
    before = {
        name: [r for r in found if r.get("project_id") not in behind or r.get("status_date", day) <= day]
        for name, found in whole.items()
    }
    con = built(before)
    timeline(con, whole)
    build_marts(con, None, dict.fromkeys(behind, day + timedelta(days=1)))
    assert_same(con, built(whole))


def first_known(row: Row) -> date:
    return row.get("surveyed_on") or row.get("valid_from") or row.get("status_date") or date(1900, 1, 1)


@pytest.mark.parametrize("seed", range(4))
def test_later_reports_of_anything_change_no_other_digit(seed: int, ran: list[bool]) -> None:
    """Whatever the tables hold, and whenever each of them came: only the status dates from a day on are made anew."""
    random = Random(seed)
    whole = by_place(anything(random))
    day, behind = FIRST + timedelta(days=DAYS * 2 // 3), {"P0", "P1", "P2"} if seed % 2 else {"P1"}
    before = {
        name: [r for r in found if r.get("project_id") not in behind or first_known(r) <= day]
        for name, found in whole.items()
    }
    con = built(before)
    timeline(con, whole)
    build_marts(con, None, dict.fromkeys(behind, day + timedelta(days=1)))
    assert_same(con, built(whole))
    assert ran == [True]


def test_status_dates_before_the_day_stay_as_they_are() -> None:
    con = built(toy("B"))
    stamp(con)
    timeline(con, toy("B"))
    build_marts(con, None, {"B": FEB})
    sql = "select status_date from mart_project_status where bac <> -1"
    assert con.execute(sql).fetchall() == [(FEB,)]


# From files: what a load says it touched, and the same in the end.


def write(folder: Path, tables: Mapping[str, list[Row]]) -> Path:
    folder.mkdir(parents=True)
    for name, found in tables.items():
        columns = list(dict.fromkeys(column for row in found for column in row if column != "row"))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(found)
    return folder


def stored(place: Path) -> duckdb.DuckDBPyConnection:
    return open_current(place).cursor()


def in_programmes(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """A and B in the programme G, the others in H, which no register knows."""
    named = [{**row, "programme_id": "G" if row["project_id"] in "AB" else "H"} for row in tables["projects"]]
    return {
        **tables,
        "projects": named,
        "programmes": [{"programme_id": "G", "name": "Gulf", "country": "MX"}],
    }


def of(project: str, day: date, **values: Any) -> list[Row]:
    return [{"project_id": project, "status_date": day, **values}]


STEPS: dict[str, tuple[dict[str, list[Row]], increment.Touched]] = {
    "a report, a correction, an unknown project": (
        {
            "quality": of("B", FEB, defects_critical=2),
            "milestones": of("D", JAN, milestone_id="M", name="Live", baseline_date=MAR),
            "risks": of("Z", FEB, risk_id="R", kind="risk", title="New"),
        },
        {"B": FEB, "D": JAN, "Z": FEB},
    ),
    "a programme": (
        {"programmes": [{"programme_id": "G", "name": "Gulf Coast", "country": "CO"}]},
        dict.fromkeys("AB", date(1900, 1, 1)),
    ),
    "a rate": ({"fx_rates": [{**PLAN_RATE, "rate_date": FEB, "per_usd": 18}]}, {}),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_load_after_another_is_the_same_as_both_at_once(step: str, tmp_path: Path, ran: list[bool]) -> None:
    more, touched = STEPS[step]
    told: Told = []
    first = write(tmp_path / "first", in_programmes(toy()))
    second = write(tmp_path / "second", more)
    for source in (first, second):
        load([source], tmp_path / "stepwise", build=told_to(told))
    assert (told, ran) == ([None, touched], [True])
    with anew(tmp_path / "stepwise", tmp_path / "anew.duckdb") as whole:
        assert_same(stored(tmp_path / "stepwise"), whole)


@contextmanager
def anew(place: Path, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The history of a store, with the timeline and the marts made of all of it."""
    shutil.copyfile(current_path(place), path)
    with duckdb.connect(str(path)) as con:
        assert build_timeline(con) is None
        build_marts(con)
        yield con


HELD_BACK = ("MX-2401", "CO-2302", "MX-2301")
"""Of the demonstration's first eight: what is late here are their own workbooks and rollout files."""


def test_the_demonstration_in_two_steps(tmp_path: Path, ran: list[bool]) -> None:
    whole, early, late = tmp_path / "whole", tmp_path / "early", tmp_path / "late"
    write_demo(whole, projects=8, months=6)
    shutil.copytree(whole, early)
    shutil.copytree(whole, late)
    for path in [p for p in whole.rglob("*.*") if p.name != "mapping.toml"]:
        is_late = any(name in path.name for name in HELD_BACK)
        ((early if is_late else late) / path.relative_to(whole)).unlink()
    told: Told = []
    load([early], tmp_path / "stepwise", build=told_to(told))
    load([late], tmp_path / "stepwise", build=told_to(told))
    load([whole], tmp_path / "at_once")
    assert (told[0], set(told[1] or ()), ran) == (None, set(HELD_BACK), [True])
    assert_same(stored(tmp_path / "stepwise"), stored(tmp_path / "at_once"))
