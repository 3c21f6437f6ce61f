"""The figures of the Risks & changes screen: plain functions from the answers of metrics.queries.risks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from metrics.queries.risks import HIGH_CELL, Kind
from ui.charts import base, rows
from ui.charts.ticks import nice_ticks
from ui.formats import Formats, as_date, is_missing
from ui.theme import Palette

ROWS = 12
LEVELS = (
    "risks.level.very_low",
    "risks.level.low",
    "risks.level.moderate",
    "risks.level.high",
    "risks.level.very_high",
)
PROBABILITIES = (
    "risks.probability.very_low",
    "risks.probability.low",
    "risks.probability.moderate",
    "risks.probability.high",
    "risks.probability.very_high",
)
STATE_TEXT = {
    "draft": "risks.state.draft",
    "submitted": "risks.state.submitted",
    "approved": "risks.state.approved",
    "implemented": "risks.state.implemented",
    "rejected": "risks.state.rejected",
}


def grid(frame: pd.DataFrame, kind: Kind, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Probability against impact, five by five: a ring per cell with its count, a disc where it is high."""
    placed = frame.dropna(subset=["p_index", "i_index"])
    fig = base.figure(palette, height=330, margin={"l": 8, "r": 8, "t": 34, "b": 8})
    most = max([int(count) for count in placed["risks"]], default=1)
    high = [float(cell) >= HIGH_CELL for cell in placed["cell"]]
    fig.add_trace(
        go.Scatter(
            x=[int(value) for value in placed["i_index"]],
            y=[int(value) for value in placed["p_index"]],
            mode="markers+text",
            marker={
                "size": [22 + 24 * (int(count) / most) ** 0.5 for count in placed["risks"]],
                "symbol": ["circle" if is_high else "circle-open" for is_high in high],
                "color": [palette.mid if is_high else palette.ink for is_high in high],
                "line": {"width": 1.4},
            },
            text=[f.number(count) for count in placed["risks"]],
            textfont={"color": palette.ink, "size": 13},
            customdata=[
                [kind, int(p), int(i)] for p, i in zip(placed["p_index"], placed["i_index"], strict=True)
            ],
            hovertext=[
                t.n("risks.hover.cell", int(row.risks), score=f.ratio(row.cell),
                    amount=f.money(row.exposure, row.currency))
                for row in rows.each(placed)
            ],
            hoverinfo="text",
            cliponaxis=False,
        )
    )  # fmt: skip
    for edge in (1.5, 2.5, 3.5, 4.5):
        line = {"color": palette.line, "width": 1}
        fig.add_shape(type="line", x0=edge, x1=edge, y0=0.5, y1=5.5, line=line, layer="below")
        fig.add_shape(type="line", y0=edge, y1=edge, x0=0.5, x1=5.5, line=line, layer="below")
    axis = {
        "range": [0.5, 5.5],
        "tickvals": [1, 2, 3, 4, 5],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    fig.update_layout(
        xaxis=axis | _named(t, "risks.axis.impact", LEVELS),
        yaxis=axis | _named(t, "risks.axis.probability", PROBABILITIES),
    )
    return _key(fig, t.t("risks.grid.key", score=f.ratio(HIGH_CELL)), palette)


def _named(t: Translator, title: str, levels: Sequence[str]) -> dict[str, Any]:
    return {"title": {"text": t.t(title)}, "ticktext": [t.t(level) for level in levels]}


def cover(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Expected cost of risks (filled) on the contingency left (outlined), the least covered project first."""
    shown = frame.head(ROWS)
    exposure, kept = list(shown["exposure"].astype(float)), list(shown["contingency"].astype(float))
    ids = rows.ids(shown["project_id"])
    furthest = max([*exposure, *kept, 1.0]) * 1.03
    fig = rows.figure(
        palette,
        list(shown["name"]),
        [_cover_note(row, t, f) for row in rows.each(shown)],
        x_range=(0, furthest),
        ids=ids,
        key=t.t("risks.cover.key"),
        grid=False,
    )
    hover = [
        t.t("risks.hover.cover", name=rows.plain(row.name, 80), exposure=f.money(row.exposure, row.money_in),
            contingency=f.money(row.contingency, row.money_in))
        for row in rows.each(shown)
    ]  # fmt: skip
    zero = [0.0] * len(shown)
    fig.add_trace(rows.bars(palette, zero, kept, palette.ink_soft, hollow=True, hover=hover, ids=ids))
    fig.add_trace(rows.bars(palette, zero, exposure, palette.ink, width=0.14, hover=hover, ids=ids))
    fig.update_layout(barmode="overlay")
    ticks = nice_ticks(0.0, furthest)
    return fig.update_xaxes(tickvals=ticks, ticktext=[f.short(tick) for tick in ticks])


def _cover_note(row: Any, t: Translator, f: Formats) -> str:
    if row.gap > 0:
        return t.t("risks.cover.short", gap=f.money(row.gap, row.money_in))
    return t.t("risks.cover.used", share=f.percent(row.ratio, 0))


def trend(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Expected cost of open risks against the contingency left, by month end."""
    fig = base.figure(palette, height=320, margin={"l": 8, "r": 8, "t": 26, "b": 8})
    days = [as_date(day) for day in frame["day"]]
    currency = str(frame["currency"].iloc[0])
    looks = (
        ("contingency", "risks.trend.contingency", base.line(palette, "baseline"), palette.ink_soft),
        ("exposure", "risks.trend.exposure", base.line(palette, "actual"), palette.ink),
    )
    known: list[float] = []
    for column, text, line, color in looks:
        values = [None if is_missing(value) else float(value) for value in frame[column]]
        known += [value for value in values if value is not None]
        fig.add_trace(
            go.Scatter(
                x=[str(day) for day in days],
                y=values,
                mode="lines+markers",
                line=line,
                marker={"size": 5, "color": color, "line": {"width": 0}},
                hovertext=[
                    f"{f.date(day)}<br>{t.t(text)}: {f.money(value, currency)}"
                    for day, value in zip(days, values, strict=True)
                ],
                hoverinfo="text",
            )
        )
        last = next((value for value in reversed(values) if value is not None), None)
        if last is not None:
            fig.add_annotation(
                x=days[-1], y=last, text=f"{t.t(text)} {f.money(last, currency)}", showarrow=False,
                xanchor="right", yanchor="bottom", yshift=4, font={"color": color, "size": 12},
            )  # fmt: skip
    ticks = nice_ticks(0.0, max(known, default=1.0) or 1.0)
    top = (max(known, default=1.0) or 1.0) * 1.12
    fig.update_yaxes(
        range=[0, top], tickvals=ticks, ticktext=[f.short(tick) for tick in ticks], fixedrange=True
    )
    fig.update_xaxes(fixedrange=True)
    air = timedelta(days=12)
    return base.month_axis(fig, days[0] - air, days[-1] + air, f, ticks=6)


def pipeline(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Changes from draft to implemented by their value: outlined while open, filled once decided."""
    values = [0.0 if is_missing(value) else float(value) for value in frame["value"]]
    low, high = min([0.0, *values]), max([0.0, *values]) or 1.0
    ids = rows.ids(frame["status"])
    fig = rows.figure(
        palette,
        [
            t.n("risks.pipeline.row", int(row.changes), state=t.t(STATE_TEXT[row.status]))
            for row in rows.each(frame)
        ],
        [
            t.t("risks.pipeline.note", value=f.money(row.value, row.currency), age=f.span(row.median_age),
                days=f.days_short(row.days))
            for row in rows.each(frame)
        ],
        x_range=(low * 1.03, high * 1.03),
        ids=ids,
        key=t.t("risks.pipeline.key"),
        grid=False,
        longest=60,
    )  # fmt: skip
    for is_open in (True, False):
        at = [i for i, state in enumerate(frame["status"]) if (state in {"draft", "submitted"}) == is_open]
        if at:
            fig.add_trace(
                rows.bars(
                    palette,
                    [0.0] * len(at),
                    [values[i] for i in at],
                    palette.ink if is_open else palette.mid,
                    hollow=is_open,
                    rows=at,
                    ids=[ids[i] for i in at],
                )
            )
    ticks = nice_ticks(low, high)
    return fig.update_xaxes(tickvals=ticks, ticktext=[f.short(tick) for tick in ticks])


def _key(fig: go.Figure, text: str, palette: Palette) -> go.Figure:
    return fig.add_annotation(
        x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=8, text=text,
        showarrow=False, font={"color": palette.ink_soft, "size": 12},
    )  # fmt: skip
