"""What the Compare screen says and shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from locales import Translator
from metrics.queries.compare import COLOURS, Line, Side
from ui import clicks, marks, quality, tables
from ui.formats import MINUS, Formats, is_missing
from ui.quality import Finding


def sentence(left: Side, right: Side, found: list[Line], t: Translator, f: Formats) -> str:
    """Which side is better, and in how many measures; that there is nothing to compare where both are one."""
    if is_same(left, right):
        return t.t("compare.sentence.same", name=left.name, date=f.date(left.status_date))
    ahead = {name: sum(_better(line, right, f) == name for line in found) for name in ("left", "right")}
    a, b = title(left, right, t, f)
    if ahead["left"] == ahead["right"]:
        return t.n("compare.sentence.even", ahead["left"], left=a, right=b)
    better, worse = ("left", "right") if ahead["left"] > ahead["right"] else ("right", "left")
    names = {"left": a, "right": b}
    return t.n(
        "compare.sentence",
        ahead[better],
        better=names[better],
        worse=names[worse],
        other=f.number(ahead[worse]),
    )


def is_same(left: Side, right: Side) -> bool:
    """Whether both sides are one project as one report states it."""
    return (left.project_id, left.status_date) == (right.project_id, right.status_date)


def title(left: Side, right: Side, t: Translator, f: Formats) -> tuple[str, str]:
    """What to call the two sides: by name, or by date where it is one project."""
    if left.project_id != right.project_id:
        return left.name, right.name
    return f.date(left.status_date), f.date(right.status_date)


def both(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """The curves of both sides, one below the other, each row with its `side`."""
    return pd.concat([left.assign(side="left"), right.assign(side="right")], ignore_index=True)


def is_drawn(curves: pd.DataFrame) -> bool:
    """Whether either side knows what it has earned."""
    return bool(curves["percent_complete"].notna().any())


def curve_title(curves: pd.DataFrame, names: tuple[str, str], t: Translator, f: Formats) -> str:
    """How much of the work each side has done, and how far that is from its plan."""
    said = []
    for side, name in zip(("left", "right"), names, strict=True):
        earned = curves[(curves["side"] == side) & curves["percent_complete"].notna()]
        if earned.empty:
            said.append(t.t("compare.curve.unknown", name=name))
            continue
        done, planned = earned.iloc[-1][["percent_complete", "percent_planned"]]
        key = "compare.curve.done" if is_missing(planned) else "compare.curve.against"
        gap = None if is_missing(planned) else 100 * (done - planned)
        said.append(t.t(key, name=name, earned=f.percent(done), gap=f.pp(gap)))
    return " ".join(said)


def curve_columns(t: Translator) -> dict[str, Any]:
    """The columns of the curves' table."""
    return {
        "name": t.t("table.project"),
        "period_end": tables.day(t.t("column.period_end")),
        "months": tables.number(t.t("compare.curve.months"), digits=1),
        "percent_planned": tables.percent(t.t("metric.percent_planned.name")),
        "percent_complete": tables.percent(t.t("metric.percent_complete.name")),
    }


def named(curves: pd.DataFrame, names: tuple[str, str]) -> pd.DataFrame:
    """The curves as a table, each row with the name of its side."""
    return curves.assign(name=curves["side"].map(dict(zip(("left", "right"), names, strict=True))))


def colours_html(left: Side, right: Side, t: Translator, f: Formats) -> str:
    """The colours of both sides by dimension, computed beside reported."""
    rows = "".join(
        f"<tr><th scope='row'>{marks.escape(t.t(f'rag.dimension.{name}'))}</th>"
        + "".join(
            f"<td class='at-num'>{marks.mark_pair_html(t, side.computed[name], side.reported[name])}</td>"
            for side in (left, right)
        )
        + "</tr>"
        for name in COLOURS
    )
    return f"<table class='at-table'>{_head(left, right, f)}<tbody>{rows}</tbody></table>"


Doubts = tuple[Sequence[Finding], Sequence[Finding]]
"""The data-quality findings of the left and of the right side."""


def lines_html(left: Side, right: Side, found: list[Line], doubts: Doubts, t: Translator, f: Formats) -> str:
    """The measures of both sides, the better one in bold and what is doubtful marked, and the difference."""

    def cell(line: Line, way: str) -> str:
        side, value = (left, line.left) if way == "left" else (right, line.right)
        mark = quality.away_html(doubts[way == "right"], (line.measure,), side.project_id, t)
        shown = _value(value, line.unit, side, f, best=_better(line, right, f) == way)
        return f"<td class='at-num'>{shown}{mark}</td>"

    rows = "".join(
        f"<tr><th scope='row'>{marks.escape(t.t(f'metric.{line.measure}.name'))}</th>"
        f"{cell(line, 'left')}{cell(line, 'right')}"
        f"<td class='at-num at-soft'>{marks.escape(_difference(line, right, f))}</td></tr>"
        for line in found
    )
    last = f"<th scope='col' class='at-num'>{marks.escape(t.t('compare.difference'))}</th>"
    return f"<table class='at-table'>{_head(left, right, f, last)}<tbody>{rows}</tbody></table>"


def _head(left: Side, right: Side, f: Formats, more: str = "") -> str:
    names = "".join(
        "<th scope='col' class='at-num'>"
        + clicks.anchor(marks.escape(s.name), "project", css="at-name", project_id=s.project_id)
        + f"<br><span class='at-soft'>{marks.escape(f.date(s.status_date))}</span></th>"
        for s in (left, right)
    )
    return f"<thead><tr><th></th>{names}{more}</tr></thead>"


def _value(value: Any, unit: str, side: Side, f: Formats, *, best: bool) -> str:
    shown = marks.escape(_shown(value, unit, side, f))
    return f"<b>{shown}</b>" if best else shown


def _shown(value: Any, unit: str, side: Side, f: Formats, *, signed: bool = False) -> str:
    if is_missing(value):
        return f.missing()
    if unit == "date":
        return f.date(value)
    return f.by_unit(value, unit, side.currency, signed=signed)


def _better(line: Line, side: Side, f: Formats) -> str | None:
    """The better side; none where the difference, as shown, is nothing."""
    return line.better if any(digit in _difference(line, side, f) for digit in "123456789") else None


def _difference(line: Line, side: Side, f: Formats) -> str:
    if line.difference is None:
        return f.missing()
    if line.unit == "date":
        return f.days_short(line.difference)
    if line.unit == "fraction":
        return f.pp(line.difference * 100)
    if line.unit == "ratio":
        return f.number(line.difference, 2, signed=True).replace("-", MINUS)
    return _shown(line.difference, line.unit, side, f, signed=True)
