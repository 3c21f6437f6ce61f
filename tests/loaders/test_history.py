"""The tables of the history: made, checked, and turned back to an earlier load."""

from __future__ import annotations

from loaders.history import faults, forget_after, prepare
from loaders.store import scratch
from tests.loaders.deliveries import AUG, JUL, SEP, Shelf, batch, damaged, milestones, timeline


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
    shelf.build(whole=True)
    assert timeline(shelf) == then
    assert shelf.ask("select distinct load_id from loads") == [(1,)]


def test_a_column_that_the_contract_gains_is_empty_in_old_rows() -> None:
    with scratch() as con:
        prepare(con)
        con.execute("alter table history.risks drop column owner")
        con.execute("insert into history.risks (project_id, risk_id) values ('P1', 'R1')")
        prepare(con)
        assert con.execute("select risk_id, owner from history.risks").fetchall() == [("R1", None)]


def test_faults_are_found(shelf: Shelf) -> None:
    shelf.load(batch("milestones", milestones(JUL, M1="a")))
    shelf.build()
    assert faults(shelf.con) == []
    shelf.con.execute("delete from history.milestones")
    assert faults(shelf.con) == ["milestones has 0 rows and its slices 1"]
