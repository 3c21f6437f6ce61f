"""Definitions: what every number on the pages means, found by a name, an abbreviation or a word."""

import streamlit as st

from metrics.definitions import definitions, in_force
from metrics.queries.compare import choices
from metrics.queries.definitions import example_values, rules_in_force, settings_in_force
from ui import clicks, frame
from ui.context import current
from ui.definitions import listing, matching, style, thresholds_html, unexplained
from ui.filters import url_choice
from ui.store import ask, ask_all

page = current()
t, f = page.t, page.f
style()


def everything():
    """Every metric, with the formula that the store's settings choose."""
    settings = ask_all(settings_in_force, page.store)
    return [in_force(definition, settings) for definition in definitions()]


def cards(words, project_id):
    """The metrics that speak of `words`, worked out with a project's own numbers where one is chosen."""
    metrics = everything()
    columns = tuple((definition.mart, definition.id) for definition in metrics)
    values = ask(example_values, page.scope, project_id, columns) if project_id else {}
    return listing(matching(metrics, words), metrics, ask_all(rules_in_force, page.store), values, t, f)


said = st.container()
words = st.text_input(
    t.t("definitions.search"),
    key="q",
    bind="query-params",
    placeholder=t.t("definitions.search.hint"),
    icon=":material/search:",
)
offered = dict(ask(choices, page.scope))
chosen = None
if offered:
    chosen = url_choice("example", t.t("definitions.example.of"), offered, next(iter(offered)), width=360)
shown = clicks.kept("definitions", lambda: cards(words, chosen), words, chosen)
with said:
    key = "definitions.found" if words else "definitions.sentence"
    frame.sentence(t.n(key, shown.count, words=words))

if not shown.count:
    frame.empty(t.t("definitions.nothing", words=words), t.t("definitions.nothing.do"))

for heading, markdown in shown.groups:
    frame.section(heading)
    st.markdown(markdown, unsafe_allow_html=True)

others = [] if words else unexplained(everything(), ask_all(rules_in_force, page.store))
if others:
    frame.section(t.t("definitions.other_rules"))
    for rule in others:
        st.html(thresholds_html(rule, t, f))
