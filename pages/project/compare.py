"""Compare: two projects, or one project on two dates, side by side."""

from dataclasses import replace
from datetime import date

import streamlit as st

from metrics.queries import compare
from metrics.queries.quality import findings
from ui import clicks, evidence, frame, quality
from ui.charts import base
from ui.charts import compare as charts
from ui.charts.kept import kept
from ui.compare import (
    both,
    colours_html,
    curve_columns,
    curve_title,
    is_drawn,
    is_same,
    lines_html,
    named,
    sentence,
    title,
)
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
evidence.style()
offered = dict(ask(compare.choices, scope))
said = st.container()
if not offered:
    with said:
        frame.sentence(t.t("compare.none"))
    frame.empty(t.t("compare.none"), t.t("compare.none.do"))
    frame.end()

sides = []
ids = list(offered)
for column, key, first in zip(st.columns(2), ("a", "b"), (ids[0], ids[min(1, len(ids[1:]))]), strict=True):
    with column, st.container(horizontal=True):
        chosen = url_choice(key, t.t(f"compare.{key}"), offered, first)
        days = {day.isoformat(): f.date(day) for day in ask(compare.dates_of, scope, chosen)}
        is_again = bool(sides) and sides[0].project_id == chosen
        newest = list(days)[: 2 if is_again else 1][-1]
        day = url_choice(f"{key}_date", t.t("compare.on"), days, newest, width=160)
        sides.append(ask(compare.side, scope, chosen, date.fromisoformat(day)))

left, right = sides
found = compare.lines(left, right)
with said:
    frame.sentence(sentence(left, right, found, t, f))
if is_same(left, right):
    frame.end()
clicks.show(colours_html(left, right, t, f), "compare", key="compare_colours")

names = title(left, right, t, f)
curves = both(*(ask(compare.curve, scope, side.project_id, side.status_date) for side in sides))
frame.section(t.t("compare.curve"))
if is_drawn(curves):
    message = curve_title(curves, names, t, f)
    fig = kept(
        "compare_progress", lambda: charts.progress(curves, names, page.palette, t, f),
        *((side.project_id, side.status_date) for side in sides),
    )  # fmt: skip
    base.show(
        fig, message, message, named(curves, names), key="compare_progress", columns=curve_columns(t),
        definition="percent_complete",
    )  # fmt: skip
else:
    frame.empty(t.t("compare.curve.none"), t.t("compare.curve.none.do"))

frame.section(t.t("compare.measures"))
if not found:
    frame.empty(t.t("compare.nothing"))
doubts = tuple(
    quality.told(ask(findings, replace(scope, as_of=side.status_date), (side.project_id,)), t, f)
    for side in sides
)
clicks.show(lines_html(left, right, found, doubts, t, f), "compare", key="compare_lines")
