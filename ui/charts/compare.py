"""The figure of the Compare screen: how far two projects, or one as known on two dates, have come."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui.charts import base, rows
from ui.formats import Formats, as_date, is_missing
from ui.theme import Palette

SIDES = ("left", "right")
GAP = 0.085
"""How far apart two labels must be, as a part of the whole work."""

ROOM = 0.6
"""A line that ends before this part of the axis has room for its name to the right."""


def progress(
    frame: pd.DataFrame, names: tuple[str, str], palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """Work planned (thin) and earned (thick) by months since each side's start; the left in ink, the right grey.

    `frame` has the rows of metrics.queries.compare.curve of both, under `side`.
    """
    fig = base.figure(palette, height=360, margin={"l": 8, "r": 8, "t": 34, "b": 8}, hovermode="closest")
    looks = {"left": palette.ink, "right": palette.mid}
    ends: list[tuple[float, float, str, str]] = []
    for side, name in zip(SIDES, names, strict=True):
        of = frame[frame["side"] == side]
        for column, line in (
            ("percent_planned", {"width": 1.2, "color": looks[side]}),
            ("percent_complete", {"width": 2.8, "color": looks[side]}),
        ):
            known = of[of[column].notna()]
            fig.add_trace(
                go.Scatter(
                    x=list(known["months"]), y=list(known[column]), mode="lines", name=name, line=line,
                    hovertext=[_hover(row, column, name, t, f) for row in rows.each(known)], hoverinfo="text",
                )
            )  # fmt: skip
        earned = of[of["percent_complete"].notna()]
        if len(earned):
            last = earned.iloc[-1]
            share = float(last["percent_complete"])
            label = t.t("compare.curve.end", name=rows.cut(name, rows.LONGEST), earned=f.percent(share, 0))
            ends.append(
                (float(last["months"]), share, label, palette.ink_soft if side == "right" else looks[side])
            )
    furthest = float(frame["months"].max()) or 1.0
    _name_ends(fig, ends, furthest)
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
    fig.update_yaxes(
        range=[0, 1.12], tickvals=ticks, ticktext=[f.percent(tick, 0) for tick in ticks], fixedrange=True
    )
    fig.update_xaxes(
        range=[0, furthest * 1.03],
        title_text=t.t("compare.curve.months"),
        fixedrange=True,
        rangemode="tozero",
    )
    return fig.add_annotation(
        x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=8,
        text=t.t("compare.curve.key"), showarrow=False, font={"color": palette.ink_soft, "size": 12},
    )  # fmt: skip


def _name_ends(fig: go.Figure, ends: list[tuple[float, float, str, str]], furthest: float) -> None:
    """Each side's name and share at the end of its line; late ones in the corner that an S-curve leaves empty."""
    for month, share, _, color in ends:
        fig.add_trace(
            go.Scatter(
                x=[month], y=[share], mode="markers", marker={"size": 8, "color": color}, hoverinfo="skip"
            )
        )
    if all(month < furthest * ROOM for month, *_ in ends):
        for (month, _, label, color), y in zip(ends, rows.spread([end[1] for end in ends], GAP), strict=True):
            base.end_label(fig, month, y, label, color)
        return
    for place, (_, _, label, color) in enumerate(sorted(ends, key=lambda end: -end[1])):
        base.end_label(fig, furthest, GAP * (len(ends) - place), f"● {label}", color, anchor="right")


def _hover(row: Any, column: str, name: str, t: Translator, f: Formats) -> str:
    value = getattr(row, column)
    share = f.missing() if is_missing(value) else f.percent(value)
    what = t.t(f"metric.{column}.name")
    return f"{rows.plain(name)}<br>{f.date(as_date(row.period_end))}<br>{what}: {share}"
