"""What the Sites screen says in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from locales import Translator
from metrics.queries.sites import Headline
from ui import tables
from ui.formats import Formats


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


def map_alt(here: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What a map of sites shows, in words."""
    late = int((here["state"] == "late").sum())
    return t.n("sites.map.alt", len(here), late=f.number(late))


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
