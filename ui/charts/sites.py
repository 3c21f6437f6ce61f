"""Figures of the Sites screen."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui.charts.base import end_label, figure, line, month_axis, today_line
from ui.charts.maps import draw_countries
from ui.charts.rows import ids, spread
from ui.charts.ticks import nice_ticks
from ui.formats import Formats, is_missing
from ui.marks import escape
from ui.theme import Palette

CURVES = (
    ("planned", "baseline"),
    ("forecast", "forecast"),
    ("on_air", "actual"),
    ("accepted", "actual"),
)
SYMBOLS = {"late": "diamond", "planned": "circle-open", "on_air": "circle"}
SMALLEST = {"late": 7.0, "planned": 5.0, "on_air": 5.0}
LARGEST = 22.0
"""Pixels across of the mark of one site, and at most: its area grows with the sites that stand there."""
MAP_HEIGHT = 420
GAP = 0.075
"""How far apart two labels must be, as a part of the highest value."""
COUNTRIES = ("MX", "CO")
NARROWEST, LETTER = 240, 7.0
"""Pixels that bars have beside their names on a phone, and about the width of a letter of what is said there."""


def burn_up(frame: pd.DataFrame, as_of: date, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """Cumulative sites by week: planned thin, forecast dashed from today on, on air and accepted solid."""
    fig = figure(palette, height=340)
    days = pd.to_datetime(frame["week_end"])
    ends: list[tuple[Any, float, str, str]] = []
    for column, role in CURVES:
        shown = frame[column].where(days >= pd.Timestamp(as_of)) if column == "forecast" else frame[column]
        style = line(palette, role) | ({"color": palette.mid} if column == "accepted" else {})
        fig.add_scatter(
            x=days, y=shown, name=t.t(f"sites.curve.{column}"), mode="lines", line=style,
            hovertext=[
                f"{f.date(day)}: {f.number(sites)} {t.t(f'sites.curve.{column}')}"
                for day, sites in zip(days, shown, strict=True)
            ],
            hoverinfo="text",
        )  # fmt: skip
        known = shown.last_valid_index()
        if known is not None:
            color = palette.ink_soft if column == "planned" else style["color"]
            ends.append((days[known], float(shown[known]), t.t(f"sites.curve.{column}"), color))
    _name_ends(fig, ends, days.min() + 0.55 * (days.max() - days.min()), t, f)
    today_line(fig, as_of.isoformat(), f.day(as_of), palette)
    month_axis(fig, days.min().date(), (days.max() + pd.Timedelta(days=14)).date(), f, ticks=6)
    top = max((value for _, value, _, _ in ends), default=1.0) or 1.0
    ticks = nice_ticks(0.0, top)
    return fig.update_yaxes(
        range=[0, top * (1.08 + 2 * GAP)],
        tickvals=ticks,
        ticktext=[f.number(tick) for tick in ticks],
        fixedrange=True,
    )


def _name_ends(
    fig: go.Figure, ends: list[tuple[Any, float, str, str]], late: Any, t: Translator, f: Formats
) -> None:
    """Each curve's name and number at its end; those that end together are moved apart.

    After the day `late` the names stand left of the end, above the curve: right of it a phone has no room.
    """
    gap = GAP * (max((value for _, value, _, _ in ends), default=1.0) or 1.0)
    together: dict[Any, list[tuple[Any, float, str, str]]] = {}
    for end in ends:
        together.setdefault(end[0], []).append(end)
    for group in together.values():
        left = group[0][0] > late
        lift = gap * (len(group) + 1) / 2 if left else 0.0
        heights = spread([end[1] + lift for end in group], gap)
        for (day, value, name, color), y in zip(group, heights, strict=True):
            text = t.t("sites.curve.end", curve=name, sites=f.number(value))
            end_label(fig, day, y, text, color, anchor="right" if left else "left")


def funnel(frame: pd.DataFrame, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """Sites that have reached each stage, one bar a stage, its number at the end. customdata: the stage."""
    fig = figure(palette, height=300)
    fig.add_bar(
        y=[t.t(f"value.{stage}") for stage in frame["stage"]],
        x=frame["reached"], orientation="h", marker={"color": palette.mid},
        text=[f.number(n) for n in frame["reached"]], textposition="outside", cliponaxis=False,
        hovertext=[f.number(n) for n in frame["reached"]], hovertemplate="%{y}: %{hovertext}<extra></extra>",
        customdata=ids(frame["stage"]),
    )  # fmt: skip
    fig.update_xaxes(visible=False, range=_room(frame["reached"], fig.data[0].text))
    return fig.update_yaxes(autorange="reversed", showgrid=False)


def _room(values: pd.Series, texts: Any) -> list[float]:
    """The range in which bars leave room for the longest text after them, on a phone too."""
    longest = float(values.max()) if len(values) else 1.0
    words = max((len(text) for text in texts or ()), default=0) * LETTER + 8
    return [0.0, (longest or 1.0) / max(1 - words / NARROWEST, 0.25)]


def blockers(frame: pd.DataFrame, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """Blocked sites by cause, the late ones in ink. customdata: the cause, and which of its sites."""
    fig = figure(palette, height=max(160, 44 * len(frame) + 40), barmode="stack")
    causes = [t.t(f"value.{cause}") for cause in frame["cause"]]
    not_due = frame["blocked"] - frame["late"]
    fig.add_bar(
        y=causes, x=frame["late"], orientation="h", marker={"color": palette.ink}, name=t.t("sites.late"),
        hovertext=[f.number(n) for n in frame["late"]], customdata=[[cause, "late"] for cause in frame["cause"]],
        hovertemplate=f"%{{y}}: %{{hovertext}} {t.t('sites.late')}<extra></extra>",
    )  # fmt: skip
    fig.add_bar(
        y=causes, x=not_due, orientation="h", marker={"color": palette.pale}, name=t.t("sites.not_due"),
        text=[
            t.t("sites.late_of", late=f.number(late), blocked=f.number(blocked))
            for late, blocked in zip(frame["late"], frame["blocked"], strict=True)
        ],
        textposition="outside", cliponaxis=False,
        hovertext=[f.number(n) for n in not_due], customdata=[[cause, "blocked"] for cause in frame["cause"]],
        hovertemplate=f"%{{y}}: %{{hovertext}} {t.t('sites.not_due')}<extra></extra>",
    )  # fmt: skip
    fig.update_xaxes(visible=False, range=_room(frame["blocked"], fig.data[1].text))
    return fig.update_yaxes(autorange="reversed", showgrid=False)


def site_map(frame: pd.DataFrame, country: str, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """The sites of one country on its outline, a mark's area after how many stand there; late ones on top.

    customdata: project, sites.
    """
    fig = draw_countries(figure(palette, height=MAP_HEIGHT), country, palette)
    colours = {"late": palette.ink, "planned": palette.mid, "on_air": palette.pale}
    for state in ("on_air", "planned", "late"):
        some = frame[frame["state"] == state]
        fig.add_scatter(
            x=some["longitude"].round(3), y=some["latitude"].round(3), mode="markers",
            name=t.t(f"sites.state.{state}"),
            marker={
                "symbol": SYMBOLS[state], "color": colours[state],
                "size": [round(min(SMALLEST[state] + math.sqrt(n - 1), LARGEST), 1) for n in some["sites"]],
            },
            customdata=some[["project_id", "sites"]].to_numpy(),
            text=[_said(row, state, t, f) for row in some.itertuples()],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    return fig


def _said(row: Any, state: str, t: Translator, f: Formats) -> str:
    """What a mark holds: the site or how many, whose, how late, what holds them up."""
    many = row.sites > 1
    parts = [
        t.t(
            "sites.map.many",
            sites=t.n("sites.listed", int(row.sites)),
            state=t.t(f"sites.state.{state}").lower(),
        )
        if many
        else escape(row.name),
        escape(row.project_name)
        if row.projects == 1
        else t.n("sites.map.projects", int(row.projects) - 1, name=escape(row.project_name)),
    ]
    if not is_missing(row.days_late):
        key = "sites.map.up_to_late" if many else "sites.days_late"
        parts.append(t.t(key, days=f.days(row.days_late)))
    if isinstance(row.blocked_by, str):
        parts.append(t.label("value", row.blocked_by))
    return "<br>".join(parts)
