"""Definitions: what every number on the pages means, found by a name, an abbreviation or a word."""

import streamlit as st

from metrics.definitions import GROUPS, definitions, in_force
from metrics.queries.compare import choices
from metrics.queries.definitions import examples, rules_in_force, settings_in_force
from ui import clicks, frame
from ui.context import current
from ui.definitions import (
    SCREEN,
    contents_html,
    in_area,
    listing,
    matching,
    style,
    thresholds_html,
    unexplained,
)
from ui.filters import url_choice
from ui.store import ask

ALL = "all"

page = current()
t, f = page.t, page.f
style()


def everything():
    """Every metric, with the formula that the settings of the day choose."""
    settings = ask(settings_in_force, page.scope)
    return [in_force(definition, settings) for definition in definitions()]


def cards(words, area, project_id):
    """The metrics that speak of `words`, or those of an area, worked out with a project's own numbers if it has any."""
    metrics = matching(everything(), words) if words else in_area(everything(), None if area == ALL else area)
    ids = tuple(metric.id for metric in metrics)
    worked = ask(examples, page.scope, project_id, ids) if project_id else None
    return listing(metrics, everything(), ask(rules_in_force, page.scope), worked, t, f)


said = st.container()
words = st.text_input(
    t.t("definitions.search"),
    key="q",
    bind="query-params",
    placeholder=t.t("definitions.search.hint"),
    icon=":material/search:",
)
area = ""
if not words:
    areas = {"": t.t("definitions.area.none"), ALL: t.t("definitions.area.all")}
    areas |= {group: t.t(f"metric.group.{group}") for group in GROUPS}
    area = url_choice("area", t.t("definitions.area"), areas, "", width=360)

if words or area:
    offered = dict(ask(choices, page.scope))
    chosen = None
    if offered:
        chosen = url_choice("example", t.t("definitions.example.of"), offered, next(iter(offered)), width=360)
    shown = clicks.kept("definitions", lambda: cards(words, area, chosen), words, area, chosen)
    with said:
        key = "definitions.found" if words else "definitions.sentence"
        frame.sentence(t.n(key, shown.count, words=words))
    if not shown.count:
        frame.empty(t.t("definitions.nothing", words=words), t.t("definitions.nothing.do"))
    for heading, markdown in shown.areas:
        frame.section(heading)
        st.markdown(markdown, unsafe_allow_html=True)
else:
    with said:
        frame.sentence(t.n("definitions.sentence", len(everything())))
    html = clicks.kept("definitions_contents", lambda: contents_html(everything(), t))
    clicks.show(html, SCREEN, key="definitions_contents", bound=["q"])

others = [] if words or area else unexplained(everything(), ask(rules_in_force, page.scope))
if others:
    frame.section(t.t("definitions.other_rules"))
    for rule in others:
        st.html(thresholds_html(rule, t, f))
