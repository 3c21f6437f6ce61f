from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from metrics.queries import rag
from metrics.queries.rag import Place
from metrics.scope import Scope

JUNE, JULY, AUGUST = date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
SCOPE = Scope("", AUGUST, JULY)

STATUS = """
    id country phase   currency value  status_date reported overall cost  schedule tests
    A  MX      execute MXN      4000   2025-06-30  green    green   green green    -
    A  MX      execute MXN      4000   2025-07-31  green    amber   amber green    -
    A  MX      execute MXN      4000   2025-08-31  green    red     amber red      reported_better,low_spi_t
    B  CO      execute USD      900    2025-07-31  amber    red     red   -        reported_better
    B  CO      execute USD      900    2025-08-31  amber    red     red   -        reported_better
    C  CO      execute USD      50     2025-08-31  amber    green   green green    -
    D  CO      plan    USD      70     2025-06-30  green    green   green green    -
    E  CO      execute -        -      2025-08-31  -        -       -     -        -
    F  MX      closed  USD      80     2025-08-31  green    red     red   red      -
    G  CO      execute USD      90     2025-07-31  green    green   green green    low_spi_t
    G  CO      execute USD      90     2025-08-31  green    green   green green    low_spi_t
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    con.execute("""
        create table given (project_id text, country text, phase text, currency text, contract_value decimal(18,4),
            status_date date, reported_overall text, rag_overall text, rag_cost text, rag_schedule text, tests text)
    """)
    cells = [[None if c == "-" else c for c in line.split()] for line in STATUS.split("\n")[2:-1]]
    con.executemany("insert into given values (?,?,?,?,?,?,?,?,?,?,?)", cells)
    con.execute("""
        create table mart_project_status as
        select
            * exclude (tests),
            list_transform(string_split(coalesce(tests, 'none'), ','), lambda x: {'test': x, 'since': date '2025-07-31'})
                as watermelon_findings,
            tests is not null as watermelon,
            'Project ' || project_id as name, 'Telenorte' as customer, null::text as programme_id,
            null::text as programme_name, 'Core' as business_line, 'Ana' as project_manager,
            null::decimal(18,4) as current_contract_value, 'green' as rag_scope, 'green' as rag_quality,
            null::text as reported_cost, null::text as reported_scope, null::text as reported_schedule,
            null::text as reported_quality,
            lead(status_date) over (partition by project_id order by status_date) as next_status_date,
            'schedule' as deciding_dimension, 'schedule_spi_t' as deciding_rule, null::date as rag_overall_since,
            1.0 as completeness, 0.9 as spi_t, 0.9 as cpi, 0.0 as margin_lost_pp, 3 as slip_days,
            date '2026-01-31' as forecast_finish, 0.5 as percent_complete
        from given
    """)
    con.execute("create table project_timeline as select distinct project_id, currency from given")
    con.execute("""
        create table fx_intervals as
        from (values ('MXN', 'plan', date '2020-01-01', null::date, 20.0, false),
                     ('USD', 'plan', date '1900-01-01', null, 1.0, false)) t
            (currency, basis, valid_from, valid_to, per_usd, is_carried)
    """)
    yield con
    con.close()


def test_headline(con: duckdb.DuckDBPyConnection) -> None:
    said = rag.headline(con, SCOPE)
    assert (said.running, said.reported) == (6, 5)
    assert (said.reported_green, said.green_but_red, said.green_but_amber, said.amber_but_red) == (3, 1, 0, 1)
    assert (said.worse, said.tested, said.unknown) == (1, 3, 2)


def test_headline_of_nothing(con: duckdb.DuckDBPyConnection) -> None:
    assert rag.headline(con, replace(SCOPE, as_of=date(2020, 1, 1))) == rag.Headline(
        0, 0, 0, 0, 0, 0, 0, 0, 0
    )


def test_watermelons_green_first_with_each_test_and_since_when(con: duckdb.DuckDBPyConnection) -> None:
    found = rag.watermelons(con, SCOPE).set_index("project_id")
    assert list(found.index) == ["A", "G", "B"]
    tests = {
        name: [(test["test"], test["since"]) for test in tests] for name, tests in found["tests"].items()
    }
    assert tests == {
        "A": [("reported_better", JULY), ("low_spi_t", JULY)],
        "G": [("low_spi_t", JULY)],
        "B": [("reported_better", JULY)],
    }
    assert list(found["value"]) == [200, 90, 900]
    assert set(found["of"]) == {3}


@pytest.mark.parametrize(
    ("show", "sort", "ids"),
    [
        ("all", "worst", "BAGCDE"),
        ("all", "value", "BAGDCE"),
        ("all", "name", "ABCDEG"),
        ("all", "schedule", "AGCBDE"),
        ("better", "worst", "BAG"),
        ("worse", "worst", "C"),
        ("red", "worst", "BA"),
        ("unknown", "name", "DE"),
    ],
)
def test_matrix_order_and_what_it_shows(con: duckdb.DuckDBPyConnection, show, sort, ids) -> None:
    found = rag.matrix(con, SCOPE, show, sort, 1)
    assert list(found["project_id"]) == list(ids)
    assert rag.size(con, SCOPE, show) == len(ids)


def test_the_order_is_the_same_in_every_currency(con: duckdb.DuckDBPyConnection) -> None:
    own = replace(SCOPE, currency="project")
    found = rag.matrix(con, own, "all", "worst", 1)
    assert list(found["project_id"]) == list("BAGCDE")
    assert list(found["value"][:2]) == [900, 4000]
    assert list(found["money_in"][:2]) == ["USD", "MXN"]


def test_a_stale_green_is_grey_and_its_history_stays(con: duckdb.DuckDBPyConnection) -> None:
    row = rag.matrix(con, SCOPE, "all", "worst", 1).set_index("project_id").loc["D"]
    assert (row["shown_overall"], row["shown_cost"], row["days_since_status"]) == ("grey", "grey", 62)
    assert list(row["history_overall"]) == ["green"]


def test_history_is_oldest_first_and_depends_on_nothing_later(con: duckdb.DuckDBPyConnection) -> None:
    now = rag.matrix(con, SCOPE, "all", "worst", 1).set_index("project_id").loc["A"]
    then = rag.matrix(con, replace(SCOPE, as_of=JULY), "all", "worst", 1).set_index("project_id").loc["A"]
    assert list(now["history_overall"]) == ["green", "amber", "red"]
    assert list(then["history_overall"]) == ["green", "amber"]


def test_pages(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag, "PAGE", 4)
    assert list(rag.matrix(con, SCOPE, "all", "worst", 1)["project_id"]) == list("BAGC")
    assert list(rag.matrix(con, SCOPE, "all", "worst", 2)["project_id"]) == list("DE")


@pytest.mark.parametrize(
    ("project", "scope", "place"),
    [
        ("A", SCOPE, Place(2, 6, ("B", "Project B"), ("G", "Project G"), ("B", "Project B"))),
        ("B", SCOPE, Place(1, 6, None, ("A", "Project A"), ("B", "Project B"))),
        ("E", SCOPE, Place(6, 6, ("D", "Project D"), None, ("B", "Project B"))),
        ("F", SCOPE, Place(None, 6, None, None, ("B", "Project B"))),
        ("B", replace(SCOPE, countries=("MX",)), Place(None, 1, None, None, ("A", "Project A"))),
        ("B", replace(SCOPE, countries=("PE",)), Place(None, 0, None, None, None)),
    ],
)
def test_neighbours_within_the_filters(con: duckdb.DuckDBPyConnection, project, scope, place) -> None:
    assert rag.place(con, scope, project) == place
