from __future__ import annotations

import pytest

from ui.charts import rows
from ui.theme import CHART


def test_names_are_cut_and_escaped() -> None:
    assert rows.plain("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    assert rows.plain("n" * 200, 10) == "n" * 9 + "…"
    assert rows.plain('Torre "Norte"') == 'Torre "Norte"'


def test_rows_stand_under_each_other_with_their_ids() -> None:
    fig = rows.figure(CHART, ["A", "B"], ["+1 d", "+2 d"], x_range=(0, 10), ids=rows.ids(["P1", "P2"]))
    names, notes = fig.data
    assert list(names.text) == ["A", "B"]
    assert list(notes.text) == ["+1 d", "+2 d"]
    assert names.y[0] > rows.mark_y(0) > names.y[1] > rows.mark_y(1)
    assert [list(data) for data in names.customdata] == [["P1"], ["P2"]]


@pytest.mark.parametrize(
    ("points", "chosen"),
    [([], []), ([{"customdata": ["P1"]}], ["P1"]), ([{}], []), ([{"customdata": None}], [])],
)
def test_chosen(points: list[dict[str, object]], chosen: list[str]) -> None:
    assert rows.chosen(points) == chosen


@pytest.mark.parametrize(
    ("values", "placed"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([0.0, 10.0], [0.0, 10.0]),
        ([5.0, 5.0], [4.5, 5.5]),
        ([9.0, 8.5], [9.25, 8.25]),
    ],
)
def test_labels_keep_clear_of_each_other(values: list[float], placed: list[float]) -> None:
    assert rows.spread(values, 1.0) == pytest.approx(placed)


def test_a_link_needs_both_ends() -> None:
    x, y = rows.links([1, None, 3], [2, 2, 5])
    assert x == [1, 2, None, 3, 5, None]
    assert y == [rows.mark_y(0)] * 2 + [None] + [rows.mark_y(2)] * 2 + [None]
