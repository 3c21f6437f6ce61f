# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries.evidence import DIMENSIONS, Ref, as_loaded, colours, evidence, refs_of, source_rows
from metrics.scope import Scope

JUNE, JULY, AUGUST = date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)
EV = "[{'table': 'earned_value', 'source': 's', 'file': 'ev.csv', 'sheet': null, 'row': 7::bigint}]"

EVIDENCE = """
    rule                dimension from       to         value green_from green_to amber_from amber_to colour decided
    schedule_spi_t      schedule  2025-06-30 2025-06-30 0.98  0.95       -        0.90       -        green  true
    schedule_spi_t      schedule  2025-07-31 2025-07-31 0.92  0.95       -        0.90       -        amber  true
    schedule_spi_t      schedule  2025-08-31 -          0.85  0.95       -        0.90       -        red    true
    schedule_slip_days  schedule  2025-06-30 2025-07-31 10    -          30       -          90       green  false
    schedule_slip_days  schedule  2025-08-31 -          40    -          30       -          90       amber  false
    cost_cpi            cost      2025-06-30 -          1.02  0.95       1.10     0.90       1.20     green  true
    cost_over           cost      2025-06-30 -          -     -          0.05     -          0.15     grey   false
    scope_unapproved    scope     2025-06-30 -          2     -          0        -          -        red    true
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table mart_project_status as
        select
            *, 'A' as project_id, 'MXN' as currency, 'schedule' as deciding_dimension,
            'schedule_spi_t' as deciding_rule, 'red' as rag_scope, null::text as rag_quality, 'green' as rag_cost,
            'green' as reported_cost, null::text as reported_scope, null::text as reported_schedule,
            null::text as reported_quality, 'green' as reported_overall,
            lead(status_date) over (order by status_date) as next_status_date
        from (values (date '2025-06-30', 'green', 'green'), (date '2025-07-31', 'amber', 'red'),
                     (date '2025-08-31', 'red', 'red')) t(status_date, rag_schedule, rag_overall)
    """)
    con.execute("""
        create table given (rule_id text, dimension text, status_date date, status_date_to date, value double,
            green_from double, green_to double, amber_from double, amber_to double, colour text, decided bool)
    """)
    cells = [[None if c == "-" else c for c in line.split()] for line in EVIDENCE.split("\n")[2:-1]]
    con.executemany("insert into given values (?,?,?,?,?,?,?,?,?,?,?)", cells)
    con.execute(f"""
        create table mart_rag_evidence as
        select *, 'A' as project_id, 'ratio' as unit, replace(rule_id, 'schedule_', '') as metric,
            0.9 as bound, false as is_held, 0.05 as distance_to_next, 'evidence.' || rule_id as sentence_key, {EV} as source_refs
        from given
    """)
    con.execute("""
        create view rule_periods as
        select valid_from, valid_to, settings::json as settings
        from (values
            (date '1900-01-01', date '2025-09-30', '{"improve_after_reports": "2"}'),
            (date '2025-09-30', null, '{"improve_after_reports": "5"}')
        ) t(valid_from, valid_to, settings)
    """)
    con.execute("create schema timeline")
    con.execute("""
        create table timeline.earned_value as
        from (values
            ('A', 'EV at file 1', 5.0, null::double, 's', 'ev.csv', null::text, 7::bigint, date '2025-07-31', 1, null::date, false),
            ('A', 'EV at file 2', 6.0, null, 's', 'ev.csv', null, 7, date '2025-08-31', 2, null, false),
            ('A', 'later', 7.0, null, 's', 'ev.csv', null, 7, date '2025-09-30', 3, null, false),
            ('B', 'of another', 8.0, null, 's', 'ev.csv', null, 7, date '2025-08-31', 2, null, false),
            ('A', 'other row', 9.0, null, 's', 'ev.csv', null, 8, date '2025-08-31', 2, null, false)
        ) t(project_id, note, earned_value, actual_cost, source, file, sheet, "row", slice_date, from_load, valid_to, is_kept)
    """)
    con.execute("""
        create table timeline.programmes as
        select 'P' as programme_id, 'Core' as name, 'p' as source, 'programmes.xlsx' as file, 'List' as sheet,
            2::bigint as "row", date '1900-01-01' as slice_date, 1 as from_load, null::date as valid_to,
            false as is_kept, false as is_stub
    """)
    yield con
    con.close()


def test_the_rules_of_a_dimension_worst_and_deciding_first(con: duckdb.DuckDBPyConnection) -> None:
    found = evidence(con, SCOPE, "A", "schedule")
    assert list(found["rule_id"]) == ["schedule_spi_t", "schedule_slip_days"]
    assert list(found["colour"]) == ["red", "amber"]
    assert [day.date() for day in found["since"]] == [AUGUST, AUGUST]
    assert list(found["before"]) == ["amber", "green"]
    assert set(found["improve_after"]) == {2}
    assert found["refs"][0] == (Ref("earned_value", "s", "ev.csv", None, 7),)


@pytest.mark.parametrize(
    ("day", "rule", "better", "worse"),
    [
        (AUGUST, "schedule_spi_t", ("amber", 0.90, 0.05), None),
        (JULY, "schedule_spi_t", ("green", 0.95, 0.03), ("red", 0.90, 0.02)),
        (JUNE, "schedule_spi_t", None, ("amber", 0.95, 0.03)),
        (AUGUST, "schedule_slip_days", ("green", 30, 10), ("red", 90, 50)),
        (JULY, "schedule_slip_days", None, ("amber", 30, 20)),
        (AUGUST, "cost_cpi", None, ("amber", 0.95, 0.07)),
        (AUGUST, "scope_unapproved", ("green", 0, 2), None),
        (AUGUST, "cost_over", None, None),
    ],
)
def test_what_would_change_it(con: duckdb.DuckDBPyConnection, day, rule, better, worse) -> None:
    dimension = rule.split("_")[0]
    row = evidence(con, replace(SCOPE, as_of=day), "A", dimension).set_index("rule_id").loc[rule]
    for way, expected in (("better", better), ("worse", worse)):
        if expected is None:
            assert row[[way, f"{way}_at", f"{way}_by"]].isna().all()
        else:
            assert tuple(row[[way, f"{way}_at", f"{way}_by"]]) == (
                expected[0],
                pytest.approx(expected[1]),
                pytest.approx(expected[2]),
            )


def test_overall_has_what_decided_each_dimension(con: duckdb.DuckDBPyConnection) -> None:
    assert list(evidence(con, SCOPE, "A", "overall")["rule_id"]) == [
        "schedule_spi_t",
        "scope_unapproved",
        "cost_cpi",
    ]


def test_a_stale_green_is_grey(con: duckdb.DuckDBPyConnection) -> None:
    late = replace(SCOPE, as_of=date(2025, 10, 31))
    assert list(evidence(con, late, "A", "cost")["colour"]) == ["grey", "grey"]
    assert list(evidence(con, late, "A", "schedule")["colour"]) == ["red", "amber"]


def test_colours(con: duckdb.DuckDBPyConnection) -> None:
    found = {colour.dimension: colour for colour in colours(con, SCOPE, "A")}
    assert tuple(found) == DIMENSIONS
    schedule, overall, quality = found["schedule"], found["overall"], found["quality"]
    assert (schedule.computed, schedule.since, schedule.before) == ("red", AUGUST, "amber")
    assert (schedule.rule_id, schedule.metric, schedule.value) == ("schedule_spi_t", "spi_t", 0.85)
    assert (overall.computed, overall.reported, overall.since, overall.rule_id) == (
        "red",
        "green",
        JULY,
        "schedule_spi_t",
    )
    assert overall.computed_history == ("green", "red", "red")
    assert (quality.computed, quality.since, quality.rule_id) == (None, JUNE, None)
    assert (found["cost"].since, found["cost"].before) == (JUNE, None)


def test_colours_before_the_first_report(con: duckdb.DuckDBPyConnection) -> None:
    early = replace(SCOPE, as_of=date(2020, 1, 1))
    assert colours(con, early, "A") == ()
    assert evidence(con, early, "A", "cost").empty


def test_source_rows_are_the_newest_delivery_by_the_date(con: duckdb.DuckDBPyConnection) -> None:
    refs = (
        Ref("earned_value", "s", "ev.csv", None, 7),
        Ref("programmes", "p", "programmes.xlsx", "List", 2),
        Ref("earned_value", "s", "gone.csv", None, 7),
        Ref("no_such_table", "s", "ev.csv", None, 7),
    )
    values, programmes = source_rows(con, SCOPE, "A", refs)
    assert (values.table, list(values.rows["note"])) == ("earned_value", ["EV at file 2"])
    assert list(values.rows.columns) == ["file", "row", "project_id", "note", "earned_value", "source"]
    assert (programmes.table, list(programmes.rows["sheet"])) == ("programmes", ["List"])
    earlier, _ = source_rows(con, replace(SCOPE, as_of=JULY), "A", refs)
    assert list(earlier.rows["note"]) == ["EV at file 1"]
    assert source_rows(con, SCOPE, "A", ()) == ()


def test_refs_of_missing_lists(con: duckdb.DuckDBPyConnection) -> None:
    assert refs_of(None) == refs_of(float("nan")) == refs_of([None]) == ()


def test_as_loaded_keeps_what_the_file_had(con: duckdb.DuckDBPyConnection) -> None:
    frame = con.execute("select 1 as a, null as b, false as is_kept, 1 as from_load").df()
    assert list(as_loaded(frame).columns) == ["a"]
