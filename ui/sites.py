"""What the Sites screen says in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.sites import Everything, Headline
from ui import tables
from ui.filters import unknown
from ui.formats import Formats, is_missing


def sentence(said: Headline, t: Translator, f: Formats) -> str:
    """How many planned sites are not on air, and what holds up most of them."""
    if not said.sites:
        return t.t("sites.sentence.none")
    if not said.late:
        return t.n("sites.sentence.on_time", said.planned, on_air=f.number(said.on_air))
    first = t.n("sites.sentence.late", said.late, planned=f.number(said.planned))
    if not said.main_cause:
        return first
    cause = t.label("value", said.main_cause).lower()
    if not said.main_region:
        return first + " " + t.n("sites.sentence.cause", said.main_cause_late, cause=cause)
    return (
        first
        + " "
        + t.n("sites.sentence.cause_in", said.main_cause_late, cause=cause, region=said.main_region)
    )


def blockers_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What holds up most sites, and how many of those blocked."""
    if frame.empty:
        return t.t("sites.no_blockers")
    most = frame.to_dict("records")[int(frame["blocked"].argmax())]
    return t.n(
        "sites.blockers.most",
        int(frame["blocked"].sum()),
        cause=t.label("value", most["cause"]).lower(),
        most=f.number(most["blocked"]),
    )


def funnel_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """At which stage before on air most sites stand, and how many of those not yet there."""
    waiting = frame[~frame["stage"].isin(("on_air", "accepted"))]
    if not waiting["standing"].sum():
        return t.t("sites.funnel")
    most = waiting.to_dict("records")[int(waiting["standing"].argmax())]
    return t.n(
        "sites.funnel.most",
        int(waiting["standing"].sum()),
        stage=t.label("value", most["stage"]).lower(),
        most=f.number(most["standing"]),
    )


def map_alts(marks: pd.DataFrame, countries: Iterable[str], t: Translator, f: Formats) -> dict[str, str]:
    """What the map of each country that has sites shows, in words."""
    alts = {}
    for country in countries:
        here = marks[marks["country"] == country]
        if len(here):
            late = int(here.loc[here["state"] == "late", "sites"].sum())
            alts[country] = t.n("sites.map.alt", int(here["sites"].sum()), late=f.number(late))
    return alts


def linked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `project`, the address of each row's project."""
    return frame.assign(project=tables.project_links(frame, name_column="project_name"))


def listed(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The list of sites, linked, their stages and what blocks them in words."""
    return _in_words(linked(frame), ("stage", "blocked_by"), t).drop(columns="of", errors="ignore")


def listed_of(frame: pd.DataFrame) -> int:
    """How many sites the list has on all of its pages."""
    return int(frame["of"].iloc[0]) if len(frame) else 0


def pick_blocker(mark: list[Any]) -> dict[str, str | None]:
    """What a bar of the blockers stands for in the address: a cause, and which of its sites."""
    cause, state = mark if len(mark) == 2 else (None, None)
    return {"cause": cause, "stage": None} | ({"state": state} if state else {})


def pick_stage(mark: list[Any]) -> dict[str, str | None]:
    """What a bar of the stages stands for in the address: the sites that stand there."""
    return {"cause": None, "stage": mark[0], "state": "all"} if mark else {"cause": None, "stage": None}


def picked(found: Everything, t: Translator) -> tuple[str | None, str | None]:
    """The cause or the stage that the address asks for; what there is not is said."""
    shown = {"cause": list(found.blockers["cause"]), "stage": list(found.funnel["stage"])}
    labels = {"cause": t.t("column.blocked_by"), "stage": t.t("column.stage")}
    chosen: dict[str, str | None] = {}
    for name, offered in shown.items():
        asked = st.query_params.get(name)
        chosen[name] = asked if asked in offered else None
        unknown(name, labels[name], None if asked in offered else asked, chosen[name])
    return chosen["cause"], chosen["stage"]


def picked_title(cause: str | None, stage: str | None, t: Translator) -> str:
    """What the list holds once a bar was picked."""
    if cause:
        return t.t("sites.list.blocked_by", cause=t.label("value", cause))
    return t.t("sites.list.standing", stage=t.label("value", str(stage)))


def _in_words(frame: pd.DataFrame, columns: Iterable[str], t: Translator) -> pd.DataFrame:
    """The frame with the contract's words for the values of these columns; unknown stays so."""
    said: dict[str, Any] = {
        column: [None if is_missing(value) else t.label("value", value) for value in frame[column]]
        for column in columns
    }
    return frame.assign(**said)


def marks_in(marks: pd.DataFrame, country: str, t: Translator) -> pd.DataFrame:
    """The marks on the map of one country, linked, their states and what blocks them in words."""
    here = _in_words(linked(marks[marks["country"] == country]), ("blocked_by",), t)
    return here.assign(state=[t.t(f"sites.state.{state}") for state in here["state"]])


def map_columns(t: Translator) -> dict[str, Any]:
    """The columns of the marks on a map."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "state": t.t("column.status"),
        "sites": tables.number(t.t("nav.sites")),
        "name": t.t("column.name"),
        "region": t.t("column.region"),
        "days_late": tables.number(t.t("sites.days_late.heading")),
        "blocked_by": t.t("column.blocked_by"),
        "latitude": tables.number(t.t("column.latitude"), digits=3),
        "longitude": tables.number(t.t("column.longitude"), digits=3),
    }


def list_columns(t: Translator) -> dict[str, Any]:
    """The columns of the list of sites."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "name": t.t("column.name"),
        "region": t.t("column.region"),
        "stage": t.t("column.stage"),
        "blocked_by": t.t("column.blocked_by"),
        "planned_on_air": tables.day(t.t("column.planned_on_air")),
        "forecast_on_air": tables.day(t.t("column.forecast_on_air")),
        "days_late": tables.number(t.t("sites.days_late.heading")),
        "supplier_id": t.t("column.supplier_id"),
        "file": t.t("sites.file"),
        "row": tables.number(t.t("sites.row")),
    }


def ranking_columns(what: str, t: Translator) -> dict[str, Any]:
    """The columns of the ranking by supplier or region."""
    return {
        "name": t.t(f"sites.{what}"),
        "late": tables.number(t.t("sites.tile.late")),
        "sites": tables.number(t.t("nav.sites")),
        "share_late": tables.percent(t.t("sites.share_late")),
    }
