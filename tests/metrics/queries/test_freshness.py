from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files

import duckdb
import pandas as pd
import pytest

from metrics.queries import freshness
from metrics.scope import Scope

AUGUST = date(2025, 8, 31)
SCOPE = Scope("", AUGUST)

STATUS = """
    id country phase   manager status_date overall
    A  MX      execute Ana     2025-07-31  green
    A  MX      execute Ana     2025-08-31  green
    B  MX      execute Ben     2025-06-30  amber
    C  CO      execute -       2025-07-15  grey
    D  CO      closed  Ana     2024-06-30  green
"""
SLICES = """
    table        id source slice_date
    milestones   A  pmo    2025-07-31
    milestones   A  pmo    2025-08-31
    milestones   B  pmo    2025-06-30
    milestones   D  pmo    2024-06-30
    earned_value A  pmo    2025-08-31
    financials   A  erp    2025-08-31
    projects     C  pmo    2025-08-31
"""
LOADS = """
    load loaded_at           source file     rows_in kept rejected
    1    2025-08-01T10:00:00 pmo    a.xlsx   100     90   10
    1    2025-08-01T10:00:00 erp    f.csv    50      50   0
    2    2025-09-02T10:00:00 pmo    a.xlsx   100     97   3
    2    2025-09-02T10:00:00 pmo    b.xlsx   9       7    2
    2    2025-09-02T10:00:00 -      c.mpp    0       0    0
"""
REJECTS = """
    load source file   sheet row column       value reason
    1    pmo    a.xlsx Hitos 2   contract_date x    date
    2    pmo    a.xlsx Hitos 7   contract_date 31/02/2026 date
    2    pmo    a.xlsx Hitos 5   contract_date y    date
    2    pmo    a.xlsx Hitos 9   weight       -    required
    2    pmo    b.xlsx -     3   contract_date z    date
    2    pmo    b.xlsx -     4   contract_date z    date
    2    -      c.mpp  -     -   -            -    file
"""


def rows(text: str) -> list[list[str | None]]:
    return [[None if cell == "-" else cell for cell in line.split()] for line in text.split("\n")[2:-1]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table given (project_id text, country text, phase text, project_manager text, status_date date,
            rag_overall text)
    """)
    con.executemany("insert into given values (?, ?, ?, ?, ?, ?)", rows(STATUS))
    con.execute("""
        create table mart_project_status as
        select
            *, 'Project ' || project_id as name, null::text as programme_id, null::text as programme_name,
            'Telenorte' as customer, 'Core' as business_line, 'USD' as currency, 0.5 as completeness,
            lead(status_date) over (partition by project_id order by status_date) as next_status_date
        from given
    """)
    con.execute("""
        create table project_timeline as
        select project_id, name, programme_id, programme_name, customer, country, business_line, phase,
               project_manager, min(status_date) as valid_from, null::date as valid_to, false as is_stub
        from mart_project_status group by all
    """)
    con.execute("create schema timeline")
    con.execute(
        "create table timeline.slices (table_name text, project_id text, source text, slice_date date)"
    )
    con.executemany("insert into timeline.slices values (?, ?, ?, ?)", rows(SLICES))
    con.execute((files("metrics") / "marts" / "37_arrivals.sql").read_text(encoding="utf-8"))
    con.execute("""
        create table loads (load_id int, loaded_at timestamp, source text, file text, rows_in bigint,
            rows_kept bigint, rows_rejected bigint)
    """)
    con.executemany("insert into loads values (?, ?, ?, ?, ?, ?, ?)", rows(LOADS))
    con.execute("alter table loads add column sha256 text")
    con.execute("alter table loads add column delivered_at timestamp")
    con.execute("alter table loads add column notes text")
    con.execute("""
        create table rejects (load_id int, source text, file text, sheet text, "row" bigint, "column" text,
            value text, reason text)
    """)
    con.executemany("insert into rejects values (?, ?, ?, ?, ?, ?, ?, ?)", rows(REJECTS))
    con.execute("alter table rejects add column table_name text default 'milestones'")
    con.execute("""alter table rejects add column params text default '{}'""")
    con.execute("alter table rejects add column sentence text default 'Correct it.'")
    con.execute("""
        create table mart_data_quality as
        from (values
            ('A', date '2025-07-31', 'ev_falls', 'error', 3.0, 'money', null, 'dq.ev_falls', []),
            ('A', date '2025-08-31', 'cpi_high', 'warning', 1.4, 'ratio', null, 'dq.cpi_high', []),
            ('B', date '2025-06-30', 'ev_falls', 'error', 2.0, 'money', '2025-05-31', 'dq.ev_falls',
             [{'table': 'earned_value', 'source': 'pmo', 'file': 'b.xlsx', 'sheet': null, 'row': 3}])
        ) t(project_id, status_date, check_id, severity, value, unit, detail, sentence_key, source_refs)
    """)
    con.execute("""
        create table stubs as
        from (values
            ('milestones', 'A', 'M9', 'changes', date '2025-08-31', null::date, 'pmo', 'a.xlsx', 'Hitos', 7),
            ('projects', null, 'X', 'orders', date '2025-08-31', null, 'erp', 'f.csv', null, 2),
            ('projects', null, 'Y', 'orders', date '2025-06-30', date '2025-07-31', 'erp', 'f.csv', null, 3),
            ('projects', null, 'Z', 'orders', date '2025-09-30', null, 'erp', 'f.csv', null, 4)
        ) t(table_name, project_id, id, named_by, slice_date, known_from, source, file, sheet, "row")
    """)
    yield con
    con.close()


def test_headline(con: duckdb.DuckDBPyConnection) -> None:
    told = freshness.headline(con, SCOPE)
    assert (told.running, told.owing) == (3, 2)
    assert (told.refused, told.refused_rows, told.refused_files) == (6, 5, 3)
    assert (told.files, told.rows_kept, told.loads) == (4, 154, 2)
    assert told.loaded_at is not None
    assert told.loaded_at.date() == date(2025, 9, 2)


def test_who_owes_a_report(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.owing(con, SCOPE)
    assert found[["project_id", "days_since_status", "was", "of", "managers_of"]].values.tolist() == [
        ["B", 62, "amber", 2, 1],
        ["C", 47, "grey", 2, 1],
    ]


def test_on_an_earlier_date_nobody_owed(con: duckdb.DuckDBPyConnection) -> None:
    assert freshness.owing(con, replace(SCOPE, as_of=date(2025, 7, 31))).empty


def test_sources_expected_and_arrived(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.sources(con, SCOPE).set_index("source")
    assert list(found.index[:2]) == ["pmo", "erp"]
    pmo = found.loc["pmo"]
    assert (pmo.expected, pmo.arrived, list(pmo.owed_by)) == (2, 1, ["Ben"])
    assert (pmo.files, pmo.rows_kept, pmo.rows_rejected, pmo.refused) == (2, 104, 5, 5)
    assert pmo.newest_on == pd.Timestamp(AUGUST)
    assert (found.loc["erp"].expected, found.loc["erp"].arrived, found.loc["erp"].managers) == (1, 1, 0)
    assert len(found) == 3


def test_arrivals_by_month(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.arrivals(con, SCOPE)
    assert len(found) == 2 * freshness.MONTHS
    pmo = found[found["source"] == "pmo"]
    assert list(pmo.projects)[-3:] == [1, 1, 1]
    assert list(pmo.projects)[:-3] == [0] * 9
    assert set(pmo.most) == {1}


def test_only_the_newest_load_of_a_file_counts(con: duckdb.DuckDBPyConnection) -> None:
    assert "x" not in set(freshness.all_refused(con).value)
    assert len(freshness.all_refused(con)) == 6


def test_refused_by_cause_then_file(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.refused(con)
    assert list(dict.fromkeys(zip(found.cause, found.file, strict=True))) == [
        ("date", "a.xlsx"),
        ("date", "b.xlsx"),
        ("required", "a.xlsx"),
        ("unreadable", "c.mpp"),
    ]
    first = found.iloc[0]
    assert (first.row, first.of_file, first.of_cause, first.files_of_cause, first.causes_of) == (
        5,
        2,
        4,
        2,
        3,
    )
    assert found[found["cause"] == "unreadable"].row.isna().all()


def test_refused_cells_are_limited_and_counted(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("""
        insert into rejects by name
        select 2 as load_id, 'pmo' as source, 'b.xlsx' as file, n as "row", 'number' as reason
        from range(50) r(n)
    """)
    found = freshness.refused(con).query("reason == 'number'")
    assert (len(found), set(found.of_file)) == (freshness.CELLS, {50})


def test_files(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.files(con)
    assert list(found.file) == ["a.xlsx", "b.xlsx", "c.mpp", "f.csv"]
    assert list(found.rows_rejected) == [3, 2, 0, 0]


def test_findings_are_those_of_the_status_in_force(con: duckdb.DuckDBPyConnection) -> None:
    found = freshness.findings(con, SCOPE)
    assert list(zip(found.project_id, found.check_id, strict=True)) == [
        ("B", "ev_falls"),
        ("A", "cpi_high"),
    ]
    assert (found["of"][0], found.projects_of[0]) == (2, 2)
    assert (found.file[0], found.row[0]) == ("b.xlsx", 3)
    assert freshness.checks(con, SCOPE).values.tolist() == [
        ["error", "ev_falls", 1],
        ["warning", "cpi_high", 1],
    ]


def test_stubs_on_the_scopes_date(con: duckdb.DuckDBPyConnection) -> None:
    assert list(freshness.stubs(con, SCOPE).id) == ["X", "M9"]
    assert list(freshness.stubs(con, replace(SCOPE, as_of=date(2025, 6, 30))).id) == ["Y"]


def test_projects_of_which_nothing_is_known(con: duckdb.DuckDBPyConnection) -> None:
    assert list(freshness.nothing_but_a_name(con, SCOPE).project_id) == ["C"]


@pytest.mark.parametrize(("countries", "owing"), [(("MX",), ["B"]), (("CO",), ["C"]), (("BR",), [])])
def test_projects_are_filtered(con: duckdb.DuckDBPyConnection, countries, owing) -> None:
    assert list(freshness.owing(con, replace(SCOPE, countries=countries)).project_id) == owing


def test_nothing_loaded(con: duckdb.DuckDBPyConnection) -> None:
    for table in (
        "loads", "rejects", "stubs", "mart_arrival", "mart_project_status", "project_timeline"
    ):  # fmt: skip
        con.execute(f"delete from {table}")
    told = freshness.headline(con, SCOPE)
    assert (told.running, told.owing, told.refused, told.rows_kept, told.loaded_at) == (0, 0, 0, 0, None)
    assert freshness.sources(con, SCOPE).empty
    assert freshness.refused(con).empty
    assert freshness.arrivals(con, SCOPE).empty


def test_a_project_that_never_reported_owes_its_first_report(con: duckdb.DuckDBPyConnection) -> None:
    before = freshness.headline(con, SCOPE)
    con.execute(
        "insert into project_timeline by name select 'N' as project_id, 'New' as name, 'MX' as country,"
        " 'execute' as phase, 'Eva' as project_manager, date '2025-06-01' as valid_from"
    )
    after = freshness.headline(con, SCOPE)
    assert (after.running, after.owing) == (before.running + 1, before.owing + 1)
    first = freshness.owing(con, SCOPE).iloc[0]
    assert (first["project_id"], first["project_manager"]) == ("N", "Eva")
    assert pd.isna(first["last_on"])
    assert pd.isna(first["was"])
