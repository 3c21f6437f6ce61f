"""Which slices a load brings, and which of two deliveries wins: given deliveries, expected rows."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.arrivals import TableChange
from loaders.batch import Batch
from loaders.history import faults
from tests.loaders.deliveries import (
    AUG,
    DELIVERIES,
    JUL,
    SEP,
    Row,
    Shelf,
    as_of,
    batch,
    made_of,
    milestones,
    shelf,
    timeline,
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
    assert shelf.ask("select * exclude (delivered_on) from timeline.slices order by all") == [
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


@settings(max_examples=8, deadline=None)
@given(DELIVERIES, st.randoms(use_true_random=False))
def test_with_delivery_times_the_order_of_loading_does_not_matter(
    deliveries: list[tuple[str, set[str], bool]], random: Random
) -> None:
    made = made_of(deliveries)
    shuffled = random.sample(made, len(made))
    assert _result(made) == _result([*shuffled, *made])


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
