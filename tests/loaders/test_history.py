"""What loads leave in the history and on the timeline: given deliveries, expected rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.arrivals import TableChange
from loaders.batch import Batch
from loaders.contract import contract
from loaders.history import faults, forget_after, prepare
from loaders.store import scratch
from tests.loaders.deliveries import Row, Shelf, batch, shelf

JUL, AUG, SEP = "2025-07-31", "2025-08-31", "2025-09-30"


def milestones(day: str, project: str = "P1", **forecasts: str) -> list[Row]:
    """One row per milestone; the name says which delivery it is from."""
    return [
        {"project_id": project, "milestone_id": key, "status_date": day, "name": told}
        for key, told in forecasts.items()
    ]


def timeline(s: Shelf, table: str = "milestones", told: str = "milestone_id, name") -> list[tuple[Any, ...]]:
    return s.ask(f"select {told}, slice_date, valid_to, is_kept from timeline.{table} order by all")


def as_of(s: Shelf, day: str) -> set[tuple[str, str]]:
    """The milestones in force on a day, with the delivery that they are from."""
    return set(
        s.ask(f"""
            select milestone_id, name from timeline.milestones
            where slice_date <= date '{day}' and (valid_to is null or valid_to > date '{day}')""")
    )


# Slices and supersession.


def test_a_slice_holds_until_the_next_one(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a", M2="a") + milestones(AUG, M1="b")))
    assert timeline(shelf) == [
        ("M1", "a", JUL, AUG, False),
        ("M1", "b", AUG, None, False),
        ("M2", "a", JUL, AUG, False),  # August lacks it: gone
    ]
    assert as_of(shelf, "2025-07-30") == set()
    assert as_of(shelf, "2025-08-30") == {("M1", "a"), ("M2", "a")}
    assert as_of(shelf, AUG) == {("M1", "b")}


def test_a_correction_supersedes_its_own_slices_and_deletes_nothing(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="a") + milestones(AUG, M1="a") + milestones(AUG, "P2", M1="a"))
    )
    outcome = shelf.load(batch("milestones", milestones(AUG, M1="b", M2="b"), file="corrected.csv"))
    assert outcome.changes == (TableChange("milestones", replaced=1, rows=2, added=1, changed=1),)
    assert shelf.ask("""
        select project_id, milestone_id, name, slice_date, from_load, to_load, file
        from history.milestones order by all""") == [
        ("P1", "M1", "a", JUL, 1, None, "milestones.csv"),
        ("P1", "M1", "a", AUG, 1, 2, "milestones.csv"),
        ("P1", "M1", "b", AUG, 2, None, "corrected.csv"),
        ("P1", "M2", "b", AUG, 2, None, "corrected.csv"),
        ("P2", "M1", "a", AUG, 1, None, "milestones.csv"),
    ]  # fmt: skip
    assert timeline(shelf, told="project_id, milestone_id, name") == [
        ("P1", "M1", "a", JUL, AUG, False),
        ("P1", "M1", "b", AUG, None, False),
        ("P1", "M2", "b", AUG, None, False),
        ("P2", "M1", "a", AUG, None, False),
    ]


def test_sources_stand_beside_each_other(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="pmo")),
        batch("milestones", milestones(AUG, M1="plan"), source="planner"),
    )
    assert timeline(shelf, told="source, name") == [
        ("planner", "plan", AUG, None, False),
        ("pmo", "pmo", JUL, None, False),
    ]


def test_scenarios_are_slices_of_their_own(shelf: Shelf) -> None:
    def line(day: str, scenario: str, amount: int) -> Row:
        return {
            "project_id": "P1",
            "status_date": day,
            "scenario": scenario,
            "line": "labour",
            "amount": amount,
        }

    shelf.load(batch("financials", [line(JUL, "as_sold", 100), line(JUL, "forecast", 110)]))
    outcome = shelf.load(batch("financials", [line(AUG, "forecast", 120)]))
    assert outcome.changes == (TableChange("financials", new=1, rows=1),)
    assert timeline(shelf, "financials", "scenario, amount::int") == [
        ("as_sold", 100, JUL, None, False),
        ("forecast", 110, JUL, AUG, False),
        ("forecast", 120, AUG, None, False),
    ]
    assert shelf.ask("select * from timeline.slices order by all") == [
        ("financials", "P1", "as_sold", "pmo", JUL, 1),
        ("financials", "P1", "forecast", "pmo", JUL, 1),
        ("financials", "P1", "forecast", "pmo", AUG, 2),
    ]


def test_a_register_is_replaced_whole(shelf: Shelf) -> None:
    def baseline(number: int, cost: int) -> Row:
        return {"project_id": "P1", "baseline_no": number, "approved_on": JUL, "baseline_cost": cost}

    shelf.load(batch("baselines", [baseline(0, 100), baseline(1, 110)]))
    shelf.load(batch("baselines", [baseline(0, 105)]))
    assert timeline(shelf, "baselines", "baseline_no, baseline_cost::int") == [
        (0, 105, "1900-01-01", None, False)
    ]


def test_projects_hold_from_valid_from_to_the_next(shelf: Shelf) -> None:
    shelf.load(batch("projects", [{"project_id": "P1", "name": "Core", "valid_from": JUL, "phase": "plan"}]))
    shelf.load(
        batch("projects", [{"project_id": "P1", "name": "Core", "valid_from": SEP, "phase": "execute"}])
    )
    assert timeline(shelf, "projects", "phase") == [("execute", SEP, None, False), ("plan", JUL, SEP, False)]


# Which of two deliveries wins.


def test_without_a_delivery_time_the_later_load_wins(shelf: Shelf) -> None:
    for told in ("a", "b"):
        shelf.load(batch("milestones", milestones(JUL, M1=told), file=f"{told}.csv"))
    assert timeline(shelf) == [("M1", "b", JUL, None, False)]


def test_a_delivery_from_before_is_kept_as_history(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="late"), delivered_at="2025-08-05T10:00"))
    outcome = shelf.load(batch("milestones", milestones(JUL, M1="early"), delivered_at="2025-08-01T10:00"))
    assert outcome.is_new
    assert outcome.changes == (TableChange("milestones", outdated=1, rows=1),)
    assert timeline(shelf) == [("M1", "late", JUL, None, False)]
    assert shelf.ask("select name, from_load, to_load from history.milestones order by 1") == [
        ("early", 2, 2),
        ("late", 1, None),
    ]


def test_two_deliveries_of_a_slice_in_one_load(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="b"), file="b.csv", delivered_at="2025-08-05"),
        batch("milestones", milestones(JUL, M1="a"), file="a.csv", delivered_at="2025-08-01"),
    )
    assert timeline(shelf) == [("M1", "b", JUL, None, False)]


def test_delivery_times_are_compared_across_time_zones(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="mexico"), delivered_at="2025-08-01T20:00-06:00"))
    shelf.load(batch("milestones", milestones(JUL, M1="bogota"), delivered_at="2025-08-01T20:30-05:00"))
    assert timeline(shelf) == [("M1", "mexico", JUL, None, False)]


DELIVERIES = st.lists(
    st.tuples(
        st.sampled_from([JUL, AUG, SEP]),
        st.sets(st.sampled_from(["M1", "M2", "M3"]), min_size=1),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DELIVERIES, st.randoms(use_true_random=False))
def test_with_delivery_times_the_order_of_loading_does_not_matter(
    deliveries: list[tuple[str, set[str], bool]], random: Any
) -> None:
    made = [
        batch(
            "milestones",
            milestones(day, **dict.fromkeys(sorted(keys), f"delivery {n}")),
            delivered_at=f"2025-10-{n + 1:02}",
            damaged=() if whole else [{"project_id": "P1", "slice_date": day}],
        )
        for n, (day, keys, whole) in enumerate(deliveries)
    ]
    shuffled = random.sample(made, len(made))
    assert _result(made) == _result(shuffled) == _result([*shuffled, *made])


def _result(batches: Sequence[Batch]) -> list[tuple[Any, ...]]:
    with shelf() as s:
        for item in batches:
            s.load(item)
        found = timeline(s)
        assert faults(s.con) == []
        return found


# The same again.


def test_the_same_file_twice_changes_nothing(shelf: Shelf) -> None:
    item = batch("milestones", milestones(JUL, M1="a") + milestones(AUG, M1="a"))
    assert shelf.load(item).is_new
    before = shelf.ask("select * from history.milestones"), shelf.ask("select * from loads")
    outcome = shelf.load(item)
    assert not outcome.is_new
    assert outcome.rows_kept == 2
    assert outcome.changes == (TableChange("milestones", unchanged=2),)
    assert (shelf.ask("select * from history.milestones"), shelf.ask("select * from loads")) == before


def test_the_same_outdated_file_twice_changes_nothing(shelf: Shelf) -> None:
    old = batch("milestones", milestones(JUL, M1="early"), delivered_at="2025-08-01")
    shelf.load(batch("milestones", milestones(JUL, M1="late"), delivered_at="2025-08-05"))
    shelf.load(old)
    assert not shelf.load(old).is_new


def test_a_file_that_comes_back_after_a_correction_is_the_later_delivery(shelf: Shelf) -> None:
    first = batch("milestones", milestones(JUL, M1="a"))
    shelf.load(first)
    shelf.load(batch("milestones", milestones(JUL, M1="b")))
    assert shelf.load(first).is_new
    assert timeline(shelf) == [("M1", "a", JUL, None, False)]


def test_of_a_grown_file_only_the_new_slice_enters(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    outcome = shelf.load(batch("milestones", milestones(JUL, M1="a") + milestones(AUG, M1="a")))
    assert outcome.changes == (TableChange("milestones", new=1, unchanged=1, rows=1),)
    assert outcome.projects == {"P1"}


def test_the_same_content_delivered_again_later_is_a_new_delivery(shelf: Shelf) -> None:
    """Otherwise what was delivered between the two would win, depending on the order of loading."""
    shelf.load(batch("milestones", milestones(JUL, M1="a"), delivered_at="2025-08-01"))
    shelf.load(batch("milestones", milestones(JUL, M1="a"), delivered_at="2025-08-09"))
    shelf.load(batch("milestones", milestones(JUL, M1="b"), delivered_at="2025-08-05"))
    assert timeline(shelf) == [("M1", "a", JUL, None, False)]


def test_two_batches_with_the_same_key_keep_the_first(shelf: Shelf) -> None:
    outcome = shelf.load(
        batch("milestones", milestones(JUL, M1="a"), file="a.csv"),
        batch("milestones", milestones(JUL, M1="b", M2="b"), file="b.csv"),
    )
    assert [(r.file, r.row, r.reason, r.params["first"]) for r in outcome.rejects] == [
        ("b.csv", 2, "duplicate_elsewhere", "a.csv, 2")
    ]
    assert timeline(shelf) == [("M1", "a", JUL, None, False), ("M2", "b", JUL, None, False)]
    assert [(f.file, f.rows_in, f.rows_kept, f.rows_rejected) for f in outcome.files] == [
        ("a.csv", 1, 1, 0),
        ("b.csv", 2, 1, 1),
    ]


# Slices with refused rows.


def damaged(day: str, **rows: str) -> Batch:
    return batch(
        "milestones",
        milestones(day, **rows),
        file=f"{day}.csv",
        damaged=[{"project_id": "P1", "slice_date": day}],
    )


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


# Views, other tables, the second axis.


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


def test_loads_and_rejects_are_recorded(shelf: Shelf) -> None:
    shelf.load(
        batch("milestones", milestones(JUL, M1="a"), damaged=[{"project_id": "P1", "slice_date": JUL}])
    )
    assert shelf.ask("select load_id, source, file, rows_in, rows_kept, rows_rejected from loads") == [
        (1, "pmo", "milestones.csv", 2, 1, 1)
    ]
    [(reason, row, sentence)] = shelf.ask('select reason, "row", sentence from rejects')
    assert (reason, row) == ("number", 90)
    assert sentence


def test_as_known_after_a_load_is_as_if_nothing_had_come_since(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a") + milestones(AUG, M1="a")))
    then = timeline(shelf)
    shelf.load(batch("milestones", milestones(JUL, M1="b"), file="b.csv"))
    shelf.load(damaged(SEP, M2="c"))
    assert timeline(shelf) != then
    forget_after(shelf.con, 1)
    shelf.build()
    assert timeline(shelf) == then
    assert shelf.ask("select distinct load_id from loads") == [(1,)]


def test_a_column_that_the_contract_gains_is_empty_in_old_rows() -> None:
    with scratch() as con:
        prepare(con)
        con.execute("alter table history.risks drop column owner")
        con.execute("insert into history.risks (project_id, risk_id) values ('P1', 'R1')")
        prepare(con)
        assert con.execute("select risk_id, owner from history.risks").fetchall() == [("R1", None)]


def test_every_table_of_the_contract_has_its_history_and_timeline(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    for name, table in contract().items():
        columns = [c for c, *_ in shelf.ask(f"describe timeline.{name}")]
        stub = ["is_stub"] if name in ("programmes", "projects") else []
        assert columns == [
            *table.columns, "source", "file", "sheet", "row",
            "from_load", "slice_date", "valid_to", "is_kept", *stub,
        ]  # fmt: skip


def test_faults_are_found(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    shelf.build()
    assert faults(shelf.con) == []
    shelf.con.execute("delete from history.milestones")
    assert faults(shelf.con) == ["milestones has 0 rows and its slices 1"]


def test_permutations_of_whole_deliveries_agree() -> None:
    made = [
        batch("milestones", milestones(day, M1=f"{day} {n}"), file=f"{n}.csv", delivered_at=f"2025-10-0{n}")
        for n, day in ((1, JUL), (2, JUL), (3, AUG))
    ]
    results = {repr(_result(order)) for order in permutations(made)}
    assert len(results) == 1
