"""The Gantt on paper: as many rows as a screen page has fit on one sheet, which plotly's would not.

An SVG in the light theme's colours, in the same marks as the figure on the screen: done solid, to do outlined, critical
dark, the current baseline thin below, the original one dotted, a milestone a diamond.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

import pandas as pd

from ui.charts import project as charts
from ui.charts import rows
from ui.formats import Formats, as_date, is_missing
from ui.marks import escape
from ui.theme import LIGHT

WIDTH, ROW, TOP = 1320, 13, 18
"""The drawing's width, a row's height and that of the axis, in units of about a pixel on A4 landscape."""
NAMES, NOTES = 270, 46
"""Room for the names at the left and the slips at the right."""
LETTERS = 46
TICKS = 9


def gantt(frame: pd.DataFrame, links: pd.DataFrame, as_of: date, alt: str, f: Formats) -> str:
    """An image, as HTML, of a page of tasks; `alt` says what it shows."""
    svg = _svg(frame, links, as_of, f)
    return f'<div class="at-print"><img class="at-sheet" alt="{escape(alt)}" src="data:image/svg+xml,{quote(svg)}"></div>'


def _svg(frame: pd.DataFrame, links: pd.DataFrame, as_of: date, f: Formats) -> str:
    told = rows.each(frame)
    low, high = charts.span(told, as_of)
    height = TOP + ROW * len(told) + 4

    def x(day: Any) -> float:
        share = (as_date(day) - low).days / max((high - low).days, 1)
        return round(NAMES + (WIDTH - NAMES - NOTES) * share, 1)

    parts = [*_axis(low, high, as_of, height, x, f), *_links(told, links, x)]
    for i, row in enumerate(told):
        parts += _row(row, TOP + ROW * i, charts.depth(row, told), x, f)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="9" fill="{LIGHT.ink}">{"".join(parts)}</svg>'
    )


def _axis(low: date, high: date, as_of: date, height: int, x: Any, f: Formats) -> list[str]:
    months = pd.date_range(low, high, freq="MS")
    parts = []
    for month in months[:: max(1, -(-len(months) // TICKS))]:
        at = x(month)
        parts.append(
            f'<path d="M{at} {TOP}V{height}" stroke="{LIGHT.line}" stroke-width="0.6"/>'
            f'<text x="{at}" y="10" fill="{LIGHT.ink_soft}" font-size="8">{escape(f.month(month))}</text>'
        )
    if low <= as_of <= high:
        at = x(as_of)
        parts.append(
            f'<path d="M{at} 12V{height}" stroke="{LIGHT.ink}" stroke-width="0.8" stroke-dasharray="2 2"/>'
        )
    return parts


def _row(row: Any, y: int, depth: int, x: Any, f: Formats) -> list[str]:
    """Name, baselines, bar or diamond, slip."""
    ink = LIGHT.ink if row.is_critical else LIGHT.mid
    weight = ' font-weight="600"' if row.is_summary else ""
    name = escape(rows.cut(row.name, LETTERS - 2 * depth))
    parts = [f'<text x="{8 * depth}" y="{y + 9}"{weight}>{name}</text>']
    for dash, begin, end, lane in (
        ("", row.baseline_start, row.baseline_finish, 9.5),
        (' stroke-dasharray="1.5 1.5"', row.original_start, row.original_finish, 11.5),
    ):
        if is_missing(end) or (dash and charts.is_current(row)):
            continue
        start = x(end) - 3 if is_missing(begin) else x(begin)
        parts.append(
            f'<path d="M{start} {y + lane}H{x(end)}" stroke="{LIGHT.ink_soft}" stroke-width="1"{dash}/>'
        )
    if row.is_milestone and not is_missing(row.finish_on):
        at, fill = x(row.finish_on), ink if row.is_done else "none"
        parts.append(f'<path d="M{at} {y + 1}l4 4l-4 4l-4 -4z" fill="{fill}" stroke="{ink}"/>')
    elif not row.is_milestone:
        for done in (True, False):
            if stretch := charts.stretch(row, done=done):
                begin, end, thick = x(stretch[0]), x(stretch[1]), 3 if row.is_summary else 5
                parts.append(
                    f'<rect x="{begin}" y="{y + 3}" width="{max(end - begin, 0.8):.1f}" height="{thick}" '
                    f'fill="{ink if done else "none"}" stroke="{ink}" stroke-width="0.8"/>'
                )
    slip = charts.slip(row, f)
    return (
        [*parts, f'<text x="{WIDTH}" y="{y + 9}" text-anchor="end">{escape(slip)}</text>'] if slip else parts
    )


def _links(told: Sequence[Any], links: pd.DataFrame, x: Any) -> list[str]:
    """Dependencies between the rows on the sheet, from end to start."""
    parts = []
    for a, b, begin, end in charts.drawn_links(told, links):
        dark = told[a].is_critical and told[b].is_critical
        path = f"M{x(begin)} {TOP + ROW * a + 5}H{x(end)}V{TOP + ROW * b + 5}"
        ink = LIGHT.ink_soft if dark else LIGHT.pale
        parts.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="0.5"/>')
    return parts
