"""Where a heading is, and what its cells are called."""

from __future__ import annotations

import pytest

from loaders.readers.base import Heading, unique_headings

TITLE = ["Portfolio, August 2025", None, None]
BLANK: list[str | None] = [None, None, None]
NAMES = ["Project ID", "Title", "Kind"]
DATA = ["P1", "Title", "risk"]


@pytest.mark.parametrize(
    ("rows", "wanted", "said", "found"),
    [
        ([NAMES, DATA], (), (), [0]),
        ([BLANK, NAMES, DATA], (), (), [1]),
        ([TITLE, BLANK, NAMES, DATA], (), (), [2]),
        ([DATA, NAMES, DATA], ("project id", "title"), (), [1]),
        ([TITLE, DATA], ("project id", "title"), (), [1]),
        ([["only"], ["a"]], (), (), [0]),
        ([TITLE, NAMES, DATA], (), (1, 2), [0, 1]),
        ([NAMES], (), (5,), []),
        ([BLANK, BLANK], (), (), []),
    ],
)
def test_where_the_heading_is(
    rows: list[list[str | None]], wanted: tuple[str, ...], said: tuple[int, ...], found: list[int]
) -> None:
    assert Heading(frozenset(wanted), said).find(rows) == found


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ([["A", None, "B", None]], ["A", "column 2", "B"]),
        ([["Baseline", None, "Forecast"], ["Start", "Finish", "Finish"]],
         ["Baseline Start", "Baseline Finish", "Forecast Finish"]),
        ([["two\nlines ", "x"]], ["two lines", "x"]),
    ],
)  # fmt: skip
def test_what_columns_are_called(rows: list[list[str | None]], names: list[str]) -> None:
    assert Heading().names(rows) == names


def test_repeated_headings_are_numbered_from_the_first() -> None:
    assert unique_headings(["Importe", "x", "IMPORTE ", None]) == [
        "Importe (1)",
        "x",
        "IMPORTE (2)",
        "column 4",
    ]
