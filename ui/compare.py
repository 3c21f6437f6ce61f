"""What the Compare screen says and shows."""

from __future__ import annotations

from typing import Any

from locales import Translator
from metrics.queries.compare import COLOURS, Line, Side
from ui import links, marks
from ui.formats import MINUS, Formats, is_missing


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


def colours_html(left: Side, right: Side, t: Translator) -> str:
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
    return f"<table class='at-table'>{_head(left, right)}<tbody>{rows}</tbody></table>"


def lines_html(left: Side, right: Side, found: list[Line], t: Translator, f: Formats) -> str:
    """The measures of both sides, the better one in bold, and the difference."""
    rows = "".join(
        f"<tr><th scope='row'>{marks.escape(t.t(f'metric.{line.measure}.name'))}</th>"
        f"<td class='at-num'>{_value(line.left, line.unit, left, f, best=_better(line, right, f) == 'left')}</td>"
        f"<td class='at-num'>{_value(line.right, line.unit, right, f, best=_better(line, right, f) == 'right')}</td>"
        f"<td class='at-num at-soft'>{marks.escape(_difference(line, right, f))}</td></tr>"
        for line in found
    )
    last = f"<th scope='col' class='at-num'>{marks.escape(t.t('compare.difference'))}</th>"
    return f"<table class='at-table'>{_head(left, right, last)}<tbody>{rows}</tbody></table>"


def _head(left: Side, right: Side, more: str = "") -> str:
    names = "".join(
        "<th scope='col' class='at-num'>"
        f"<a href='{marks.escape(links.to_project(s.project_id))}' target='_self'>"
        f"{marks.escape(s.name)}</a><br><span class='at-soft'>{s.status_date.isoformat()}</span></th>"
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
