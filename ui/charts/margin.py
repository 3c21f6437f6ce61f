"""The figures of the Margin screen: plain functions from the answers of metrics.queries.margin.

Ours is dark, the customer's grey, the exchange rate's outlined: no colour here means good or bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal, get_args

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from metrics.queries.margin import BEST, WORST, Measure, Quarter
from ui.charts import base, rows
from ui.charts.ticks import nice_ticks
from ui.formats import Formats, as_date, is_missing, shared_out
from ui.theme import Palette

Unit = Literal["points", "money"]
UNITS: tuple[Unit, ...] = ("points", "money")
MEASURES = get_args(Measure)
ENDS = ("as_sold", "constant", "forecast")
OWNERS = ("ours", "customer", "exchange_rate")
UNSEEN_PP = 0.005
"""A step smaller than this, in points, and than this part of a thousandth of the revenue, is not drawn."""

STEP_TEXT = {
    "as_sold": "margin.step.as_sold",
    "constant": "margin.step.constant",
    "forecast": "margin.step.forecast",
    "approved_changes": "margin.step.approved_changes",
    "revenue": "margin.step.revenue",
    "labour": "margin.step.labour",
    "subcontract": "margin.step.subcontract",
    "material": "margin.step.material",
    "uninstalled_material": "margin.step.uninstalled_material",
    "travel": "margin.step.travel",
    "other": "margin.step.other",
    "waste": "margin.step.waste",
    "warranty": "margin.step.warranty",
    "liquidated_damages": "margin.step.liquidated_damages",
    "contingency": "margin.step.contingency",
    "exchange_rate": "margin.step.exchange_rate",
}
OWNER_TEXT = {
    "ours": "margin.owner.ours",
    "customer": "margin.owner.customer",
    "exchange_rate": "margin.owner.exchange_rate",
}


def step_name(step: str, t: Translator) -> str:
    """A step's name; the step itself where the catalogue has none."""
    key = STEP_TEXT.get(step)
    return t.t(key) if key else step


def step_label(step: str, owner: Any, t: Translator) -> str:
    """A step's name after its owner's, where that says more."""
    name = step_name(step, t)
    if owner not in OWNERS or step == owner:
        return name
    return t.t("margin.bridge.step", owner=t.t(OWNER_TEXT[owner]), step=name)


def owner_key(palette: Palette, t: Translator) -> str:
    """One line that says whose each bar is."""
    squares = [
        ("■", palette.ink, "ours"),
        ("■", palette.mid, "customer"),
        ("□", palette.ink, "exchange_rate"),
    ]
    return "  ".join(
        f'<span style="color:{color}">{square}</span> {t.t(OWNER_TEXT[owner])}'
        for square, color, owner in squares
    )


def drawn(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the bridge that are drawn: the ends, and every step that moves the margin."""
    moves = frame["pp"].abs().ge(UNSEEN_PP) | frame["amount"].abs().gt(frame["revenue_after"].abs() * 5e-5)
    return frame[frame["step"].isin(ENDS) | moves].reset_index(drop=True)


def waterfall(frame: pd.DataFrame, unit: Unit, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """The walk from the margin as sold to the forecast, downwards; steps stand where the one before ended."""
    shown = drawn(frame)
    sizes = [float(v) for v in shown["pp" if unit == "points" else "amount"]]
    after = [float(v) for v in shown["points_after" if unit == "points" else "margin_after"]]
    is_end = [step in ENDS for step in shown["step"]]
    currency = str(shown["currency"].iloc[0])

    digits = digits_for(shown["pp"][~shown["step"].isin(ENDS)])
    told = sizes if unit == "money" else said_points(shown, digits)

    def said(value: float, end: bool) -> str:
        if unit == "money":
            return f.money(value, currency, signed=not end)
        return f.percent(value / 100, digits) if end else f.pp(value, digits)

    air = max((max(after) - min(after)) * 0.08, 0.02 * max(map(abs, after)), 1e-9)
    fig = rows.figure(
        palette,
        [step_label(step, owner, t) for step, owner in zip(shown["step"], shown["owner"], strict=True)],
        [said(size, end) for size, end in zip(told, is_end, strict=True)],
        x_range=(min(after) - air, max(after) + air),
        strong=[i for i, end in enumerate(is_end) if end],
        key=owner_key(palette, t),
    )
    for owner in OWNERS:
        at = [i for i, end in enumerate(is_end) if not end and shown["owner"].iloc[i] == owner]
        if at:
            fig.add_trace(
                rows.bars(
                    palette,
                    [after[i] - sizes[i] for i in at],
                    [sizes[i] for i in at],
                    owner_colour(owner, palette),
                    hollow=owner == "exchange_rate",
                    rows=at,
                )
            )
    x: list[float | None] = []
    y: list[float | None] = []
    for i in range(len(after) - 1):
        x += [after[i], after[i], None]
        y += [rows.mark_y(i), rows.mark_y(i + 1), None]
    fig.add_trace(
        go.Scatter(x=x, y=y, mode="lines", line={"color": palette.mid, "width": 1}, hoverinfo="skip")
    )
    ends = [i for i, end in enumerate(is_end) if end]
    fig.add_trace(
        go.Scatter(
            x=[after[i] for i in ends],
            y=[rows.mark_y(i) for i in ends],
            mode="markers",
            marker={"symbol": "line-ns", "size": 18, "line": {"color": palette.ink, "width": 4}},
            hoverinfo="none",
        )
    )
    fig.update_layout(barmode="overlay")
    return _number_axis(fig, points=unit == "points", f=f)


def said_points(shown: pd.DataFrame, digits: int) -> list[float]:
    """The points of each row as they are said: the ends rounded, the steps between two so that they add up to them."""
    said = [round(float(value), digits) for value in shown["pp"]]
    ends = [i for i, step in enumerate(shown["step"]) if step in ENDS]
    for start, end in pairwise(ends):
        steps = shown["pp"].iloc[start + 1 : end]
        said[start + 1 : end] = shared_out(said[end] - said[start], list(steps), digits)
    return said


def digits_for(points: Iterable[float]) -> int:
    """Decimals of points: one, but two where none is a whole point and rounding would hide what adds up."""
    return 2 if max((abs(value) for value in points), default=0.0) < 1 else 1


def owner_colour(owner: str, palette: Palette) -> str:
    """The grey of an owner; the exchange rate's is an outline."""
    return palette.mid if owner == "customer" else palette.ink


def ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of the erosion ranking that are drawn: the WORST that lost, then the BEST that gained."""
    worst = frame[(frame["worst"] <= WORST) & (frame["erosion_pp"] < 0)]
    best = frame[(frame["best"] <= BEST) & (frame["erosion_pp"] > 0)]
    return pd.concat([worst, best]).drop_duplicates("project_id").reset_index(drop=True)


def erosion(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Each project's own bridge in points, from 0 (as sold): ours, the customer's, the exchange rate."""
    shown = ranked(frame)
    ids = rows.ids(shown["project_id"])
    starts = pd.DataFrame(
        {
            "ours": 0.0,
            "customer": shown["ours"],
            "exchange_rate": shown["ours"] + shown["customer"],
        }
    )
    reach = [0.0, *shown["ours"], *(shown["ours"] + shown["customer"]), *shown["erosion_pp"]]
    air = max((max(reach) - min(reach)) * 0.04, 0.1)
    fig = rows.figure(
        palette,
        list(shown["name"]),
        [
            t.t(
                "margin.erosion.note",
                change=f.pp(row.erosion_pp),
                sold=f.percent(row.as_sold / 100),
                forecast=f.percent(row.forecast / 100),
            )
            for row in rows.each(shown)
        ],
        x_range=(min(reach) - air, max(reach) + air),
        ids=ids,
        title=t.t("margin.axis.points"),
        key=owner_key(palette, t),
    )
    hover = [
        t.t(
            "margin.hover.erosion",
            name=rows.plain(row.name, 80),
            ours=f.pp(row.ours),
            customer=f.pp(row.customer),
            exchange_rate=f.pp(row.exchange_rate),
            amount=f.money(row.change, row.money_in, signed=True),
        )
        for row in rows.each(shown)
    ]
    for number, owner in enumerate(OWNERS):
        fig.add_trace(
            rows.bars(
                palette,
                list(starts[owner]),
                list(shown[owner]),
                owner_colour(owner, palette),
                lane=0.12 * (number - 1),
                width=0.10,
                hollow=owner == "exchange_rate",
                hover=hover,
                ids=ids,
            )
        )
    fig.add_trace(
        go.Scatter(
            x=list(shown["erosion_pp"]),
            y=[rows.mark_y(i) - 0.12 for i in range(len(shown))],
            mode="markers",
            marker={"symbol": "line-ns", "size": 9, "line": {"color": palette.ink, "width": 2.6}},
            customdata=ids,
            hovertext=hover,
            hoverinfo="text",
        )
    )
    fig.update_layout(barmode="overlay")
    rows.zero_line(fig, len(shown), palette.ink_soft)
    return _number_axis(fig, points=True, f=f, changes=True)


def trend(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """The forecast margin by report, in constant currency and at current rates, against the one sold."""
    fig = base.figure(palette, height=320)
    days = [as_date(day) for day in frame["day"]]
    looks = {
        "as_sold": ("margin.trend.as_sold", base.line(palette, "original_baseline"), palette.ink_soft),
        "forecast": (
            "margin.trend.current",
            base.line(palette, "forecast") | {"color": palette.ink_soft},
            palette.ink_soft,
        ),
        "constant": ("margin.trend.constant", base.line(palette, "forecast"), palette.ink),
    }
    ends: list[tuple[str, float, str]] = []
    for column, (text, line, color) in looks.items():
        values = [None if is_missing(value) else float(value) for value in frame[column]]
        fig.add_trace(
            go.Scatter(
                x=days,
                y=values,
                mode="lines+markers",
                line=line,
                marker={"size": 5, "color": color},
                hovertext=[
                    t.t("margin.hover.trend", what=t.t(text), on=f.date(day), margin=_points(value, f))
                    for day, value in zip(days, values, strict=True)
                ],
                hoverinfo="text",
                connectgaps=False,
            )
        )
        last = next((value for value in reversed(values) if value is not None), None)
        if last is not None:
            ends.append((f"{t.t(text)} {_points(last, f)}", last, color))
    known = [float(v) for column in looks for v in frame[column] if not is_missing(v)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span = max(high - low, 1.0)
    placed = rows.spread([value + span * 0.06 for _, value, _ in ends], span * 0.085)
    for height, (text, _, color) in zip(placed, ends, strict=True):
        fig.add_annotation(
            x=days[-1],
            y=height,
            text=rows.plain(text, 60),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font={"color": color, "size": 12},
        )
    if days:
        base.month_axis(fig, days[0] - timedelta(days=12), days[-1] + timedelta(days=12), f, ticks=6)
    fig.update_yaxes(range=[low - span * 0.15, high + span * 0.35])
    return _number_axis(fig, points=True, f=f, axis="y")


def _points(value: float | None, f: Formats) -> str:
    return f.percent(None if value is None else value / 100)


def quarter(told: Quarter, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Sales or margin by month: actual filled, forecast outlined, budget a line, previous forecast a ring."""
    months = told.months
    days = [as_date(day) for day in months["month"]]
    labels = [f.month(day) for day in days]
    fig = base.figure(palette, height=300, margin={"l": 8, "r": 8, "t": 44, "b": 8}, barmode="stack")
    values = {column: _numbers(months[column]) for column in ("actual", "forecast", "budget", "previous")}
    hover = [
        _quarter_hover(row, label, told.currency, t, f)
        for row, label in zip(rows.each(months), labels, strict=True)
    ]
    for column, marker in (
        ("actual", {"color": palette.ink, "line": {"width": 0}}),
        ("forecast", {"color": "rgba(0,0,0,0)", "line": {"color": palette.ink, "width": 1.4}}),
    ):
        fig.add_trace(
            go.Bar(x=labels, y=values[column], marker=marker, hovertext=hover, hoverinfo="text", width=0.55)
        )
    marks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("budget", {"symbol": "line-ew", "size": 30, "line": {"color": palette.mid, "width": 2.6}}),
        ("previous", {"symbol": "circle-open", "size": 9, "color": palette.ink_soft, "line": {"width": 1.6}}),
    )
    for column, marker in marks:
        fig.add_trace(
            go.Scatter(
                x=labels, y=values[column], mode="markers", marker=marker, hovertext=hover, hoverinfo="text"
            )
        )
    inside = [i for i, flag in enumerate(months["in_quarter"]) if flag]
    if inside:
        for edge in (inside[0] - 0.5, inside[-1] + 0.5):
            fig.add_shape(
                type="line",
                x0=edge,
                x1=edge,
                y0=0,
                y1=1,
                yref="paper",
                line={"color": palette.ink_soft, "width": 1, "dash": "dot"},
            )
    fig.update_yaxes(rangemode="tozero", fixedrange=True, nticks=5)
    fig.update_xaxes(
        tickvals=labels,
        ticktext=[label if i % 2 == 0 or len(labels) < 6 else "" for i, label in enumerate(labels)],
    )
    _money_ticks(fig, [v for column in values.values() for v in column if v is not None], f)
    return fig.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=14,
        text=t.t("margin.quarter.key"),
        showarrow=False,
        font={"color": palette.ink_soft, "size": 12},
    )


def _quarter_hover(row: Any, month: str, currency: str, t: Translator, f: Formats) -> str:
    return t.t(
        "margin.hover.month",
        month=month,
        actual=f.money(row.actual, currency),
        forecast=f.money(row.forecast, currency),
        budget=f.money(row.budget, currency),
        previous=f.money(row.previous, currency),
    )


def profitability(
    frame: pd.DataFrame, names: Sequence[str], palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """Margin sold (ring) and forecast (disc) by group, the group with most revenue first."""
    sold, forecast = _numbers(frame["as_sold"]), _numbers(frame["forecast"])
    known = [value for value in (*sold, *forecast) if value is not None] or [0.0]
    air = max((max(known) - min(known)) * 0.06, 0.5)
    numbers = range(len(frame))
    ids = rows.ids(None if is_missing(value) else str(value) for value in frame["group_id"])
    fig = rows.figure(
        palette,
        list(names),
        [_group_note(now, row, t, f) for now, row in zip(forecast, rows.each(frame), strict=True)],
        x_range=(min(known) - air, max(known) + air),
        ids=ids,
        key=t.t("margin.group.key"),
    )
    x, y = rows.links(sold, forecast)
    fig.add_trace(
        go.Scatter(x=x, y=y, mode="lines", line={"color": palette.pale, "width": 2}, hoverinfo="skip")
    )
    for values, marker in (
        (sold, {"symbol": "circle-open", "size": 10, "color": palette.ink_soft}),
        (forecast, {"symbol": "circle", "size": 11, "color": palette.ink}),
    ):
        fig.add_trace(
            go.Scatter(
                x=values,
                y=[rows.mark_y(i) for i in numbers],
                mode="markers",
                marker=marker,
                customdata=ids,
                hovertext=[
                    f"{rows.plain(name, 80)}: {_points(v, f)}" for name, v in zip(names, values, strict=True)
                ],
                hoverinfo="text",
            )
        )
    return _number_axis(fig, points=True, f=f)


def _group_note(now: float | None, row: Any, t: Translator, f: Formats) -> str:
    if now is None and is_missing(row.revenue):
        return f.missing()
    return t.t(
        "margin.group.note",
        margin=_points(now, f),
        change=f.pp(row.erosion_pp),
        revenue=f.money(row.revenue, row.currency),
    )


def currencies(frame: pd.DataFrame, palette: Palette, t: Translator, f: Formats) -> go.Figure:
    """Points of margin when each currency gains 10 %: filled after hedging, outlined what hedging takes."""
    after, before = _numbers(frame["points"]), _numbers(frame["points_before"])
    known = [value for value in (*after, *before) if value is not None] or [0.0]
    low, high = min([0.0, *known]), max([0.0, *known])
    air = max((high - low) * 0.05, 0.02)
    fig = rows.figure(
        palette,
        [t.n("margin.currency.row", int(row.projects), currency=row.currency) for row in rows.each(frame)],
        [
            t.t(
                "margin.currency.note", points=f.pp(row.points, 2), amount=f.money(row.unhedged, row.money_in)
            )
            for row in rows.each(frame)
        ],
        x_range=(low - air, high + air),
        key=t.t("margin.currency.key"),
        grid=False,
        title=t.t("margin.currency.axis"),
    )
    filled = [value or 0.0 for value in after]
    hedged = [(b or 0.0) - a for a, b in zip(filled, before, strict=True)]
    fig.add_trace(rows.bars(palette, filled, hedged, palette.ink, hollow=True))
    fig.add_trace(rows.bars(palette, [0.0] * len(filled), filled, palette.ink))
    fig.update_layout(barmode="overlay")
    rows.zero_line(fig, len(frame), palette.ink_soft)
    return _number_axis(fig, points=True, f=f, changes=True)


def _numbers(values: pd.Series) -> list[float | None]:
    return [None if is_missing(value) else float(value) for value in values]


def _number_axis(
    fig: go.Figure, *, points: bool, f: Formats, axis: Literal["x", "y"] = "x", changes: bool = False
) -> go.Figure:
    """Axis numbers as the viewer reads them: margins in percent, changes of them signed, money shortened."""
    name = f"{axis}axis"
    low, high = fig.layout[name].range
    ticks = nice_ticks(float(low), float(high))
    digits = 1 if len(ticks) > 1 and ticks[1] - ticks[0] < 1 else 0

    def said(value: float) -> str:
        if changes:
            return f.number(value, digits, signed=True)
        return f.percent(value / 100, digits) if points else f.short(value)

    return fig.update_layout(
        {name: {"tickvals": ticks, "ticktext": [said(tick) for tick in ticks], "fixedrange": True}}
    )


def _money_ticks(fig: go.Figure, values: Sequence[float], f: Formats) -> None:
    ticks = nice_ticks(min([0.0, *values]), max([0.0, *values]) or 1.0)
    fig.update_yaxes(tickvals=ticks, ticktext=[f.short(value) for value in ticks])


def quarter_name(day: date) -> tuple[int, int]:
    """The number of a day's quarter and its year."""
    return (day.month - 1) // 3 + 1, day.year
