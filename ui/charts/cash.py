"""Figures of the Contract & cash screen."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui.charts.base import figure
from ui.formats import Formats, is_missing
from ui.theme import Palette

WITH_WHOM = ("us", "supplier", "customer")
AIR = 3.9
"""The width of the figure of a step's flow, times its longest bar: on a phone its words still fit beside it."""


def flow(frame: pd.DataFrame, currency: str, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """Value waiting at each step after delivery, darker where it waits with us; value, days and whom beside it.

    customdata: "step" and which.
    """
    frame = frame[frame["stage"] != "ordered"]
    stages = list(dict.fromkeys(frame["stage"]))
    fig = figure(palette, height=52 * max(len(stages), 1) + 40, barmode="stack")
    colours = {"us": palette.ink, "supplier": palette.mid, "customer": palette.pale}
    for whom in WITH_WHOM:
        some = frame[frame["with_whom"] == whom]
        said = [_step(row, currency, t, f) for row in some.itertuples()]
        fig.add_bar(
            y=[t.t(f"cash.stage.{stage}") for stage in some["stage"]],
            x=some["value"], orientation="h", name=t.t(f"cash.with.{whom}"),
            marker={"color": colours[whom]}, customdata=[["step", stage] for stage in some["stage"]],
            text=said, textposition="none", hovertemplate="%{y}: %{text}<extra></extra>",
        )  # fmt: skip
    for stage, of_stage in frame.groupby("stage", sort=False):
        parts = sorted(of_stage.itertuples(), key=lambda row: WITH_WHOM.index(row.with_whom))
        fig.add_annotation(
            x=float(of_stage["value"].sum()), y=t.t(f"cash.stage.{stage}"), xanchor="left", align="left",
            text="<br>".join(_step(row, currency, t, f) for row in parts), showarrow=False, xshift=4,
        )  # fmt: skip
    longest = float(frame.groupby("stage")["value"].sum().max()) if len(frame) else 0.0
    order = [t.t(f"cash.stage.{stage}") for stage in stages]
    fig.update_xaxes(visible=False, range=[0, (longest or 1.0) * AIR])
    return fig.update_yaxes(categoryorder="array", categoryarray=order, autorange="reversed", showgrid=False)


def ageing(frame: pd.DataFrame, currency: str, t: Translator, f: Formats, palette: Palette) -> go.Figure:
    """Unpaid invoices by days past due, net due; what is not due yet is pale. customdata: "bucket" and which."""
    fig = figure(palette, height=300)
    fig.add_bar(
        customdata=[["bucket", bucket] for bucket in frame["bucket"]],
        x=[t.t(f"cash.bucket.{bucket}") for bucket in frame["bucket"]],
        y=frame["net_due"],
        marker={"color": [palette.pale if b == "not_due" else palette.ink for b in frame["bucket"]]},
        text=[
            f"{f.money(net_due, currency)}<br>{t.n('cash.invoices', int(invoices))}"
            for net_due, invoices in zip(frame["net_due"], frame["invoices"], strict=True)
        ],
        textposition="outside", cliponaxis=False, hovertemplate="%{x}: %{text}<extra></extra>",
    )  # fmt: skip
    highest = float(frame["net_due"].max()) if len(frame) else 0.0
    return fig.update_yaxes(visible=False, range=[0, (highest or 1.0) * 1.3])


def _step(row: object, currency: str, t: Translator, f: Formats) -> str:
    value, days = row.value, row.median_days  # type: ignore[attr-defined]
    whom = t.t(f"cash.with.{row.with_whom}")  # type: ignore[attr-defined]
    waits = t.t("format.missing") if is_missing(days) else f.days(days)
    return t.t("cash.step", value=f.money(value, currency), days=waits, whom=whom)
