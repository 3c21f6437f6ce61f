"""What the Margin screen says: its sentence, the message of each figure, the columns of its tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.margin import FALLS, STEADY_PP, Cover, Group, Quarter
from metrics.scope import UNASSIGNED
from ui import tables
from ui.charts import rows
from ui.charts.margin import (
    ENDS,
    OWNER_TEXT,
    OWNERS,
    digits_for,
    drawn,
    quarter_name,
    ranked,
    said_points,
    step_name,
)
from ui.filters import country_name, unknown
from ui.formats import Formats, is_missing
from ui.marks import escape

GROUP_TEXT: dict[Group, str] = {
    "programme": "filter.programme",
    "customer": "filter.customer",
    "country": "filter.country",
    "business_line": "filter.business_line",
}
_QUARTER_TEXT = {
    "revenue": ("margin.quarter.title.revenue", "margin.quarter.section.revenue"),
    "margin": ("margin.quarter.title.margin", "margin.quarter.section.margin"),
}
SMALL = 0.05
"""Points below which a margin has not moved, in words."""


def end(frame: pd.DataFrame, step: str) -> Any:
    """The row of one end of the bridge."""
    return frame[frame["step"] == step].iloc[0]


def points_of(frame: pd.DataFrame, owner: str) -> float:
    """The points that are one owner's; none is zero."""
    return float(frame.loc[frame["owner"] == owner, "pp"].sum())


def sentence(frame: pd.DataFrame, running: int, t: Translator, f: Formats) -> str:
    """From the margin as sold to the forecast, and whose the difference is."""
    if not running:
        return t.t("margin.sentence.none")
    if frame.empty:
        return t.n("margin.sentence.unknown", running)
    sold, forecast = end(frame, "as_sold")["pp"], end(frame, "forecast")["pp"]
    digits = digits_for(points_of(frame, owner) for owner in OWNERS)
    shown = drawn(frame)
    said = shown.assign(pp=said_points(shown, digits))
    parts = {owner: points_of(said, owner) for owner in OWNERS}
    change = end(said, "forecast")["pp"] - end(said, "as_sold")["pp"]
    key = "margin.sentence.same"
    if abs(change) >= SMALL:
        key = "margin.sentence.below" if change < 0 else "margin.sentence.above"
    return t.t(
        key,
        forecast=f.percent(forecast / 100),
        sold=f.percent(sold / 100),
        points=f.number(abs(change), digits),
        **{owner: f.pp(points, digits) for owner, points in parts.items()},
    )


def bridge_basis(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """From how many projects the bridge is computed."""
    first = frame.iloc[0]
    return t.n("margin.bridge.basis", int(first["running"]), projects=f.number(first["projects"]))


def bridge_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which step took most, and whose it is."""
    shown = drawn(frame)
    digits = digits_for(shown["pp"][~shown["step"].isin(ENDS)])
    steps = shown.assign(pp=said_points(shown, digits))
    steps = steps[~steps["step"].isin(ENDS)]
    if steps.empty or steps["pp"].min() > -SMALL:
        return t.t("margin.bridge.title.nothing")
    worst = steps.iloc[int(steps["pp"].to_numpy().argmin())]
    return t.t(
        "margin.bridge.title",
        step=step_name(str(worst["step"]), t),
        owner=t.t(OWNER_TEXT[str(worst["owner"])]),
        points=f.pp(worst["pp"], digits),
    )


def bridge_words(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The bridge with its steps and owners in words."""
    return frame.assign(
        step_name=[step_name(str(step), t) for step in frame["step"]],
        owner_name=[t.t(OWNER_TEXT[owner]) if owner in OWNERS else "" for owner in frame["owner"]],
    )


def tiles(
    frame: pd.DataFrame, said: Cover, before: str | None, t: Translator, f: Formats
) -> list[tuple[str, str, str | None]]:
    """The tiles: label, value and what stands below it."""
    ends = []
    if not frame.empty:
        constant, forecast = end(frame, "constant"), end(frame, "forecast")
        amount = f.money(constant["amount"], constant["currency"])
        ends = [
            (
                t.t("margin.tile.constant"),
                percent(constant["pp"], f),
                t.t("margin.tile.amount", amount=amount),
            ),
            (t.t("margin.tile.current"), percent(forecast["pp"], f), since_before(said, before, t, f)),
        ]
    cover = (
        ("margin.tile.damages", said.ld_probable, said.ld_known),
        ("margin.tile.contingency", said.contingency_left, said.contingency_known),
        ("margin.tile.risk", said.risk_exposure, said.risk_known),
    )
    return ends + [
        (t.t(key), f.money(amount, said.currency), known_of(known, said, t, f))
        for key, amount, known in cover
    ]


def at_closing(said: Cover, t: Translator, f: Formats) -> str:
    """The forecast with every amount at the closing rate."""
    return t.t("margin.closing", margin=percent(said.forecast_points_at_closing, f))


def since_before(said: Cover, before: str | None, t: Translator, f: Formats) -> str | None:
    """How the forecast margin moved since the comparison date."""
    if before is None or said.forecast_points is None or said.forecast_points_before is None:
        return None
    change = said.forecast_points - said.forecast_points_before
    return t.t("margin.tile.since", change=f.pp(change), date=before)


def known_of(known: int, said: Cover, t: Translator, f: Formats) -> str:
    """From how many projects a tile is computed."""
    return t.n("margin.tile.known", said.running, known=f.number(known))


def erosion_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Who lost most, and how many lost or gained."""
    first = frame.iloc[0]
    counts = t.n("margin.erosion.lost", int(first["lost_of"]), gained=f.number(first["gained_of"]))
    if first["erosion_pp"] > -SMALL:
        return counts
    return (
        counts
        + " "
        + t.t("margin.erosion.most", name=rows.cut(first["name"]), points=f.pp(first["erosion_pp"]))
    )


def erosion_left_out(frame: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What the erosion ranking leaves out of its figure."""
    shown, of = len(ranked(frame)), int(frame["of"].iloc[0])
    return t.t("margin.shown_of", shown=f.number(shown), of=f.number(of)) if of > shown else None


def trend_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Where the forecast margin has gone; a forecast that only falls is named so."""
    known = frame.dropna(subset=["constant"])
    if len(known) < 2:
        return t.t("margin.trend.title.short")
    steps = known["constant"].diff().iloc[1:]
    change = known["constant"].iloc[-1] - known["constant"].iloc[0]
    since = f.month(known["day"].iloc[0])
    falls = int((steps <= -STEADY_PP).sum())
    if falls >= FALLS and not (steps >= STEADY_PP).any():
        return t.t("margin.trend.title.only_falls", change=f.pp(change), since=since, falls=f.number(falls))
    return t.t("margin.trend.title", change=f.pp(change), since=since)


def falls_title(frame: pd.DataFrame, t: Translator) -> str:
    """How many forecasts only fall."""
    return t.n("margin.falls.title", int(frame["of"].iloc[0]))


def falls_columns(t: Translator) -> dict[str, Any]:
    """The columns of the forecasts that only fall."""
    return {
        "project": tables.link_column(t.t("margin.col.project")),
        "points": st.column_config.LineChartColumn(t.t("margin.col.reports")),
        "fell_pp": tables.number(t.t("margin.col.change"), digits=2),
        "falls": tables.number(t.t("margin.col.falls")),
        "since": tables.day(t.t("margin.col.since")),
    }


def quarter_title(said: Quarter, t: Translator, f: Formats) -> str:
    """Whether the quarter is made: what is recognised, what is to come, against the budget."""
    number, year = quarter_name(said.start)
    name = t.t("margin.quarter.name", number=number, year=year)
    if said.outlook is None:
        return t.t("margin.quarter.unknown", quarter=name)
    actual, to_come = f.money_parts(said.outlook, (said.actual, said.to_come), said.currency)
    told = t.t(
        _QUARTER_TEXT[said.measure][0],
        quarter=name,
        outlook=f.money(said.outlook, said.currency),
        actual=actual,
        to_come=to_come,
    )
    if said.budget_gap is None:
        return told + " " + t.t("margin.quarter.no_budget")
    key = "margin.quarter.short" if said.budget_gap < 0 else "margin.quarter.over"
    return told + " " + t.t(key, gap=f.money(abs(said.budget_gap), said.currency))


def quarter_note(said: Quarter, t: Translator, f: Formats) -> str:
    """What the quarter's figures rest on, and how they moved since the previous forecast."""
    told = t.n(
        "margin.quarter.basis",
        said.running,
        known=f.number(said.known),
        budget=f.number(said.budget_known),
    )
    if said.previous_gap is None:
        return told
    return (
        told
        + " "
        + t.t("margin.quarter.previous", gap=f.money(said.previous_gap, said.currency, signed=True))
    )


def group_names(frame: pd.DataFrame, by: Group, t: Translator) -> list[str]:
    """The groups' names in the viewer's words."""

    def name(value: Any) -> str:
        if is_missing(value):
            return t.t("margin.group.not_stated")
        if value == UNASSIGNED:
            return t.t("filter.unassigned")
        return str(country_name(value, t)) if by == "country" else str(value)

    return [name(value) for value in frame["group_name"]]


def group_title(frame: pd.DataFrame, names: list[str], by: Group, t: Translator, f: Formats) -> str:
    """Which group is furthest below its margin as sold."""
    changes = frame["erosion_pp"].astype(float)
    if changes.isna().all():
        return t.t("margin.group.title.unknown")
    at = int(changes.fillna(0).to_numpy().argmin())
    if changes.iloc[at] > -SMALL:
        return t.t("margin.group.title.none", by=t.t(GROUP_TEXT[by]))
    return t.t("margin.group.title", name=rows.cut(names[at]), points=f.pp(changes.iloc[at]))


def group_told(
    frame: pd.DataFrame, by: Group, t: Translator, f: Formats
) -> tuple[str, list[str], str | None] | None:
    """The groups' message, their names and what they leave out; None where no margin is known."""
    if not frame["forecast"].notna().any():
        return None
    names = group_names(frame, by, t)
    return group_title(frame, names, by, t, f), names, group_left_out(frame, t, f)


def group_left_out(frame: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What the groups leave out."""
    shown, of = len(frame), int(frame["of"].iloc[0])
    return t.t("margin.shown_of", shown=f.number(shown), of=f.number(of)) if of > shown else None


def heading_html(text: str) -> str:
    """A small heading above a table."""
    return f'<div class="at-figure-title">{escape(text)}</div>'


def currency_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which currency the margin hangs on most."""
    first = frame.iloc[0]
    if is_missing(first["points"]) or abs(first["points"]) < SMALL / 10:
        return t.t("margin.currency.title.none")
    key = "margin.currency.title.falls" if first["points"] < 0 else "margin.currency.title.rises"
    return t.t(
        key,
        currency=first["currency"],
        points=f.number(abs(first["points"]), 2),
        before=f.number(abs(first["points_before"]), 2),
    )


def currency_columns(t: Translator) -> dict[str, Any]:
    """The columns of the exposure by currency."""
    return {
        "currency": t.t("margin.col.currency"),
        "projects": tables.number(t.t("margin.col.projects")),
        "points": tables.number(t.t("margin.col.points_10"), digits=2),
        "points_before": tables.number(t.t("margin.col.points_10_before"), digits=2),
        "unhedged": _money(t.t("margin.col.unhedged")),
        "money_in": t.t("filter.currency"),
    }


def exposed_columns(t: Translator) -> dict[str, Any]:
    """The columns of the exposed projects."""
    return {
        "project": tables.link_column(t.t("margin.col.project")),
        "foreign_currency": t.t("margin.col.currency"),
        "points": tables.number(t.t("margin.col.points_10"), digits=2),
        "hedged_share": tables.percent(t.t("margin.col.hedged")),
        "unhedged": _money(t.t("margin.col.unhedged")),
        "money_in": t.t("filter.currency"),
    }


def linked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `project`, the address of each row's project."""
    return frame.assign(project=tables.project_links(frame))


def percent(points: Any, f: Formats) -> str:
    """A margin held in points, as a percentage."""
    return f.percent(None if is_missing(points) else float(points) / 100)


def months(said: Quarter) -> pd.DataFrame:
    """The months of a quarter's figure."""
    return said.months


def pick_group(by: Group, mark: list[Any]) -> dict[str, str | None]:
    """What a group's mark stands for in the address: what is grouped by, and the group's id, none where not stated."""
    return {"group": f"{by}.{mark[0] or ''}" if mark else None}


def picked_group(frame: pd.DataFrame, by: Group, t: Translator) -> int | None:
    """The place of the group that the address asks for; one that there is not is said, one of another kind is not."""
    asked = st.query_params.get("group")
    kind_, _, group = (asked or "").partition(".")
    ids = ["" if is_missing(value) else str(value) for value in frame["group_id"]]
    found = ids.index(group) if kind_ == by and group in ids else None
    strange = bool(asked) and found is None and (kind_ == by or kind_ not in GROUP_TEXT)
    unknown("group", t.t("margin.group"), asked if strange else None, None if found is None else group)
    return found


def unit_names(t: Translator) -> dict[str, str]:
    """The units the bridge can be drawn in."""
    return {"points": t.t("margin.unit.points"), "money": t.t("margin.unit.money")}


def group_choices(t: Translator) -> dict[str, str]:
    """What profitability can be grouped by."""
    return {key: t.t(text) for key, text in GROUP_TEXT.items()}


def group_id(row: Any) -> str | None:
    """The id of a group, None for the one that is not stated."""
    return None if is_missing(row["group_id"]) else str(row["group_id"])


def _money(label: str) -> Any:
    return tables.number(label)


def bridge_columns(t: Translator) -> dict[str, Any]:
    """The columns of the bridge."""
    return {
        "step_name": t.t("margin.col.step"),
        "owner_name": t.t("margin.col.owner"),
        "pp": tables.number(t.t("margin.col.points"), digits=2),
        "amount": _money(t.t("margin.col.amount")),
        "margin_after": _money(t.t("margin.col.margin_after")),
        "revenue_after": _money(t.t("margin.col.revenue_after")),
        "currency": t.t("filter.currency"),
    }


def erosion_columns(t: Translator) -> dict[str, Any]:
    """The columns of the erosion ranking."""
    return {
        "project": tables.link_column(t.t("margin.col.project")),
        "as_sold": tables.number(t.t("margin.col.as_sold"), digits=1),
        "forecast": tables.number(t.t("margin.col.forecast"), digits=1),
        "erosion_pp": tables.number(t.t("margin.col.change"), digits=2),
        "ours": tables.number(t.t("margin.owner.ours"), digits=2),
        "customer": tables.number(t.t("margin.owner.customer"), digits=2),
        "exchange_rate": tables.number(t.t("margin.owner.exchange_rate"), digits=2),
        "change": _money(t.t("margin.col.amount")),
        "money_in": t.t("filter.currency"),
        "customer_name": t.t("filter.customer"),
        "project_manager": t.t("column.project_manager"),
    }


def trend_columns(t: Translator) -> dict[str, Any]:
    """The columns of the trend."""
    return {
        "day": tables.day(t.t("column.status_date")),
        "as_sold": tables.number(t.t("margin.trend.as_sold"), digits=2),
        "constant": tables.number(t.t("margin.trend.constant"), digits=2),
        "forecast": tables.number(t.t("margin.trend.current"), digits=2),
        "projects": tables.number(t.t("margin.col.computed")),
        "running": tables.number(t.t("margin.col.projects")),
    }


def quarter_columns(t: Translator) -> dict[str, Any]:
    """The columns of the months."""
    return {
        "month": tables.day(t.t("margin.col.month")),
        "actual": _money(t.t("margin.col.actual")),
        "forecast": _money(t.t("margin.col.to_come")),
        "outlook": _money(t.t("margin.col.outlook")),
        "budget": _money(t.t("margin.col.budget")),
        "previous": _money(t.t("margin.col.previous")),
    }


def group_columns(by: Group, t: Translator) -> dict[str, Any]:
    """The columns of the profitability by group."""
    return {
        "name": t.t(GROUP_TEXT[by]),
        "projects": tables.number(t.t("margin.col.projects")),
        "computed": tables.number(t.t("margin.col.computed")),
        "revenue": _money(t.t("margin.col.revenue")),
        "margin": _money(t.t("margin.col.margin")),
        "as_sold": tables.number(t.t("margin.col.as_sold"), digits=1),
        "forecast": tables.number(t.t("margin.col.forecast"), digits=1),
        "erosion_pp": tables.number(t.t("margin.col.change"), digits=2),
        "currency": t.t("filter.currency"),
    }


def member_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects of one group."""
    return {
        "project": tables.link_column(t.t("margin.col.project")),
        "customer": t.t("filter.customer"),
        "as_sold": tables.number(t.t("margin.col.as_sold"), digits=1),
        "forecast": tables.number(t.t("margin.col.forecast"), digits=1),
        "margin_erosion_pp": tables.number(t.t("margin.col.change"), digits=2),
        "revenue": _money(t.t("margin.col.revenue")),
        "money_in": t.t("filter.currency"),
        "project_manager": t.t("column.project_manager"),
    }
