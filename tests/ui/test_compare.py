"""What the Compare screen counts as better, and when it has nothing to compare."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pandas as pd
import pytest

from locales import translator
from metrics.queries.compare import Line, Side
from ui import compare
from ui.charts import compare as charts
from ui.formats import NBSP, Formats
from ui.quality import Finding
from ui.theme import LIGHT

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
    html = compare.lines_html(side(), side("Q"), [line], ((), ()), EN, F)
    assert (bold in html) if bold else ("<b>" not in html)


def test_dates_read_as_the_viewer_reads_them_and_doubts_stand_beside_their_figure() -> None:
    doubt = Finding(1, "spi_high", "warning", "cpi", "CPI", "It is high.", "")
    html = compare.lines_html(side(), side("Q"), [ratio(0.95, 0.9, "left")], ((), (doubt,)), EN, F)
    assert "31 Aug 2025" in html
    assert "2025-08-31" not in html
    left, right = html.split("</td>")[:2]
    assert ("It is high." in left, "It is high." in right) == (False, True)


def curves(left: list[float | None], right: list[float | None]) -> pd.DataFrame:
    def one(earned: list[float | None]) -> pd.DataFrame:
        months = range(len(earned))
        return pd.DataFrame(
            {
                "period_end": [pd.Timestamp(2025, 1 + month, 28) for month in months],
                "months": [float(month) for month in months],
                "percent_planned": [0.2 * (1 + month) for month in months],
                "percent_complete": pd.Series(earned, dtype="float64"),
            }
        )

    return compare.both(one(left), one(right))


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (
            [0.2, 0.3, None], [0.2, 0.45, 0.6],
            "A: 30.0 % of the work done, −10.0 pp against plan. B: 60.0 % of the work done, 0.0 pp against plan.",
        ),
        ([None], [0.3], "A: work done unknown. B: 30.0 % of the work done, +10.0 pp against plan."),
    ],
)  # fmt: skip
def test_the_figure_says_who_is_behind_its_plan(
    left: list[float | None], right: list[float | None], said: str
) -> None:
    assert compare.curve_title(curves(left, right), ("A", "B"), EN, F).replace(NBSP, " ") == said


@pytest.mark.parametrize(
    ("right", "labels"),
    [([0.2, 0.45, 0.6], ["● B 60 %", "● A 30 %"]), ([0.2, None, None], ["A 30 %", "B 20 %"])],
)
def test_the_figure_holds_both_curves_and_names_them(right: list[float | None], labels: list[str]) -> None:
    frame = curves([0.2, 0.3, None], right)
    fig = charts.progress(frame, ("A", "B"), LIGHT, EN, F)
    lines = [trace for trace in fig.data if trace.mode == "lines"]
    assert [(line.name, list(line.y)) for line in lines[:2]] == [
        ("A", [0.2, 0.4, 0.6000000000000001]),
        ("A", [0.2, 0.3]),
    ]
    assert list(lines[3].y) == [share for share in right if share is not None]
    told = [note.text.replace(NBSP, " ") for note in fig.layout.annotations]
    assert told[:-1] == labels


def test_without_earned_value_nothing_is_drawn() -> None:
    assert not compare.is_drawn(curves([None], [None]))
