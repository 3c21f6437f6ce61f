"""What the Risks & changes screen says: its sentence, the figures' messages, the columns of its tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.risks import KINDS, OPEN_STATES, STATES, Headline, Kind
from ui import tables
from ui.charts import rows
from ui.charts.risks import LEVELS, PROBABILITIES, ROWS, STATE_TEXT
from ui.filters import unknown
from ui.formats import Formats, is_missing
from ui.marks import escape

_LIST_TEXT: dict[str, str] = {"risk": "risks.list.risk", "opportunity": "risks.list.opportunity"}
_GRID_TEXT: dict[str, str] = {"risk": "risks.grid.risk", "opportunity": "risks.grid.opportunity"}


def sentence(said: Headline, t: Translator, f: Formats) -> str:
    """What open risks are expected to cost against what is kept, and what is worked on without approval."""
    if not said.running:
        return t.t("risks.sentence.none")
    parts = [_exposure(said, t, f)]
    if said.unapproved_work:
        value = f.money(said.unapproved_value, said.currency)
        parts.append(t.n("risks.sentence.unapproved", said.unapproved_work, value=value))
    elif said.changes_open:
        value = f.money(said.changes_value, said.currency)
        parts.append(t.n("risks.sentence.open", said.changes_open, value=value))
    return " ".join(parts)


def _exposure(said: Headline, t: Translator, f: Formats) -> str:
    if said.exposure is None:
        return t.t("risks.sentence.unknown")
    exposure = f.money(said.exposure, said.currency)
    if said.contingency is None:
        return t.t("risks.sentence.no_contingency", exposure=exposure)
    kept = f.money(said.contingency, said.currency)
    if said.uncovered:
        return t.n("risks.sentence.uncovered", said.uncovered, exposure=exposure, contingency=kept)
    return t.t("risks.sentence.covered", exposure=exposure, contingency=kept)


def tiles(said: Headline, before: str | None, t: Translator, f: Formats) -> list[tuple[str, str, str | None]]:
    """The tiles: label, value and what stands below it."""
    return [
        (t.t("risks.tile.exposure"), f.money(said.exposure, said.currency), _moved(said, before, t, f)),
        (
            t.t("risks.tile.contingency"),
            f.money(said.contingency, said.currency),
            t.n("risks.tile.known", said.running, known=f.number(said.contingency_known)),
        ),
        (
            t.t("risks.tile.opportunity"),
            f.money(said.opportunity, said.currency),
            t.n("risks.tile.opportunities", said.opportunities) if said.exposure_known else None,
        ),
        (
            t.t("risks.tile.changes"),
            f.money(said.changes_value if said.changes_open or not said.changes_known else 0, said.currency),
            t.n("risks.tile.changes_open", said.changes_open, days=f.days_short(said.changes_days or 0))
            if said.changes_known
            else None,
        ),
        (
            t.t("risks.tile.unapproved"),
            f.number(said.unapproved_work if said.changes_known else None),
            None if said.notices_missed is None else t.n("risks.tile.notices", said.notices_missed),
        ),
    ]


def _moved(said: Headline, before: str | None, t: Translator, f: Formats) -> str | None:
    if said.exposure is None:
        return None
    if before is None or said.exposure_before is None:
        return t.n("risks.tile.threats", said.threats)
    change = f.money(said.exposure - said.exposure_before, said.currency, signed=True)
    return t.t("risks.tile.since", change=change, date=before)


def grid_title(frame: pd.DataFrame, kind: Kind, t: Translator, f: Formats) -> str:
    """How many stand in the grid, and where the most expected is."""
    count = int(frame["risks"].sum())
    placed = frame.dropna(subset=["p_index", "i_index", "exposure"])
    title = t.n(_GRID_TEXT[kind], count)
    if placed.empty:
        return title
    top = placed.iloc[int(placed["exposure"].to_numpy().argmax())]
    return title + " " + t.t(
        "risks.grid.most",
        probability=t.t(PROBABILITIES[int(top["p_index"]) - 1]),
        impact=t.t(LEVELS[int(top["i_index"]) - 1]),
        amount=f.money(top["exposure"], top["currency"]),
    )  # fmt: skip


def no_grid(said: Headline, kind: Kind, t: Translator) -> tuple[str, str | None]:
    """Why a grid is empty, and what to do."""
    if not said.exposure_known:
        return t.t("risks.grid.none"), t.t("risks.grid.none.do")
    return t.n(_GRID_TEXT[kind], 0), None


def is_known(frame: pd.DataFrame) -> bool:
    """Whether the trend has anything to show."""
    return bool((frame["exposure"].notna() | frame["contingency"].notna()).any())


def unplaced(frame: pd.DataFrame, t: Translator) -> str | None:
    """How many cannot be placed in the grid."""
    count = int(frame.loc[frame["p_index"].isna() | frame["i_index"].isna(), "risks"].sum())
    return t.n("risks.grid.unplaced", count) if count else None


def list_title(frame: pd.DataFrame, kind: Kind, cell: list[Any], t: Translator) -> str:
    """What the list of risks holds."""
    count = 0 if frame.empty else int(frame["of"].iloc[0])
    title = t.n(_LIST_TEXT[kind], count)
    if not cell:
        return title
    where = t.t(
        "risks.list.cell", probability=t.t(PROBABILITIES[cell[0] - 1]), impact=t.t(LEVELS[cell[1] - 1])
    )
    return f"{title} {where}"


def cover_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many projects expect more than they keep, and which lacks most."""
    first = frame.iloc[0]
    if not first["uncovered_of"]:
        return t.t("risks.cover.title.all", name=rows.cut(first["name"]), share=f.percent(first["ratio"], 0))
    return t.n("risks.cover.title", int(first["uncovered_of"]), of=t.n("format.projects", int(first["of"])))


def trend_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What exposure is of contingency now, and at the first point."""
    known = frame.dropna(subset=["exposure", "contingency"])
    known = known[known["contingency"] > 0]
    if known.empty:
        return t.t("risks.trend.title.unknown")
    first, last = known.iloc[0], known.iloc[-1]
    return t.t(
        "risks.trend.title",
        now=f.percent(last["exposure"] / last["contingency"]),
        then=f.percent(first["exposure"] / first["contingency"]),
        since=f.month(first["day"]),
    )


def pipeline_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What waits for a decision."""
    waiting = frame[frame["status"].isin(OPEN_STATES)]
    count = int(waiting["changes"].sum())
    if not count:
        return t.t("risks.pipeline.title.none")
    value, currency = waiting["value"].sum(), waiting["currency"].iloc[0]
    return t.n("risks.pipeline.title", count, value=f.money(value, currency))


def state_names(t: Translator) -> dict[str, str]:
    """The states that the list of changes can be of."""
    return {"open": t.t("risks.state.open"), **{state: t.t(STATE_TEXT[state]) for state in STATES}}


def left_out(frame: pd.DataFrame, t: Translator, f: Formats, shown: int | None = None) -> str | None:
    """What a list leaves out; None when it shows everything."""
    if frame.empty:
        return None
    count, of = len(frame) if shown is None else min(shown, len(frame)), int(frame["of"].iloc[0])
    return t.t("risks.shown_of", shown=f.number(count), of=f.number(of)) if of > count else None


def cover_left_out(frame: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What the cover leaves out of its figure."""
    return left_out(frame, t, f, ROWS)


def pick(mark: list[Any]) -> dict[str, str | None]:
    """What a cell of a grid stands for in the address: a kind, a probability and an impact from 1 to 5."""
    if len(mark) != 3:
        return {"kind": None, "p": None, "i": None}
    return {"kind": str(mark[0]), "p": str(int(mark[1])), "i": str(int(mark[2]))}


def picked(t: Translator) -> tuple[Kind, list[int]]:
    """The kind and the cell that the address asks for, threats and no cell where none; nonsense is said."""
    kind = next((kind for kind in KINDS if kind == st.query_params.get("kind")), None)
    asked = [st.query_params.get(name) for name in ("p", "i")]
    levels = [str(level) for level in range(1, len(LEVELS) + 1)]
    cell = [int(value) for value in asked if value in levels]
    is_cell = kind is not None and len(cell) == len(asked)
    told = ", ".join(value for value in (st.query_params.get("kind"), *asked) if value)
    unknown("cell", t.t("risks.grid"), None if is_cell else told, str(cell) if is_cell else None)
    return (kind, cell) if kind and is_cell else ("risk", [])


def heading_html(text: str) -> str:
    """A small heading above a table."""
    return f'<div class="at-figure-title">{escape(text)}</div>'


def linked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `project`, the address of each row's project."""
    return frame.assign(project=tables.project_links(frame))


def changes_words(frame: pd.DataFrame, t: Translator, f: Formats) -> pd.DataFrame:
    """The changes, linked, each with its number, and what is wrong with it in words."""
    return linked(frame).assign(
        change=[
            f"{number} · {title}" if title else number
            for number, title in zip(frame["change_id"], frame["title"].fillna(""), strict=True)
        ],
        flags=[_flags(row, t, f) for row in rows.each(frame)],
        state=[t.t(STATE_TEXT[state]) for state in frame["status"]],
        origin_name=[_value(origin, t) for origin in frame["origin"]],
    )


def _flags(change: Any, t: Translator, f: Formats) -> str:
    """What is wrong with a change; empty for nothing."""
    flags = []
    if change.is_unapproved_work:
        flags.append(t.t("risks.flag.unapproved_since", date=f.date(change.work_started_on)))
    if change.is_notice_missed:
        flags.append(t.t("risks.flag.notice_missed"))
    return ", ".join(flags)


def delays_words(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The delays, linked, with their cause and what became of the notice in words."""
    notices = []
    for due, given, missed in zip(
        frame["notice_due_on"], frame["notified_on"], frame["is_notice_missed"], strict=True
    ):
        key = "risks.notice.missed" if missed else "risks.notice.given" if not is_missing(given) else None
        key = key or ("risks.notice.none" if is_missing(due) else "risks.notice.due")
        notices.append(t.t(key))
    return linked(frame).assign(notice=notices, cause_name=[_value(cause, t) for cause in frame["cause"]])


def _value(value: Any, t: Translator) -> str:
    return t.t("format.missing") if is_missing(value) else t.label("value", str(value))


def list_columns(t: Translator) -> dict[str, Any]:
    """The columns of the list of risks."""
    return {
        "project": tables.link_column(t.t("risks.col.project")),
        "title": t.t("column.title"),
        "category": t.t("column.category"),
        "probability": tables.percent(t.t("column.probability")),
        "impact_now": tables.number(t.t("risks.col.impact")),
        "exposure_now": tables.number(t.t("risks.col.exposure")),
        "money_in": t.t("filter.currency"),
        "schedule_impact_days": tables.number(t.t("risks.col.days")),
        "response": t.t("column.response"),
        "owner": t.t("column.owner"),
        "due_on": tables.day(t.t("column.due_on")),
    }


def grid_columns(t: Translator) -> dict[str, Any]:
    """The columns of a grid's numbers."""
    return {
        "p_index": tables.number(t.t("risks.axis.probability")),
        "i_index": tables.number(t.t("risks.axis.impact")),
        "cell": tables.number(t.t("risks.col.score"), digits=2),
        "risks": tables.number(t.t("risks.col.count")),
        "exposure": tables.number(t.t("risks.col.exposure")),
        "currency": t.t("filter.currency"),
    }


def cover_columns(t: Translator) -> dict[str, Any]:
    """The columns of the cover."""
    return {
        "project": tables.link_column(t.t("risks.col.project")),
        "exposure": tables.number(t.t("risks.col.exposure")),
        "contingency": tables.number(t.t("risks.col.contingency")),
        "gap": tables.number(t.t("risks.col.gap")),
        "money_in": t.t("filter.currency"),
        "project_manager": t.t("column.project_manager"),
    }


def trend_columns(t: Translator) -> dict[str, Any]:
    """The columns of the trend."""
    return {
        "day": tables.day(t.t("column.status_date")),
        "exposure": tables.number(t.t("risks.col.exposure")),
        "opportunity": tables.number(t.t("risks.col.opportunity")),
        "contingency": tables.number(t.t("risks.col.contingency")),
        "known": tables.number(t.t("risks.col.computed")),
        "running": tables.number(t.t("risks.col.projects")),
    }


def pipeline_columns(t: Translator) -> dict[str, Any]:
    """The columns of the pipeline."""
    return {
        "state": t.t("column.status"),
        "changes": tables.number(t.t("risks.col.count")),
        "revenue": tables.number(t.t("column.revenue_impact")),
        "cost": tables.number(t.t("column.cost_impact")),
        "median_age": tables.number(t.t("risks.col.age")),
        "days": tables.number(t.t("risks.col.days")),
        "started": tables.number(t.t("risks.flag.unapproved_work")),
        "currency": t.t("filter.currency"),
    }


def pipeline_words(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The pipeline with its states in words."""
    return frame.assign(state=[t.t(STATE_TEXT[state]) for state in frame["status"]])


def changes_columns(t: Translator) -> dict[str, Any]:
    """The columns of the list of changes."""
    return {
        "project": tables.link_column(t.t("risks.col.project")),
        "change": t.t("risks.col.change"),
        "flags": t.t("risks.col.flags"),
        "state": t.t("column.status"),
        "age_days": tables.number(t.t("risks.col.age")),
        "revenue": tables.number(t.t("risks.col.revenue")),
        "cost": tables.number(t.t("risks.col.cost")),
        "money_in": t.t("filter.currency"),
        "share_of_contract": tables.percent(t.t("risks.col.share")),
        "schedule_impact_days": tables.number(t.t("risks.col.days")),
        "origin_name": t.t("column.origin"),
    }


def delays_columns(t: Translator) -> dict[str, Any]:
    """The columns of the delays."""
    return {
        "project": tables.link_column(t.t("risks.col.project")),
        "title": t.t("column.title"),
        "cause_name": t.t("column.cause"),
        "days": tables.number(t.t("column.days")),
        "days_claimed": tables.number(t.t("column.days_claimed")),
        "days_granted": tables.number(t.t("column.days_granted")),
        "notice": t.t("risks.col.notice"),
        "notice_due_on": tables.day(t.t("column.notice_due_on")),
        "notified_on": tables.day(t.t("column.notified_on")),
    }
