"""Compare: two projects, or one project on two dates, side by side."""

from datetime import date

import streamlit as st

from metrics.queries import compare
from ui import frame
from ui.compare import colours_html, is_same, lines_html, sentence
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
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
st.html(colours_html(left, right, t))
if not found:
    frame.empty(t.t("compare.nothing"))
st.html(lines_html(left, right, found, t, f))
