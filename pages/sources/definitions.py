"""Definitions: what every number on the pages means, found by a name, an abbreviation or a word."""

from itertools import groupby

import streamlit as st

from metrics.definitions import definitions
from metrics.queries.compare import choices
from metrics.queries.definitions import example_values, rules_in_force
from ui import frame, marks
from ui.context import current
from ui.definitions import (
    example_text,
    formula,
    matching,
    other_names,
    rules_of,
    thresholds_html,
    unexplained,
)
from ui.filters import url_choice
from ui.store import ask, ask_all

page = current()
t, f = page.t, page.f
everything = definitions()
rules = ask_all(rules_in_force, page.store)

said = st.container()
words = st.text_input(
    t.t("definitions.search"),
    key="q",
    bind="query-params",
    placeholder=t.t("definitions.search.hint"),
    icon=":material/search:",
)
found = matching(everything, words)
offered = dict(ask(choices, page.scope))
values = {}
if offered:
    chosen = url_choice("example", t.t("definitions.example.of"), offered, next(iter(offered)), width=360)
    columns = tuple((definition.mart, definition.id) for definition in everything)
    values = ask(example_values, page.scope, chosen, columns)
with said:
    key = "definitions.found" if words else "definitions.sentence"
    frame.sentence(t.n(key, len(found), words=words))

if not found:
    frame.empty(t.t("definitions.nothing", words=words), t.t("definitions.nothing.do"))

for group, members in groupby(found, key=lambda d: d.group):
    frame.section(t.t(f"metric.group.{group}"))
    for definition in members:
        with st.container(border=True, key=f"metric_{definition.id}"):
            about, beside = st.columns(2, vertical_alignment="center")
            with about:
                st.markdown(f"**{marks.escape_md(t.t(f'metric.{definition.id}.name'))}**")
                st.markdown(marks.escape_md(t.t(f"metric.{definition.id}.meaning")))
            beside.latex(formula(definition, t))
            for rule in rules_of(definition, rules):
                st.html(thresholds_html(rule, t, f))
            example = example_text(definition, everything, values, t, f)
            if example:
                st.markdown(marks.escape_md(t.t("definitions.example", name=values["name"], text=example)))
            facts = (
                t.t("definitions.unit", unit=t.t(f"metric.unit.{definition.unit}")),
                t.t("definitions.unknown", reason=t.t(f"metric.unknown.{definition.unknown}")),
                t.t("definitions.source", source=definition.source),
                t.t("definitions.column", id=definition.id),
                other_names(definition, t),
            )
            st.caption(marks.escape_md(" · ".join(facts)))

others = [] if words else unexplained(everything, rules)
if others:
    frame.section(t.t("definitions.other_rules"))
    for rule in others:
        st.html(thresholds_html(rule, t, f))
