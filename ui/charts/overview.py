"""The Overview's figure: the portfolio over its last reports, as three panels on one time axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

_COUNTS, _MARGIN, _SLIP = (0.50, 0.93), (0.245, 0.37), (0.0, 0.125)
_NARROWEST = 0.035
"""A segment lower than this part of the stack has no room for its number."""


def trend(reports: Sequence[Moment], palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Projects by colour as stacked bars, below them the forecast margin and how many are late, by report.

    A bar's customdata is its day (ISO) and its colour.
    """
    fig = base.figure(palette, height=HEIGHT, barmode="stack", bargap=0.22)
    fig.update_layout(margin={"l": 4, "r": 92, "t": 8, "b": 8})
    places = list(range(len(reports)))
    _bars(fig, reports, palette, t, f)
    _line(
        fig, reports, [m.margin_points for m in reports], "y2", palette, f,
        said=lambda value: f.percent(value / 100), title=t.t("overview.trend.margin"), at=_MARGIN[1],
        zero=False,
    )  # fmt: skip
    _line(
        fig, reports, [float(m.late) if m.slip_known else None for m in reports], "y3", palette, f,
        said=f.number, title=t.t("overview.trend.late", days=LATE_DAYS), at=_SLIP[1], zero=True,
        role="actual",
    )  # fmt: skip
    shown = places[::-1][:: max(1, -(-len(places) // 5))]
    fig.update_xaxes(
        range=[-0.7, max(len(places), 1) - 0.4], tickvals=shown,
        ticktext=[f.month(reports[i].day) for i in shown], anchor="y3", fixedrange=True,
    )  # fmt: skip
    axis = {"fixedrange": True, "showgrid": False, "showticklabels": False, "zeroline": False}
    most = max((m.projects for m in reports), default=1)
    return fig.update_layout(
        yaxis=axis | {"domain": list(_COUNTS), "range": [0, (most or 1) * 1.02]},
        yaxis2=fig.layout.yaxis2.to_plotly_json() | axis | {"domain": list(_MARGIN), "anchor": "x"},
        yaxis3=fig.layout.yaxis3.to_plotly_json() | axis | {"domain": list(_SLIP), "anchor": "x"},
    )


def _bars(fig: go.Figure, reports: Sequence[Moment], palette: Palette, t: Translator, f: Formats) -> None:
    most = max((m.projects for m in reports), default=0) or 1
    _heading(fig, t.t("overview.trend.counts"), _COUNTS[1], palette)
    ends: list[tuple[float, str, str]] = []
    height = 0.0
    for colour in UPWARDS:
        counts = [int(getattr(m, colour)) for m in reports]
        ink = palette.rag(colour)
        unknown = colour == "grey"
        fig.add_bar(
            x=list(range(len(reports))),
            y=counts,
            marker={
                "color": "rgba(0,0,0,0)" if unknown else ink,
                "line": {"color": ink if unknown else palette.paper, "width": 1},
            },
            text=[f.number(count) if count >= most * _NARROWEST * 2 else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            constraintext="none",
            textfont={"size": 11, "color": palette.ink_soft if unknown else palette.paper},
            customdata=[[m.day.isoformat(), colour] for m in reports],
            hovertext=[
                t.t(
                    "overview.hover.count",
                    on=f.date(m.day),
                    count=f.number(count),
                    colour=marks.word(t, colour),
                )
                for m, count in zip(reports, counts, strict=True)
            ],
            hoverinfo="text",
        )
        if counts and counts[-1]:
            name = f"{marks.icon(colour)} {f.number(counts[-1])} {marks.word(t, colour)}"
            ends.append((height + counts[-1] / 2, name, ink))
            height += counts[-1]
    placed = rows.spread([middle for middle, _, _ in ends], most * 0.085)
    for y, (_, name, ink) in zip(placed, ends, strict=True):
        _end(fig, len(reports) - 0.6, max(y, 0), "y", name, ink, shift=4)


def _line(
    fig: go.Figure,
    reports: Sequence[Moment],
    values: Sequence[float | None],
    axis: str,
    palette: Palette,
    f: Formats,
    *,
    said: Callable[[float], str],
    title: str,
    at: float,
    zero: bool,
    role: str = "forecast",
) -> None:
    _heading(fig, title, at, palette)
    known = [value for value in values if value is not None]
    fig.add_trace(
        go.Scatter(
            x=list(range(len(reports))),
            y=list(values),
            yaxis=axis,
            mode="lines+markers",
            line=base.line(palette, role),
            marker={"size": 5, "color": palette.ink},
            connectgaps=False,
            hovertext=[
                f"{f.date(m.day)}: {f.missing() if value is None else said(value)}"
                for m, value in zip(reports, values, strict=True)
            ],
            hoverinfo="text",
        )
    )
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    air = (high - low) * 0.35 or max(abs(high) * 0.1, 1.0)
    fig.update_layout({f"yaxis{axis[1:]}": {"range": [low - air, high + air]}})
    last = next((i for i in reversed(range(len(values))) if values[i] is not None), None)
    if last is None:
        _end(fig, len(reports) - 1, (low + high) / 2, axis, f.missing(), palette.unknown, shift=10)
    else:
        _end(
            fig,
            last,
            float(values[last] or 0.0),
            axis,
            said(float(values[last] or 0.0)),
            palette.ink,
            shift=10,
        )


def _heading(fig: go.Figure, text: str, at: float, palette: Palette) -> None:
    fig.add_annotation(
        x=0, y=at, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=4, text=text,
        showarrow=False, font={"color": palette.ink_soft, "size": 12},
    )  # fmt: skip


def _end(fig: go.Figure, x: Any, y: float, axis: str, text: str, color: str, *, shift: int) -> None:
    fig.add_annotation(
        x=x, y=y, yref=axis, text=rows.plain(text), showarrow=False, xanchor="left", xshift=shift,
        font={"color": color, "size": 12},
    )  # fmt: skip
