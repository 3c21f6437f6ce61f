"""The figures of the One project screen: plain functions from the answers of metrics.queries.project.

Solid is actual, dashed forecast, thin grey the current baseline, dotted the original one. The critical path
is dark, the rest grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from metrics.queries.project import Outlook
from ui.charts import base, rows
from ui.charts.ticks import nice_ticks
from ui.formats import Formats, as_date, is_missing
from ui.theme import Palette

TASK_PX = 32
"""Height of a row of the Gantt."""
NAME = 44
"""Letters of a task's name."""
LINKS = 80
"""Dependencies drawn at most: more would be a tangle."""

_MONEY = {
    "planned": "planned_value",
    "original": "planned_value_original",
    "earned": "earned_value",
    "actual": "actual_cost",
}
_SHARE = {"planned": "percent_planned", "earned": "percent_complete"}
_NAMES = {
    "planned": "project.curve.planned",
    "original": "project.curve.original",
    "earned": "project.curve.earned",
    "actual": "project.curve.actual",
    "eac": "project.curve.eac",
}


def has_money(frame: pd.DataFrame) -> bool:
    """Whether the S-curve is in money; else it is in shares of the work."""
    return bool(frame["planned_value"].notna().any())


def s_curve(
    frame: pd.DataFrame, outlook: Outlook | None, as_of: date, palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """Planned, earned and actual to date, and from there the forecasts of cost and finish as a cone.

    The cone spans every known variant of the cost at completion and of the finish; the dashed line in it goes
    to the ones that the project status uses. Without money the curve is in shares of the work.
    """
    fig = base.figure(palette, height=360, hovermode="closest")
    in_money = has_money(frame)
    lines = {name: column for name, column in (_MONEY if in_money else _SHARE).items() if column in frame}
    if in_money and (frame["planned_value_original"].isna() | _same(frame)).all():
        lines.pop("original")
    currency = frame["money_in"].iloc[0] if in_money else None
    days = [as_date(day) for day in frame["period_end"]]

    def said(value: float) -> str:
        return f.money(value, currency) if in_money else f.percent(value, 0)

    looks = {
        "planned": base.line(palette, "baseline"),
        "original": base.line(palette, "original_baseline"),
        "earned": base.line(palette, "actual"),
        "actual": base.line(palette, "actual") | {"color": palette.mid},
    }
    ends: list[tuple[date, float, str, str]] = []
    for name, column in lines.items():
        known = [(day, float(v)) for day, v in zip(days, frame[column], strict=True) if not is_missing(v)]
        if not known:
            continue
        fig.add_trace(
            go.Scatter(
                x=[day for day, _ in known],
                y=[value for _, value in known],
                mode="lines",
                name=t.t(_NAMES[name]),
                line=looks[name],
                hovertext=[f"{t.t(_NAMES[name])}, {f.date(day)}: {said(v)}" for day, v in known],
                hoverinfo="text",
            )
        )
        if name in ("planned", "original"):
            day, value = known[-1]
            fig.add_annotation(
                x=day, y=value, text=t.t(_NAMES[name]), showarrow=False, xanchor="right", yanchor="bottom",
                font={"color": palette.ink_soft, "size": 12},
            )  # fmt: skip
            continue
        day, value = known[-1]
        ends.append((day, value, t.t(_NAMES[name]), looks[name]["color"]))
    if outlook is not None and in_money:
        ends += _cone(fig, frame, outlook, palette, t, said)
    last = max([as_of, *days, *(day for day, *_ in ends)], default=as_of)
    first = min(days, default=as_of)
    span = max((last - first).days, 30)
    base.month_axis(fig, first - timedelta(days=span // 40), last + timedelta(days=span // 4), f, ticks=6)
    base.today_line(fig, as_of, f.day(as_of), palette)
    tops = [float(v) for column in lines.values() for v in frame[column] if not is_missing(v)]
    highest = max([*tops, *(value for _, value, *_ in ends)], default=1.0) or 1.0
    _labels(fig, ends, highest)
    ticks = nice_ticks(0.0, highest * 1.05)
    fig.update_yaxes(
        range=[0, highest * 1.12],
        tickvals=ticks,
        ticktext=[said(v) if v else "0" for v in ticks],
        fixedrange=True,
    )
    return fig.update_xaxes(fixedrange=True)


def _same(frame: pd.DataFrame) -> pd.Series:
    return (frame["planned_value_original"] - frame["planned_value"]).abs() < 0.005


def _cone(
    fig: go.Figure, frame: pd.DataFrame, outlook: Outlook, palette: Palette, t: Translator, said: Any
) -> list[tuple[date, float, str, str]]:
    """Draw the forecast from the last actual on; returns the label of its end."""
    known = frame[frame["actual_cost"].notna()]
    finishes = sorted(outlook.finishes.values())
    costs = sorted(outlook.costs.values())
    if known.empty or not finishes or not costs or outlook.eac is None or outlook.finish is None:
        return []
    start, spent = as_date(known["period_end"].iloc[-1]), float(known["actual_cost"].iloc[-1])
    if outlook.ev_status_date is not None:
        start = min(start, outlook.ev_status_date)
    if finishes[-1] <= start:
        return []
    first, last, low, high = max(finishes[0], start), finishes[-1], costs[0], costs[-1]
    fig.add_trace(
        go.Scatter(
            x=[start, last, last, first, start],
            y=[spent, low, high, high, spent],
            mode="lines",
            fill="toself",
            fillcolor=palette.pale,
            opacity=0.35,
            line={"width": 0, "color": palette.pale},
            name="cone",
            hoverinfo="skip",
        )
    )
    hover = t.t("project.hover.forecast", cost=said(outlook.eac), low=said(low), high=said(high))
    fig.add_trace(
        go.Scatter(
            x=[start, outlook.finish],
            y=[spent, outlook.eac],
            mode="lines+markers",
            name="eac",
            line=base.line(palette, "forecast"),
            marker={"size": [0, 7], "color": palette.ink},
            hovertext=["", hover],
            hoverinfo="text",
        )
    )
    return [(outlook.finish, outlook.eac, t.t(_NAMES["eac"]), palette.ink)]


def _labels(fig: go.Figure, ends: Sequence[tuple[date, float, str, str]], highest: float) -> None:
    """Each line's name beside its end, clear of the others."""
    placed = rows.spread([value for _, value, *_ in ends], highest * 0.06)
    for (day, _, text, color), y in zip(ends, placed, strict=True):
        base.end_label(fig, day, y, text, color)


def gantt(
    frame: pd.DataFrame, links: pd.DataFrame, as_of: date, palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """The schedule against both baselines: done solid, to do outlined, critical dark, links as hairlines.

    Under each bar the current baseline as a thin line, the original one dotted where it differs. A milestone
    is a diamond. customdata is the task's uid.
    """
    told = rows.each(frame)
    low, high = span(told, as_of)
    ids = rows.ids(frame["task_uid"])
    fig = rows.figure(
        palette,
        ["\u2007" * 2 * depth(row, told) + str(row.name) for row in told],
        [slip(row, f) for row in told],
        x_range=(low, high),
        ids=ids,
        strong=[i for i, row in enumerate(told) if row.is_summary],
        row_px=TASK_PX,
        longest=NAME + 24,
    )
    _baselines(fig, told, palette)
    _links(fig, told, links, palette)
    for critical, color in ((False, palette.mid), (True, palette.ink)):
        for done in (False, True):
            _bars(fig, told, ids, (critical, done), color, t, f)
        _diamonds(fig, told, ids, critical, color, t, f)
    fig.update_layout(barmode="overlay")
    base.month_axis(fig, low, high, f, ticks=6)
    if low <= as_of <= high:
        base.today_line(fig, as_of, f.day(as_of), palette)
    return fig.update_xaxes(fixedrange=True)


def span(told: Sequence[Any], as_of: date) -> tuple[date, date]:
    """The days that a Gantt of these tasks shows, with some air at both ends."""
    days = [
        (row.start_on, row.finish_on, row.baseline_start, row.baseline_finish, row.original_finish)
        for row in told
    ]
    known = [as_date(day) for own in days for day in own if not is_missing(day)]
    low, high = _stretched(known, as_of)
    air = timedelta(days=max(7, (high - low).days // 30))
    return low - air, high + air


def _stretched(known: Sequence[date], as_of: date) -> tuple[date, date]:
    """From the first to the last day of the schedule, and to today where that is not far away from both."""
    if not known:
        return as_of, as_of
    low, high = min(known), max(known)
    room = (high - low) / 3
    return (min(low, as_of), max(high, as_of)) if low - room <= as_of <= high + room else (low, high)


def depth(row: Any, told: Sequence[Any]) -> int:
    """How far a task's name is indented among these."""
    top = min(int(other.outline_level) for other in told)
    return int(row.outline_level) - top


def slip(row: Any, f: Formats) -> str:
    """A task's slip against its current baseline; empty where there is none."""
    return "" if is_missing(row.slip_days) or row.slip_days == 0 else f.days_short(row.slip_days)


def _lane(i: int) -> float:
    return rows.mark_y(i) - 0.2


def _baselines(fig: go.Figure, told: Sequence[Any], palette: Palette) -> None:
    for role, start, finish, lane in (
        ("baseline", "baseline_start", "baseline_finish", 0.0),
        ("original_baseline", "original_start", "original_finish", -0.08),
    ):
        x: list[Any] = []
        y: list[float | None] = []
        for i, row in enumerate(told):
            begin, end = getattr(row, start), getattr(row, finish)
            if is_missing(end) or (role == "original_baseline" and is_current(row)):
                continue
            begin = end - timedelta(days=2) if is_missing(begin) or begin >= end else begin
            x += [as_date(begin), as_date(end), None]
            y += [_lane(i) + lane, _lane(i) + lane, None]
        look = base.line(palette, role) | {"width": 2.4}
        fig.add_trace(go.Scatter(x=x, y=y, mode="lines", name=role, line=look, hoverinfo="skip"))


def is_current(row: Any) -> bool:
    """Whether the original baseline is the current one."""
    same = [
        is_missing(original) or (not is_missing(current) and as_date(original) == as_date(current))
        for original, current in (
            (row.original_start, row.baseline_start),
            (row.original_finish, row.baseline_finish),
        )
    ]
    return all(same)


def _links(fig: go.Figure, told: Sequence[Any], links: pd.DataFrame, palette: Palette) -> None:
    """Dependencies between the rows in sight, those of the critical path dark."""
    drawn = drawn_links(told, links)
    for critical, color in ((False, palette.pale), (True, palette.ink_soft)):
        x: list[Any] = []
        y: list[float | None] = []
        for a, b, begin, end in drawn:
            if (told[a].is_critical and told[b].is_critical) != critical:
                continue
            x += [begin, end, end, None]
            y += [rows.mark_y(a), rows.mark_y(a), rows.mark_y(b), None]
        fig.add_trace(
            go.Scatter(
                x=x, y=y, mode="lines", name="critical_links" if critical else "links", hoverinfo="skip",
                line={"width": 0.9, "color": color},
            )
        )  # fmt: skip


def drawn_links(told: Sequence[Any], links: pd.DataFrame) -> list[tuple[int, int, date, date]]:
    """The dependencies to draw: the rows that they join, from which day to which; at most LINKS."""
    place = {row.task_uid: i for i, row in enumerate(told)}
    found = []
    for link in rows.each(links)[:LINKS]:
        a, b = place.get(link.predecessor_uid), place.get(link.successor_uid)
        if a is None or b is None:
            continue
        begin = told[a].finish_on if link.type[0] == "F" else told[a].start_on
        end = told[b].start_on if link.type[1] == "S" else told[b].finish_on
        if not is_missing(begin) and not is_missing(end):
            found.append((a, b, as_date(begin), as_date(end)))
    return found


def _bars(
    fig: go.Figure,
    told: Sequence[Any],
    ids: list[list[Any]],
    kind: tuple[bool, bool],
    color: str,
    t: Translator,
    f: Formats,
) -> None:
    critical, done = kind
    at = [
        (i, *part)
        for i, row in enumerate(told)
        if row.is_critical == critical and not row.is_milestone and (part := stretch(row, done=done))
    ]
    marker: dict[str, Any] = {"color": color, "line": {"width": 0}}
    if not done:
        marker = {"color": "rgba(0,0,0,0)", "line": {"width": 1.2, "color": color}}
    fig.add_trace(
        go.Bar(
            orientation="h",
            name=f"{'critical' if critical else 'other'}_{'done' if done else 'to_do'}",
            base=[begin for _, begin, _ in at],
            x=[(end - begin).days * 86_400_000 for _, begin, end in at],
            y=[rows.mark_y(i) for i, *_ in at],
            width=[0.12 if told[i].is_summary else 0.26 for i, *_ in at],
            marker=marker,
            customdata=[ids[i] for i, *_ in at],
            hovertext=[_task_hover(told[i], t, f) for i, *_ in at],
            hoverinfo="text",
        )
    )


def stretch(row: Any, *, done: bool) -> tuple[date, date] | None:
    """The part of a task's bar that is done, or that is to do; None where there is none."""
    if is_missing(row.finish_on) or is_missing(row.start_on):
        return None
    begin, end = as_date(row.start_on), as_date(row.finish_on) + timedelta(days=1)
    share = 1.0 if row.is_done else 0.0 if is_missing(row.percent_complete) else float(row.percent_complete)
    middle = begin + timedelta(days=round((end - begin).days * min(max(share, 0.0), 1.0)))
    part = (begin, middle) if done else (middle, end)
    return part if part[1] > part[0] else None


def _diamonds(
    fig: go.Figure,
    told: Sequence[Any],
    ids: list[list[Any]],
    critical: bool,
    color: str,
    t: Translator,
    f: Formats,
) -> None:
    at = [
        i
        for i, row in enumerate(told)
        if row.is_milestone and row.is_critical == critical and not is_missing(row.finish_on)
    ]
    fig.add_trace(
        go.Scatter(
            x=[as_date(told[i].finish_on) for i in at],
            y=[rows.mark_y(i) for i in at],
            mode="markers",
            name="critical_milestones" if critical else "milestones",
            marker={
                "symbol": ["diamond" if told[i].is_done else "diamond-open" for i in at],
                "size": 10,
                "color": color,
                "line": {"width": 1.4, "color": color},
            },
            customdata=[ids[i] for i in at],
            hovertext=[_task_hover(told[i], t, f) for i in at],
            hoverinfo="text",
        )
    )


def _task_hover(row: Any, t: Translator, f: Formats) -> str:
    parts = [
        rows.plain(row.name, 90),
        t.t("project.hover.task", start=f.date(row.start_on), finish=f.date(row.finish_on)),
    ]
    if not is_missing(row.baseline_finish):
        parts.append(
            t.t(
                "project.hover.baseline", finish=f.date(row.baseline_finish), slip=f.days_short(row.slip_days)
            )
        )
    if not is_missing(row.percent_complete):
        parts.append(t.t("project.hover.complete", share=f.percent(row.percent_complete, 0)))
    if not is_missing(row.total_slack_days):
        parts.append(t.t("project.hover.slack", days=f.days(row.total_slack_days)))
    if row.under:
        parts.append(t.n("project.hover.under", int(row.under)))
    return "<br>".join(parts)


def hours(frame: pd.DataFrame, as_of: date, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """People by month: actual filled, forecast outlined, planned a thin line."""
    fig = base.figure(palette, height=280, barmode="overlay")
    days = [as_date(day) for day in frame["period_end"]]
    for column, marker in (
        ("hours_forecast", {"color": "rgba(0,0,0,0)", "line": {"width": 1.2, "color": palette.ink}}),
        ("hours_actual", {"color": palette.ink, "line": {"width": 0}}),
    ):
        values = [None if is_missing(v) else float(v) for v in frame[column]]
        if column == "hours_forecast":
            values = [
                None if not is_missing(actual) else value
                for value, actual in zip(values, frame["hours_actual"], strict=True)
            ]
        fig.add_trace(
            go.Bar(
                x=days,
                y=values,
                name=column,
                marker=marker,
                hovertext=[_hours_hover(row, t, f) for row in rows.each(frame)],
                hoverinfo="text",
            )
        )
    fig.add_trace(
        go.Scatter(
            x=days,
            y=[None if is_missing(v) else float(v) for v in frame["hours_planned"]],
            mode="lines",
            name="hours_planned",
            line=base.line(palette, "baseline") | {"shape": "hvh", "width": 1.6},
            hoverinfo="skip",
        )
    )
    columns = ["hours_planned", "hours_actual", "hours_forecast"]
    known = [float(v) for column in columns for v in frame[column] if not is_missing(v)]
    ticks = nice_ticks(0.0, max(known, default=1.0) or 1.0)
    fig.update_yaxes(
        tickvals=ticks, ticktext=[f.short(v) for v in ticks], fixedrange=True, rangemode="tozero"
    )
    if days:
        base.month_axis(fig, days[0] - timedelta(days=20), days[-1] + timedelta(days=20), f, ticks=6)
        base.today_line(fig, as_of, f.day(as_of), palette)
    return fig.update_xaxes(fixedrange=True)


def _hours_hover(row: Any, t: Translator, f: Formats) -> str:
    return t.t(
        "project.hover.hours",
        month=f.month(row.period_end),
        planned=f.number(row.hours_planned),
        actual=f.number(row.hours_actual),
        forecast=f.number(row.hours_forecast),
    )
