"""The Overview's figure: the portfolio over its last reports, as three panels on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from locales import Translator
from metrics.queries.overview import LATE_DAYS, Moment
from ui import marks
from ui.charts import base, rows
from ui.formats import Formats
from ui.theme import Palette

HEIGHT = 470
UPWARDS = ("red", "amber", "green", "grey")
"""The order in which colours are stacked, the worst at the bottom, where its growth is seen."""

MARGIN, LATE = "margin", "late"
"""What the lines count, as their marks say it."""

_COUNTS, _MARGIN, _LATE = (0.50, 0.93), (0.245, 0.37), (0.0, 0.125)
_LOWEST = 0.07
"""A segment lower than this part of the highest stack has no room for its number."""


def trend(reports: Sequence[Moment], palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Projects by colour as stacked bars, below them the forecast margin and how many are late, by report.

    A mark's customdata is its day (ISO) and what it counts: a colour, margin or late.
    """
    count = len(reports)
    most = max((m.projects for m in reports), default=0) or 1
    margin = _Line(
        "y2", _MARGIN, [m.margin_points for m in reports], lambda v: f.percent(v / 100), "forecast", MARGIN
    )
    late = _Line(
        "y3", _LATE, [float(m.late) if m.slip_known else None for m in reports], f.number, "actual", LATE
    )
    low, high = late.range
    late_range = [min(low, 0.0), high]
    shown = list(range(count))[::-1][:: max(1, -(-count // 5))]
    panel = {"fixedrange": True, "showgrid": False, "showticklabels": False, "zeroline": False}
    fig = base.figure(
        palette, height=HEIGHT, barmode="stack", bargap=0.22, margin={"l": 4, "r": 92, "t": 8, "b": 8},
        yaxis=panel | {"domain": _COUNTS, "range": [0, most * 1.02]},
        yaxis2=panel | {"domain": _MARGIN, "range": margin.range, "anchor": "x"},
        yaxis3=panel | {"domain": _LATE, "range": late_range, "anchor": "x"},
        annotations=[
            _heading(t.t("overview.trend.counts"), _COUNTS, palette),
            _heading(t.t("overview.trend.margin"), _MARGIN, palette),
            _heading(t.t("overview.trend.late", days=LATE_DAYS), _LATE, palette),
            *_stack_labels(reports, most, palette, t, f),
            *margin.labels(count, palette, f),
            *late.labels(count, palette, f),
        ],
    )  # fmt: skip
    fig.update_xaxes(
        range=[-0.7, max(count, 1) - 0.4], tickvals=shown, ticktext=[f.month(reports[i].day) for i in shown],
        anchor="y3", fixedrange=True,
    )  # fmt: skip
    bars = [_bar(colour, reports, most, palette, t, f) for colour in UPWARDS]
    return fig.add_traces([*bars, margin.trace(reports, palette, f), late.trace(reports, palette, f)])


@dataclass(frozen=True)
class _Line:
    """A panel with one line: its axis, where it stands, its values, how one reads, the line's role, and what it counts."""

    axis: str
    domain: tuple[float, float]
    values: Sequence[float | None]
    said: Callable[[float], str]
    role: str
    what: str

    @property
    def points(self) -> list[tuple[int, float]]:
        """The known values with their places."""
        return [(i, value) for i, value in enumerate(self.values) if value is not None]

    @property
    def range(self) -> list[float]:
        """The panel's bounds, with air above and below the line."""
        known = [value for _, value in self.points] or [0.0, 1.0]
        low, high = min(known), max(known)
        air = (high - low) * 0.35 or max(abs(high) * 0.1, 1.0)
        return [low - air, high + air]

    def trace(self, reports: Sequence[Moment], palette: Palette, f: Formats) -> go.Scatter:
        """The line; gaps where a value is unknown."""
        return go.Scatter(
            x=list(range(len(reports))), y=list(self.values), yaxis=self.axis, mode="lines+markers",
            line=base.line(palette, self.role), marker={"size": 7, "color": palette.ink}, connectgaps=False,
            customdata=[[m.day.isoformat(), self.what] for m in reports],
            hovertext=[
                f"{f.date(m.day)}: {f.missing() if value is None else self.said(value)}"
                for m, value in zip(reports, self.values, strict=True)
            ],
            hoverinfo="text",
        )  # fmt: skip

    def labels(self, count: int, palette: Palette, f: Formats) -> list[dict[str, Any]]:
        """The first and the last known value; "n/a" where there is none."""
        if not self.points:
            return [_end(count - 1, sum(self.range) / 2, self.axis, f.missing(), palette.unknown, shift=10)]
        (first, low), (last, value) = self.points[0], self.points[-1]
        labels = [_end(last, value, self.axis, self.said(value), palette.ink, shift=10)]
        if first < last:
            above = {"xanchor": "center", "yanchor": "bottom", "yshift": 3}
            labels.append(_end(first, low, self.axis, self.said(low), palette.ink_soft, shift=0) | above)
        return labels


def _bar(
    colour: str, reports: Sequence[Moment], most: int, palette: Palette, t: Translator, f: Formats
) -> go.Bar:
    """One colour of the stack; unknown is an outline."""
    counts = [int(getattr(m, colour)) for m in reports]
    ink, unknown = palette.rag(colour), colour == "grey"
    word = marks.word(t, colour)
    return go.Bar(
        x=list(range(len(reports))), y=counts,
        marker={
            "color": "rgba(0,0,0,0)" if unknown else ink,
            "line": {"color": ink if unknown else palette.paper, "width": 1},
        },
        text=[f.number(count) if count >= most * _LOWEST else "" for count in counts],
        textposition="inside", insidetextanchor="middle", textangle=0, constraintext="none",
        textfont={"size": 11, "color": palette.ink_soft if unknown else palette.paper},
        customdata=[[m.day.isoformat(), colour] for m in reports],
        hovertext=[
            t.t("overview.hover.count", on=f.date(m.day), count=f.number(count), colour=word)
            for m, count in zip(reports, counts, strict=True)
        ],
        hoverinfo="text",
    )  # fmt: skip


def _stack_labels(
    reports: Sequence[Moment], most: int, palette: Palette, t: Translator, f: Formats
) -> list[dict[str, Any]]:
    """Beside the last stack: shape, number and word of each colour in it."""
    if not reports:
        return []
    names, middles, height = [], [], 0.0
    for colour in UPWARDS:
        count = int(getattr(reports[-1], colour))
        if count:
            names.append(
                (f"{marks.icon(colour)} {f.number(count)} {marks.word(t, colour)}", palette.rag(colour))
            )
            middles.append(height + count / 2)
            height += count
    placed = rows.spread(middles, most * 0.085)
    return [
        _end(len(reports) - 0.6, max(y, 0.0), "y", name, ink, shift=4)
        for y, (name, ink) in zip(placed, names, strict=True)
    ]


def _heading(text: str, domain: tuple[float, float], palette: Palette) -> dict[str, Any]:
    return {
        "x": 0, "y": domain[1], "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom",
        "yshift": 14, "text": text, "showarrow": False, "font": {"color": palette.ink_soft, "size": 12},
    }  # fmt: skip


def _end(x: float, y: float, axis: str, text: str, color: str, *, shift: int) -> dict[str, Any]:
    return {
        "x": x, "y": y, "xref": "x", "yref": axis, "text": rows.plain(text), "showarrow": False,
        "xanchor": "left", "xshift": shift, "font": {"color": color, "size": 12},
    }  # fmt: skip
