"""The figures of the Schedule screen: plain functions from the answers of metrics.queries.schedule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from metrics.queries.schedule import AHEAD_DAYS, BANDS, UNKNOWN
from ui.charts import base, rows
from ui.formats import Formats, as_date, is_missing
from ui.theme import Palette

ROWS = 14
NAMED = 5
NAME_PX = 17
WEEK = 7
BAND_TEXT = {
    "early": "schedule.band.early",
    "on_time": "schedule.band.on_time",
    "to_29": "schedule.band.to_29",
    "to_89": "schedule.band.to_89",
    "to_179": "schedule.band.to_179",
    "from_180": "schedule.band.from_180",
    UNKNOWN: "schedule.band.unknown",
}


def ranking(frame: pd.DataFrame, as_of: date, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """The first ROWS of the ranking: original, current, contract and forecast finish on one time axis."""
    shown = frame.head(ROWS)
    dates = {name: _dates(shown[name]) for name in _FINISHES}
    start, end = _span([*(d for column in dates.values() for d in column), as_of])
    ids = rows.ids(shown["project_id"])
    fig = rows.figure(
        palette,
        list(shown["name"]),
        [_ranking_note(row, t, f) for row in rows.each(shown)],
        x_range=(start, end),
        ids=ids,
        key=t.t("schedule.ranking.key"),
    )
    original, forecast = dates["original_baseline_finish"], dates["forecast_finish"]
    x, y = rows.links(original, forecast)
    fig.add_trace(
        go.Scatter(x=x, y=y, mode="lines", line={"color": palette.pale, "width": 2}, hoverinfo="skip")
    )
    looks = {
        "original_baseline_finish": {"symbol": "circle-open", "size": 10, "color": palette.ink_soft},
        "baseline_finish": _tick(palette.ink_soft, 14),
        "contract_finish": {"symbol": "x-thin", "size": 8, "line": {"color": palette.ink, "width": 1.8}},
        "forecast_finish": {"symbol": "circle", "size": 11, "color": palette.ink},
    }
    for name, marker in looks.items():
        fig.add_trace(
            go.Scatter(
                x=dates[name],
                y=[rows.mark_y(i) for i in range(len(shown))],
                mode="markers",
                marker=marker,
                customdata=ids,
                hovertext=[
                    t.t(
                        "schedule.hover.date",
                        name=rows.plain(row, 80),
                        what=t.t(_FINISHES[name]),
                        date=f.date(day),
                    )
                    for row, day in zip(shown["name"], dates[name], strict=True)
                ],
                hoverinfo="text",
            )
        )
    base.month_axis(fig, start, end, f, ticks=6)
    return base.today_line(fig, as_of, f.date(as_of), palette)


_FINISHES = {
    "original_baseline_finish": "schedule.col.original",
    "baseline_finish": "schedule.col.current",
    "contract_finish": "schedule.col.contract",
    "forecast_finish": "schedule.col.forecast",
}


def _ranking_note(row: Any, t: Translator, f: Formats) -> str:
    """The slip, the schedule's quality where there is a schedule, and the status's age where it is stale."""
    parts = [f.days_short(row.ranked_days)]
    if not is_missing(row.applicable) and row.applicable:
        passed, applicable = f.number(row.passed), f.number(row.applicable)
        parts.append(t.t("schedule.ranking.quality", passed=passed, applicable=applicable))
    if row.is_stale:
        parts.append(t.t("schedule.ranking.stale", age=f.span(row.days_since_status)))
    return " · ".join(parts)


def distribution(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Projects by how late they are: outlined against the original baseline, filled the current one."""
    fig = base.figure(palette, height=380, margin={"l": 8, "r": 8, "t": 40, "b": 8}, bargroupgap=0.08)
    known = frame.set_index("band").loc[[*BANDS, UNKNOWN]]
    labels = [t.t(BAND_TEXT[str(band)]) for band in known.index]
    looks = {
        "original": {"color": "rgba(0,0,0,0)", "line": {"color": palette.ink, "width": 1.4}},
        "current": {"color": palette.mid, "line": {"width": 0}},
    }
    for against, marker in looks.items():
        fig.add_trace(
            go.Bar(
                x=labels,
                y=list(known[against]),
                marker=marker,
                text=[f.number(count) if count else "" for count in known[against]],
                textposition="outside",
                textfont={"color": palette.ink_soft, "size": 12},
                cliponaxis=False,
                customdata=[[against, str(band)] if band in BANDS else None for band in known.index],
                hoverinfo="none",
            )
        )
    fig.update_yaxes(visible=False)
    _key(fig, t.t("schedule.distribution.key"), palette)
    return fig


def trend(frame: pd.DataFrame, as_of: date, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Milestone trend: reports across, dates up; rising is slipping, the diagonal is the report's own day.

    The NAMED lines that moved most are dark, numbered at their end and named above; a ring marks where a
    date was reached.
    """
    lines = [line for _, line in frame.groupby("rank", sort=True)]
    named = [line for line in lines[:NAMED] if line["moved_days"].iloc[0]]
    top = 24 + NAME_PX * len(named)
    fig = base.figure(
        palette,
        height=400 + top,
        margin={"l": 8, "r": 22, "t": top, "b": 8},
        hovermode="closest",
        xaxis={"fixedrange": True},
        yaxis={"fixedrange": True},
    )
    low, high = _span(_dates(frame["forecast_finish"]), share=0.05)
    first = min((day for day in _dates(frame["status_date"]) if day), default=as_of)
    fig.add_trace(
        go.Scatter(
            x=[str(first), str(as_of)],
            y=[str(first), str(as_of)],
            mode="lines",
            hoverinfo="skip",
            line={"color": palette.ink_soft, "width": 1, "dash": "dot"},
        )
    )
    for number, line in reversed(list(enumerate(lines))):
        fig.add_trace(_trend_line(line, number < len(named), palette, t, f))
    _number_ends(fig, named, as_of, (low, high), palette, f)
    fig.update_yaxes(range=[low, high])
    base.month_axis(fig, first, as_of, f, ticks=6)
    _month_ticks(fig, low, high, f)
    return fig


def _trend_line(
    line: pd.DataFrame, is_named: bool, palette: Palette, t: Translator, f: Formats
) -> go.Scatter:
    x, y = _dates(line["status_date"]), _dates(line["forecast_finish"])
    name = rows.plain(_line_name(line.iloc[0]), 80)
    color = palette.ink if is_named else palette.pale
    return go.Scatter(
        x=[str(day) for day in x],
        y=[str(day) for day in y],
        mode="lines+markers",
        line={"color": color, "width": 2.2 if is_named else 1.2},
        marker={
            "size": [9 if reached else 5 if is_named else 3 for reached in line["is_reached"]],
            "symbol": ["circle-open" if reached else "circle" for reached in line["is_reached"]],
            "color": color,
            "line": {"width": [1.6 if reached else 0 for reached in line["is_reached"]], "color": color},
        },
        customdata=rows.ids(line["project_id"]),
        hovertext=[
            t.t("schedule.hover.trend", name=name, on=f.date(on), date=f.date(day))
            for on, day in zip(x, y, strict=True)
        ],
        hoverinfo="text",
    )


def _line_name(row: Any) -> str:
    return f"{row['name']}: {row['milestone']}" if "milestone" in row.index else str(row["name"])


def _number_ends(
    fig: go.Figure,
    named: Sequence[pd.DataFrame],
    at: date,
    span: tuple[date, date],
    palette: Palette,
    f: Formats,
) -> None:
    """The named lines: their numbers clear of each other at the right edge, their names above the figure."""
    low, high = span
    days = max((high - low).days, 1)
    ends = [float((as_date(line["forecast_finish"].iloc[-1]) - low).days) for line in named]
    for number, height in enumerate(rows.spread(ends, days * 0.045), start=1):
        fig.add_annotation(
            x=at,
            y=low + timedelta(days=height),
            text=f"<b>{number}</b>",
            showarrow=False,
            xanchor="left",
            xshift=5,
            font={"color": palette.ink, "size": 12},
        )
    names = [
        f"<b>{number}</b>  {rows.plain(_line_name(row), 36)}  {f.days_short(row['moved_days'])}"
        for number, row in enumerate((line.iloc[0] for line in named), start=1)
    ]
    fig.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=6,
        align="left",
        text="<br>".join(names),
        showarrow=False,
        font={"color": palette.ink, "size": 12},
    )


def _month_ticks(fig: go.Figure, low: date, high: date, f: Formats) -> None:
    months = pd.date_range(low, high, freq="MS")
    shown = months[:: max(1, -(-len(months) // 8))]
    fig.update_yaxes(tickvals=list(shown), ticktext=[f.month(month) for month in shown], type="date")


def calendar(frame: pd.DataFrame, as_of: date, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """The next AHEAD_DAYS by week: a dot per contractual date (filled: forecast late), damages below.

    What is overdue stands in a column of its own before today. Below, damages per week: outlined what the
    contract allows at most, filled what is likely.
    """
    fig = base.figure(
        palette, height=360, margin={"l": 8, "r": 8, "t": 46, "b": 8}, hovermode="closest", barmode="overlay"
    )
    weeks = [_week(day, as_of) for day in _dates(frame["due_on"])]
    seen: Counter[int] = Counter()
    lanes = []
    for week in weeks:
        lanes.append(seen[week])
        seen[week] += 1
    tallest = max(seen.values(), default=1)
    late = [not is_missing(days) and days > 0 for days in frame["days_late"]]
    unknown = [is_missing(days) for days in frame["days_late"]]
    fig.add_trace(
        go.Scatter(
            x=[_week_day(week, as_of) for week in weeks],
            y=lanes,
            mode="markers",
            marker={
                "size": max(5, min(15, 190 // max(tallest, 1))),
                "symbol": [_dot(a, b) for a, b in zip(late, unknown, strict=True)],
                "color": palette.ink,
                "line": {"width": 1.4, "color": palette.ink},
            },
            customdata=rows.ids(frame["project_id"]),
            hovertext=[_calendar_hover(row, t, f) for row in rows.each(frame)],
            hoverinfo="text",
        )
    )
    sums = frame.assign(week=weeks).groupby("week")[["ld_maximum", "ld_probable"]].sum(min_count=1)
    for column, marker in (
        ("ld_maximum", {"color": "rgba(0,0,0,0)", "line": {"color": palette.ink_soft, "width": 1}}),
        ("ld_probable", {"color": palette.ink, "line": {"width": 0}}),
    ):
        fig.add_trace(
            go.Bar(
                x=[_week_day(int(week), as_of) for week in sums.index],
                y=list(sums[column]),
                width=5 * 86_400_000,
                marker=marker,
                yaxis="y2",
                text=_labels(sums[column], f) if column == "ld_maximum" else None,
                textposition="outside",
                textfont={"color": palette.ink_soft, "size": 11},
                textangle=0,
                constraintext="none",
                cliponaxis=False,
                hoverinfo="none",
            )
        )
    fig.update_layout(
        yaxis={"domain": [0.36, 1], "range": [-0.6, max(tallest, 4) - 0.4], "visible": False},
        yaxis2={"domain": [0, 0.24], "visible": False, "rangemode": "tozero"},
        xaxis_anchor="y2",
    )
    _key(fig, t.t("schedule.calendar.key"), palette)
    _key(fig, t.t("schedule.calendar.damages_key"), palette, y=0.30)
    starts = range(0, AHEAD_DAYS, WEEK)
    fig.update_xaxes(
        range=[as_of - timedelta(days=WEEK + 2), as_of + timedelta(days=AHEAD_DAYS + 3)],
        tickvals=[_week_day(-1, as_of), *(as_of + timedelta(days=day) for day in list(starts)[1::3])],
        ticktext=[
            t.t("schedule.calendar.overdue"),
            *(f.day(as_of + timedelta(days=day)) for day in list(starts)[1::3]),
        ],
        fixedrange=True,
        type="date",
    )
    fig.update_yaxes(fixedrange=True)
    return base.today_line(fig, as_of, f.day(as_of), palette)


def _labels(values: pd.Series, f: Formats) -> list[str]:
    """The figures of bars tall enough to have one."""
    least = float(values.max() or 0) * 0.3
    return [f.short(value) if value > least else "" for value in values]


def _key(fig: go.Figure, text: str, palette: Palette, *, y: float = 1.0) -> None:
    """One line that explains the marks."""
    fig.add_annotation(
        x=0,
        y=y,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=16 if y == 1.0 else 0,
        text=text,
        showarrow=False,
        font={"color": palette.ink_soft, "size": 12},
    )


def _week(day: date | None, as_of: date) -> int:
    """The week from the as-of date in which a day falls; -1 for all that is past."""
    return -1 if day is None or day < as_of else (day - as_of).days // WEEK


def _week_day(week: int, as_of: date) -> date:
    return as_of + timedelta(days=WEEK * week + WEEK // 2)


def _dot(is_late: bool, is_unknown: bool) -> str:
    if is_unknown:
        return "circle-dot"
    return "circle" if is_late else "circle-open"


def _calendar_hover(row: Any, t: Translator, f: Formats) -> str:
    text = (
        "schedule.hover.due" if is_missing(row.days_late) or row.days_late <= 0 else "schedule.hover.due_late"
    )
    return t.t(
        text,
        name=rows.plain(row.name, 80),
        milestone=rows.plain(row.milestone, 80),
        date=f.date(row.due_on),
        expected=f.date(row.expected_date),
        days=f.days(row.days_late),
        damages=f.money(row.ld_maximum, row.money_in),
    )


def movers(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """How far each forecast finish moved since the comparison date: right is later, left is earlier."""
    days = [float(value) for value in frame["moved_days"]]
    furthest = max((abs(value) for value in days), default=1.0) * 1.05
    low = 0.0 if min(days, default=0) >= 0 else -furthest
    high = 0.0 if max(days, default=0) <= 0 else furthest
    ids = rows.ids(frame["project_id"])
    fig = rows.figure(
        palette,
        list(frame["name"]),
        [_mover_note(row, t, f) for row in rows.each(frame)],
        x_range=(low, high),
        ids=ids,
        grid=False,
        title=t.t("schedule.axis.days"),
    )
    hover = [
        t.t(
            "schedule.hover.moved",
            name=rows.plain(row.name, 80),
            was=f.date(row.finish_was),
            now=f.date(row.finish_now),
        )
        for row in rows.each(frame)
    ]
    fig.add_trace(rows.bars(palette, [0.0] * len(days), days, palette.ink, hover=hover, ids=ids))
    return rows.zero_line(fig, len(days), palette.ink_soft)


def _mover_note(row: Any, t: Translator, f: Formats) -> str:
    moved = f.days_short(row.moved_days)
    if is_missing(row.baseline_moved_days) or not row.baseline_moved_days:
        return moved
    return t.t("schedule.movers.rebaselined", moved=moved)


def hides(frame: pd.DataFrame) -> pd.DataFrame:
    """The projects whose new baselines hide slip."""
    return frame[frame["hidden_days"].fillna(0) > 0]


def rebaselined(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """What new baselines hide: filled the slip they still show, outlined the slip they took out of sight."""
    shown = hides(frame).head(ROWS)
    visible = [float(value) for value in shown["slip_days"]]
    total = [float(value) for value in shown["slip_days_original"]]
    low, high = min([0.0, *visible, *total]), max([1.0, *visible, *total])
    ids = rows.ids(shown["project_id"])
    fig = rows.figure(
        palette,
        list(shown["name"]),
        [
            t.n(
                "schedule.rebaselined.note",
                int(row.rebaseline_count),
                hidden=f.days_short(row.hidden_days, signed=False),
            )
            for row in rows.each(shown)
        ],
        x_range=(low, high * 1.02),
        ids=ids,
        grid=False,
        title=t.t("schedule.axis.days"),
        key=t.t("schedule.rebaselined.key"),
    )
    hidden = [b - a for a, b in zip(visible, total, strict=True)]
    hover = [
        t.t(
            "schedule.hover.hidden",
            name=rows.plain(row.name, 80),
            current=f.days_short(row.slip_days),
            original=f.days_short(row.slip_days_original),
        )
        for row in rows.each(shown)
    ]
    fig.add_trace(rows.bars(palette, visible, hidden, palette.ink, hollow=True, hover=hover, ids=ids))
    fig.add_trace(rows.bars(palette, [0.0] * len(visible), visible, palette.ink, hover=hover, ids=ids))
    fig.update_layout(barmode="overlay")
    return rows.zero_line(fig, len(shown), palette.ink_soft)


def _tick(color: str, size: int) -> dict[str, Any]:
    return {"symbol": "line-ns", "size": size, "line": {"color": color, "width": 2.4}}


def _dates(values: pd.Series) -> list[date | None]:
    return [None if is_missing(value) else as_date(value) for value in values]


def _span(days: Sequence[date | None], share: float = 0.03) -> tuple[date, date]:
    """The first and the last day with some air on both sides."""
    known = [day for day in days if day is not None]
    if not known:
        return date(2000, 1, 1), date(2000, 12, 31)
    air = timedelta(days=max(10, round((max(known) - min(known)).days * share)))
    return min(known) - air, max(known) + air
