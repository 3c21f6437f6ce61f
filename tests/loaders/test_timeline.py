"""Which rows hold as of a date, what stays of damaged slices, and what nobody knows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.contract import contract
from tests.loaders.deliveries import (
    AUG,
    DELIVERIES,
    JUL,
    SEP,
    Row,
    Shelf,
    as_of,
    batch,
    damaged,
    made_of,
    milestones,
    shelf,
    timeline,
)

# Slices with refused rows.


def test_what_a_damaged_slice_lacks_stays_marked(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a", M2="a")))
    shelf.load(damaged(AUG, M1="b"))
    assert timeline(shelf) == [
        ("M1", "a", JUL, AUG, False),
        ("M1", "b", AUG, None, False),
        ("M2", "a", JUL, None, True),
    ]


@pytest.mark.parametrize("day", [AUG, SEP], ids=["the same slice", "a newer slice"])
def test_until_it_is_delivered_whole(shelf: Shelf, day: str) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a", M2="a")))
    shelf.load(damaged(AUG, M1="b"))
    shelf.load(batch("milestones", milestones(day, M1="c"), file="whole.csv"))
    assert ("M2", "a", JUL, day, day == SEP) in timeline(shelf)
    assert as_of(shelf, SEP) == {("M1", "c")}


def test_a_correction_that_is_damaged_keeps_what_it_lacks(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a", M2="a")))
    shelf.load(damaged(JUL, M1="b"))
    assert timeline(shelf) == [("M1", "b", JUL, None, False), ("M2", "a", JUL, None, True)]


def test_damage_goes_through_several_slices(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a", M2="a", M3="a")))
    shelf.load(damaged(AUG, M1="b", M3="b"))
    shelf.load(damaged(SEP, M1="c", M2="c"))
    assert as_of(shelf, AUG) == {("M1", "b"), ("M2", "a"), ("M3", "b")}
    assert as_of(shelf, SEP) == {("M1", "c"), ("M2", "c"), ("M3", "b")}


def test_a_slice_all_of_whose_rows_were_refused_keeps_everything(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    shelf.load(damaged(AUG))
    assert timeline(shelf) == [("M1", "a", JUL, None, True)]
    assert shelf.ask("select slice_date, from_load from timeline.slices order by 1") == [(JUL, 1), (AUG, 2)]


def test_refused_rows_of_an_unknown_project_make_no_slice(shelf: Shelf) -> None:
    shelf.load(batch("milestones", [], damaged=[{"project_id": "P1O", "slice_date": JUL}]))
    assert shelf.ask("from timeline.slices") == []
    assert shelf.ask("from stubs") == []


def test_a_refused_row_without_a_key_damages_what_its_file_delivers(shelf: Shelf) -> None:
    before = milestones(JUL, M1="a", M2="a") + milestones(JUL, "P2", M1="a", M2="a")
    shelf.load(batch("milestones", before))
    one = batch("milestones", milestones(AUG, M1="b"), file="one.csv", damaged=[{"slice_date": AUG}])
    other = batch("milestones", milestones(AUG, "P2", M1="b"), file="other.csv")
    shelf.load(one, other)
    kept = "select project_id, milestone_id from timeline.milestones where is_kept"
    assert shelf.ask(kept) == [("P1", "M2")]


def test_identical_answers_of_a_table_without_key_all_stay(shelf: Shelf) -> None:
    answer = {"project_id": "P1", "surveyed_on": JUL, "score": 8}
    shelf.load(batch("satisfaction", [answer, answer]))
    undated = {"project_id": "P1", "slice_date": "1900-01-01"}
    shelf.load(batch("satisfaction", [answer], file="b.csv", damaged=[undated]))
    assert shelf.ask("select count(*) from timeline.satisfaction") == [(1,)]
    assert shelf.ask("select count(*) from history.satisfaction") == [(3,)]


@settings(max_examples=10, deadline=None)
@given(DELIVERIES)
def test_as_of_a_day_is_what_the_slices_until_then_say_one_upon_the_other(
    deliveries: list[tuple[str, set[str], bool]],
) -> None:
    """The same, told in Python: a whole slice starts anew, a damaged one is laid over what was there."""
    with shelf() as s:
        for item in made_of(deliveries):
            s.load(item)
        for today in (JUL, AUG, SEP):
            held: dict[str, str] = {}
            for n, (day, keys, whole) in sorted(
                enumerate(deliveries), key=lambda told: (told[1][0], told[0])
            ):
                if day <= today:
                    held = {**({} if whole else held), **dict.fromkeys(keys, f"delivery {n}")}
            assert as_of(s, today) == set(held.items())


# What a load renews.

DAYS = st.sampled_from([JUL, AUG, SEP])
PROJECTS = st.sampled_from(["P1", "P2", "P3"])

PORTFOLIO = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("milestones"), PROJECTS, DAYS, st.sampled_from(["a", "b"]), st.booleans()),
            st.tuples(st.just("projects"), PROJECTS, DAYS, st.sampled_from(["G1", "G2"]), st.just(True)),
            st.tuples(
                st.just("programmes"),
                st.sampled_from(["G1", "G2"]),
                DAYS,
                st.sampled_from("xy"),
                st.just(True),
            ),
            st.tuples(st.just("safety"), PROJECTS, DAYS, st.sampled_from(["S1", "S2"]), st.booleans()),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda told: told[:3],
    ),
    min_size=2,
    max_size=4,
)
"""Loads, each of some rows: table, owner, day, what is said, and whether the slice is whole."""


def row_of(table: str, owner: str, day: str, said: str) -> Row:
    return {
        "milestones": {"project_id": owner, "milestone_id": said, "status_date": day, "name": said},
        "projects": {"project_id": owner, "name": owner, "valid_from": day, "programme_id": said},
        "programmes": {"programme_id": owner, "name": said, "valid_from": day},
        "safety": {"project_id": owner, "status_date": day, "supplier_id": said},
    }[table]


def whole_timeline(s: Shelf) -> dict[str, list[tuple[Any, ...]]]:
    names = [f"timeline.{name}" for name in (*contract(), "slices")]
    return {name: s.ask(f"select * from {name} order by all") for name in (*names, "stubs")}


def rows_by_project(s: Shelf) -> dict[str, dict[tuple[Any, ...], tuple[str, str]]]:
    """The rows of each project, and from which day to which each holds.

    is_kept is left out: it tells how a row outlived its delivery, and no number hangs on it.
    """
    found: dict[str, dict[tuple[Any, ...], tuple[str, str]]] = {}
    for name in ("milestones", "projects", "safety"):
        sql = f"select slice_date, valid_to, project_id, * exclude (valid_to, is_kept) from timeline.{name}"
        for start, end, project, *row in s.ask(sql):
            found.setdefault(project, {})[name, *row] = (start, end or str(date.max))
    return found


def first_day(
    rows: dict[tuple[Any, ...], tuple[str, str]], others: dict[tuple[Any, ...], tuple[str, str]]
) -> str:
    """The first day on which two sets of rows say something else."""
    return min(
        min(rows[row][1], others[row][1]) if row in rows and row in others else {**rows, **others}[row][0]
        for row in rows.keys() | others.keys()
        if rows.get(row) != others.get(row)
    )


@settings(max_examples=8, deadline=None)
@given(PORTFOLIO)
def test_what_a_load_renews_is_what_building_everything_gives(
    loads: list[list[tuple[str, str, str, str, bool]]],
) -> None:
    with shelf() as s:
        before: dict[str, dict[tuple[Any, ...], tuple[str, str]]] = {}
        for number, told in enumerate(loads):
            s.load(
                *(
                    batch(
                        table, [row_of(table, owner, day, said)], file=f"{number} {n}.csv",
                        damaged=() if whole else [{"project_id": owner, "slice_date": day}],
                    )
                    for n, (table, owner, day, said, whole) in enumerate(told)
                )
            )  # fmt: skip
            touched = s.build()
            renewed = whole_timeline(s)
            s.build(whole=True)
            assert renewed == whole_timeline(s)
            now = rows_by_project(s)
            if touched is not None:
                other = {p for p in before.keys() | now.keys() if before.get(p) != now.get(p)}
                days = {p: first_day(before.get(p, {}), now.get(p, {})) for p in other}
                assert {p: day for p, day in days.items() if str(touched.get(p, date.max)) > day} == {}
            before = now


# Stubs.


def test_what_nobody_knows_becomes_a_stub(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, "P9", M1="a")),
        batch("projects", [{"project_id": "P1", "name": "Core", "valid_from": JUL, "programme_id": "G9"}]),
        batch("delays", [{"project_id": "P9", "delay_id": "D1", "status_date": AUG, "milestone_id": "M7"}]),
        batch("safety", [{"project_id": "P9", "status_date": AUG, "supplier_id": "S7"}]),
    )
    assert shelf.ask("""
        select table_name, project_id, id, named_by, slice_date, known_from, file, "row"
        from stubs order by 1""") == [
        ("milestones", "P9", "M7", "delays", AUG, None, "delays.csv", 2),
        ("programmes", None, "G9", "projects", JUL, None, "projects.csv", 2),
        ("projects", None, "P9", "milestones", JUL, None, "milestones.csv", 2),
        ("subcontracts", "P9", "S7", "safety", AUG, None, "safety.csv", 2),
    ]  # fmt: skip
    told = "select {0}, name, slice_date, valid_to from timeline.{1} where is_stub"
    assert shelf.ask(told.format("project_id", "projects")) == [("P9", "P9", JUL, None)]
    assert shelf.ask(told.format("programme_id", "programmes")) == [("G9", "G9", JUL, None)]


def test_a_stub_ends_when_the_register_knows_it(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    shelf.load(batch("projects", [{"project_id": "P1", "name": "Core", "valid_from": SEP}]))
    assert shelf.ask("select name, slice_date, valid_to, is_stub from timeline.projects order by 2") == [
        ("P1", JUL, SEP, True),
        ("Core", SEP, None, False),
    ]
    assert shelf.ask("select known_from from stubs where table_name = 'projects'") == [(SEP,)]


def test_an_undated_register_knows_a_project_from_ever(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="a")),
        batch("projects", [{"project_id": "P1", "name": "Core"}]),
    )
    assert shelf.ask("from stubs") == []


# Views and columns.


def test_the_view_of_a_table_is_its_current_rows(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="a") + milestones(AUG, M1="b")),
        batch("projects", [
            {"project_id": "P1", "name": "Core", "valid_from": JUL},
            {"project_id": "P1", "name": "Core renamed in time to come", "valid_from": SEP},
        ]),
    )  # fmt: skip
    assert shelf.ask("select name from milestones") == [("b",)]
    assert shelf.ask("select name from projects") == [("Core",)]


def test_every_table_of_the_contract_has_its_history_and_timeline(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    for name, table in contract().items():
        columns = [c for c, *_ in shelf.ask(f"describe timeline.{name}")]
        stub = ["is_stub"] if name in ("programmes", "projects") else []
        assert columns == [
            *table.columns, "source", "file", "sheet", "row",
            "from_load", "slice_date", "valid_to", "is_kept", *stub,
        ]  # fmt: skip


def test_what_two_sources_say_of_a_project_is_one_row_of_the_view(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(SEP, M1="a")),
        batch("projects", [
            {"project_id": "P1", "name": "Old name", "valid_from": JUL, "region": "Norte", "contract_value": 5},
        ], source="finance", file="finance.csv"),
        batch("projects", [
            {"project_id": "P1", "name": "Core", "valid_from": AUG, "contract_value": 7},
            {"project_id": "P2", "name": "Care", "valid_from": AUG},
        ]),
    )  # fmt: skip
    told = 'name, region, contract_value, valid_from, source, file, "row", slice_date'
    assert shelf.ask(f"select project_id, {told} from projects order by 1") == [
        ("P1", "Core", "Norte", 7, AUG, "pmo", "projects.csv", 2, AUG),
        ("P2", "Care", None, None, AUG, "pmo", "projects.csv", 3, AUG),
    ]
    shown = [c for c, *_ in shelf.ask("describe main.projects")]
    assert shown == [c for c, *_ in shelf.ask("describe timeline.projects") if c != "is_stub"]
