"""What the Compare screen counts as better, and when it has nothing to compare."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pytest

from locales import translator
from metrics.queries.compare import Line, Side
from ui import compare
from ui.formats import Formats

EN = translator("en")
F = Formats(EN)


def side(project: str = "P", day: date = date(2025, 8, 31)) -> Side:
    return Side(project, f"Project {project}", None, day, "USD", {}, {}, {})


def ratio(left: float, right: float, better: Literal["left", "right"]) -> Line:
    return Line("cpi", "ratio", left, right, right - left, better)


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (side("Q"), "Project P is better in 1 measure, Project Q in 0."),
        (side(day=date(2025, 7, 31)), "31 Aug 2025 is better in 1 measure, 31 Jul 2025 in 0."),
        (side(), "Both sides are Project P on 31 Aug 2025: choose another project or date to compare."),
    ],
)
def test_the_sentence(right: Side, said: str) -> None:
    found = [ratio(0.95, 0.9, "left"), ratio(0.951, 0.952, "right")]
    assert compare.sentence(side(), right, found, EN, F) == said


@pytest.mark.parametrize(
    ("line", "bold"), [(ratio(0.95, 0.9, "left"), "<b>0.95</b>"), (ratio(0.951, 0.952, "right"), "")]
)
def test_a_difference_that_rounds_to_nothing_is_no_win(line: Line, bold: str) -> None:
    html = compare.lines_html(side(), side("Q"), [line], EN, F)
    assert (bold in html) if bold else ("<b>" not in html)
