"""Contract & cash: where money waits between order and payment, with whom, and what threatens it."""

import streamlit as st

from metrics.queries import cash
from ui import frame, tables
from ui.cash import (
    damages_columns,
    flow_title,
    known,
    order_columns,
    position_columns,
    sentence,
    worst_columns,
)
from ui.charts import base
from ui.charts import cash as charts
from ui.context import current
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(cash.headline, scope)

frame.sentence(sentence(said, t, f))
if not said.projects:
    frame.empty(t.t("table.empty"), t.t("cash.none.do"))
    st.stop()

with frame.tiles(4):
    frame.tile(
        t.t("metric.unbilled.name"),
        f.money(said.unbilled, said.currency),
        known(said.computed_unbilled, said, t, f),
    )
    frame.tile(
        t.t("metric.overdue_receivables.name"),
        f.money(said.overdue, said.currency),
        known(said.computed_overdue, said, t, f),
    )
    frame.tile(
        t.t("metric.ld_probable.name"),
        f.money(said.ld_probable, said.currency),
        t.t(
            "cash.ld_beside",
            booked=f.money(said.ld_booked, said.currency),
            most=f.money(said.ld_maximum, said.currency),
        ),
    )
    frame.tile(
        t.t("metric.cost_without_order.name"),
        f.money(said.cost_without_order, said.currency),
        t.n("cash.notices", said.notices_missed or 0),
    )

steps = ask(cash.flow, scope)
if steps.empty:
    frame.empty(t.t("cash.no_items"), t.t("cash.no_items.do"))
else:
    title = flow_title(steps, said.currency, t, f)
    base.show(
        charts.flow(steps, said.currency, t, f, page.palette), title, title, steps, key="cash_flow",
        definition="unbilled",
    )  # fmt: skip

for title, query, columns, key in (
    (t.t("cash.worst"), cash.worst, worst_columns, "cash_worst"),
    (t.t("cash.ageing"), cash.ageing, None, "cash_ageing"),
    (t.t("cash.damages"), cash.damages, damages_columns, "cash_damages"),
    (t.t("cash.orders"), cash.without_order, order_columns, "cash_orders"),
    (t.t("cash.positions"), cash.positions, position_columns, "cash_positions"),
):
    found = ask(query, scope)
    if columns is None:
        base.show(
            charts.ageing(found, said.currency, t, f, page.palette), title, title, found, key=key,
            definition="overdue_receivables",
        )  # fmt: skip
        continue
    frame.section(title)
    if found.empty:
        frame.empty(t.t("cash.nothing"))
        continue
    found["project"] = tables.project_links(
        found, name_column="project_name" if "project_name" in found else "name"
    )
    if "stage" in found:
        found["stage_said"] = [t.t(f"cash.stage.{stage}") for stage in found["stage"]]
        found["with_said"] = [t.t(f"cash.with.{whom}") for whom in found["with_whom"]]
    tables.table(found, columns(t), key=key, file_name=key, alt=title)
