"""Contract & cash: where money waits between order and payment, with whom, and what threatens it."""

from metrics.queries import cash
from ui import frame, picks, quality, tables
from ui.answers import Answer
from ui.cash import (
    ageing_title,
    damages_columns,
    flow_title,
    known,
    order_columns,
    pick,
    picked,
    picked_title,
    position_columns,
    sentence,
    worded,
    worst_columns,
)
from ui.charts import base
from ui.charts import cash as charts
from ui.context import current
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(cash.headline, scope)


def show(name, answer, draw, title, definition):
    """A figure of this page, drawn of its answer; a click in it narrows the list of items."""
    fig = answer.drawn(f"cash_{name}", lambda found: draw(found, said.currency, t, f, page.palette))
    base.show(fig, title, title, lambda: answer.found, key=f"cash_{name}", definition=definition, pick=pick)


frame.sentence(sentence(said, t, f))
if not said.projects:
    frame.empty(t.t("table.empty"), t.t("cash.none.do"))
    frame.end()

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

steps = Answer(cash.flow)
title = steps.told("cash_flow", lambda found: flow_title(found, said.currency, t, f))
if title is None:
    frame.empty(t.t("cash.no_items"), t.t("cash.no_items.do"))
else:
    show("flow", steps, charts.flow, title, "unbilled")

ages = Answer(cash.ageing)
message = ages.told("cash_ageing_title", lambda found: ageing_title(found, said.currency, t, f))
show("ageing", ages, charts.ageing, message, "overdue_receivables")

step, bucket = picked(t)
for name, title, answer, columns in (
    ("worst", picked_title(step, bucket, t), Answer(cash.worst, step, bucket), worst_columns),
    ("damages", t.t("cash.damages"), Answer(cash.damages), damages_columns),
    ("orders", t.t("cash.orders"), Answer(cash.without_order), order_columns),
    ("positions", t.t("cash.positions"), Answer(cash.positions), position_columns),
):
    if name == "worst" and (step or bucket):
        picks.heading(title, "cash", pick, key="cash_picked")
    else:
        frame.section(title)
    listed = answer.told(f"cash_{name}", lambda found, name=name, columns=columns: (
        quality.beside(worded(found, t), columns(t), f"cash_{name}")
    ))  # fmt: skip
    if listed is None:
        frame.empty(t.t("cash.nothing"))
    else:
        tables.table(*listed, key=f"cash_{name}", file_name=f"cash_{name}", alt=title)
