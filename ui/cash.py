"""What the Contract & cash screen says in words, and its tables."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.cash import BUCKETS, STAGES, Headline
from ui import tables
from ui.filters import unknown
from ui.formats import Formats, is_missing


def sentence(said: Headline, t: Translator, f: Formats) -> str:
    """What is accepted and not invoiced, what is overdue, and what damages threaten."""
    if is_missing(said.unbilled) and is_missing(said.overdue):
        return t.t("cash.sentence.unknown")
    unbilled, overdue = f.money(said.unbilled, said.currency), f.money(said.overdue, said.currency)
    first = t.t("cash.sentence", unbilled=unbilled, overdue=overdue)
    if is_missing(said.ld_probable) or not said.ld_probable:
        return first
    damages = f.money(said.ld_probable, said.currency)
    return first + " " + t.t("cash.sentence.damages", damages=damages)


def flow_title(steps: pd.DataFrame, currency: str, t: Translator, f: Formats) -> str:
    """The step at which most money waits, and for how long."""
    waiting = steps[(steps["stage"] != "ordered") & steps["value"].notna()]
    if waiting.empty:
        return t.t("cash.flow")
    most = waiting.sort_values("value", ascending=False, kind="stable").to_dict("records")[0]
    return t.t(
        "cash.flow.most",
        value=f.money(most["value"], currency),
        step=t.t(f"cash.stage.{most['stage']}").lower(),
        days=f.days(most["median_days"]),
    )


def ageing_title(buckets: pd.DataFrame, currency: str, t: Translator, f: Formats) -> str:
    """How much of what is unpaid is past due, and how much of that by more than 90 days."""
    if not buckets["invoices"].sum():
        return t.t("cash.ageing")
    due = buckets.set_index("bucket")["net_due"]
    return t.t(
        "cash.ageing.most",
        overdue=f.money(due.drop("not_due").sum(), currency),
        unpaid=f.money(due.sum(), currency),
        old=f.money(due["over_90"], currency),
    )


def pick(mark: list[Any]) -> dict[str, str | None]:
    """What a bar of the flow or of the ageing stands for in the address: a step, or a bucket."""
    return {"step": None, "bucket": None} | ({str(mark[0]): str(mark[1])} if len(mark) == 2 else {})


def picked(t: Translator) -> tuple[str | None, str | None]:
    """The step or the bucket that the address asks for; what there is not is said."""
    offered = {"step": (STAGES[1:-1], t.t("cash.step.heading")), "bucket": (BUCKETS, t.t("cash.ageing"))}
    chosen: dict[str, str | None] = {}
    for name, (there, label) in offered.items():
        asked = st.query_params.get(name)
        chosen[name] = asked if asked in there else None
        unknown(name, label, None if asked in there else asked, chosen[name])
    return chosen["step"], chosen["bucket"]


def picked_title(step: str | None, bucket: str | None, t: Translator) -> str:
    """What the list of items holds: those that wait longest, or all behind the bar that was picked."""
    if step:
        return t.t("cash.list.step", step=t.t(f"cash.stage.{step}"))
    return t.t("cash.list.bucket", bucket=t.t(f"cash.bucket.{bucket}")) if bucket else t.t("cash.worst")


def known(count: int, said: Headline, t: Translator, f: Formats) -> str:
    """From how many projects a sum was computed."""
    return t.n("cash.computed_from", said.projects, known=f.number(count))


def worded(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """A list with each row's project as a link and, where it has them, its step and with whom it waits in words."""
    name = "project_name" if "project_name" in frame else "name"
    said = frame.assign(project=tables.project_links(frame, name_column=name))
    if "stage" not in frame:
        return said
    return said.assign(
        stage_said=[t.t(f"cash.stage.{stage}") for stage in frame["stage"]],
        with_said=[t.t(f"cash.with.{whom}") for whom in frame["with_whom"]],
    )


def worst_columns(t: Translator) -> dict[str, Any]:
    """The columns of the items that wait most."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "description": t.t("cash.item"),
        "stage_said": t.t("cash.step.heading"),
        "with_said": t.t("cash.with"),
        "days_in_stage": tables.number(t.t("cash.days")),
        "value": tables.number(t.t("column.value")),
        "currency": t.t("column.currency"),
        "project_manager": t.t("column.project_manager"),
    }


def damages_columns(t: Translator) -> dict[str, Any]:
    """The columns of the milestones with damages at stake."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "name": t.t("value.milestone"),
        "contract_date": tables.day(t.t("column.contract_date")),
        "expected_date": tables.day(t.t("cash.expected")),
        "slip_days_contract": tables.number(t.t("cash.days_late")),
        "days_claimed": tables.number(t.t("column.days_claimed")),
        "days_excusable": tables.number(t.t("column.days_granted")),
        "ld_booked": tables.number(t.t("cash.ld_booked")),
        "ld_probable": tables.number(t.t("cash.ld_probable")),
        "ld_maximum": tables.number(t.t("cash.ld_maximum")),
        "currency": t.t("column.currency"),
    }


def order_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects that spend without an order."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "cost_without_order": tables.number(t.t("cash.without_order")),
        "cost_without_order_share": tables.percent(t.t("cash.of_contract")),
        "currency": t.t("column.currency"),
        "unapproved_work": tables.number(t.t("cash.unapproved_work")),
        "notices_missed": tables.number(t.t("cash.notices_missed")),
        "project_manager": t.t("column.project_manager"),
    }


def position_columns(t: Translator) -> dict[str, Any]:
    """The columns of the contract positions."""
    return {
        "project": tables.link_column(t.t("table.project")),
        "progress": tables.percent(t.t("column.percent_complete")),
        "revenue_recognised": tables.number(t.t("cash.revenue_recognised")),
        "billed": tables.number(t.t("cash.billed")),
        "contract_position": tables.number(t.t("cash.position")),
        "backlog": tables.number(t.t("cash.backlog")),
        "provision_onerous": tables.number(t.t("cash.provision")),
        "dso_days": tables.number(t.t("cash.dso")),
        "currency": t.t("column.currency"),
    }
