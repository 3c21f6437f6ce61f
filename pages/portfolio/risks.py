"""Risks & changes: what may still happen, what is kept for it, and where changes and claims stand."""

from functools import partial

import streamlit as st

from metrics.queries import risks
from ui import frame, links, tables
from ui import risks as words
from ui.charts import base, rows
from ui.charts import risks as charts
from ui.charts.kept import kept
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(risks.headline, scope)
since = f.date(scope.compared_with) if scope.compared_with else None


def show(name, draw, title, table, columns, definition=None, *, select=True):
    """A figure of this page: what is clicked in it."""
    fig = kept(f"risks_{name}", partial(draw, page.palette, t, f))
    return rows.chosen(base.show(
        fig, title, title, table, key=f"risks_{name}", columns=columns, definition=definition, select=select
    ))  # fmt: skip


def listed(name, found, columns, title):
    """A table of this page, and what it leaves out."""
    tables.table(found, columns, key=f"risks_{name}_list", file_name=name, alt=title)
    note = words.left_out(found, t, f) if "of" in found else None
    if note:
        st.caption(note)


frame.sentence(words.sentence(said, t, f))
if not said.running:
    frame.empty(t.t("risks.none"), t.t("risks.none.do"))
    st.stop()
with frame.tiles(5):
    for tile in words.tiles(said, since, t, f):
        frame.tile(*tile)

frame.section(t.t("risks.grid"), t.t("risks.grid.what"))
clicked = []
for column, kind in zip(st.columns(2, gap="large"), risks.KINDS, strict=True):
    with column:
        cells = ask(risks.grid, scope, kind)
        if cells.empty:
            frame.empty(*words.no_grid(said, kind, t))
            continue
        title = words.grid_title(cells, kind, t, f)
        draw = partial(charts.grid, cells, kind)
        clicked = show(kind, draw, title, cells, words.grid_columns(t), "risk_exposure") or clicked
        note = words.unplaced(cells, t)
        if note:
            st.caption(note)
kind, cell = words.kind_of(clicked), clicked[1:]
found = ask(risks.in_cell, scope, kind, *cell)
if not found.empty:
    title = words.list_title(found, kind, cell, t)
    st.html(words.heading_html(title))
    listed("register", words.linked(found), words.list_columns(t), title)

left, right = st.columns(2, gap="large")
with left:
    frame.section(t.t("risks.cover"))
    covered = ask(risks.cover, scope)
    if covered.empty:
        frame.empty(t.t("risks.cover.none"), t.t("risks.cover.none.do"))
    else:
        title, columns = words.cover_title(covered, t, f), words.cover_columns(t)
        draw = partial(charts.cover, covered)
        chosen = show("cover", draw, title, words.linked(covered), columns, "contingency_left")
        if chosen:
            links.go("project", project_id=chosen[0])
        note = words.cover_left_out(covered, t, f)
        if note:
            st.caption(note)
with right:
    frame.section(t.t("risks.trend"))
    reports = ask(risks.trend, scope)
    title, draw = words.trend_title(reports, t, f), partial(charts.trend, reports)
    if words.is_known(reports):
        show("trend", draw, title, reports, words.trend_columns(t), "risk_exposure", select=False)
    else:
        frame.empty(title)

frame.section(t.t("risks.pipeline"))
states = ask(risks.pipeline, scope)
if states.empty:
    frame.empty(t.t("risks.pipeline.none"), t.t("risks.pipeline.none.do"))
else:
    title, columns = words.pipeline_title(states, t, f), words.pipeline_columns(t)
    draw = partial(charts.pipeline, states)
    show(
        "pipeline", draw, title, words.pipeline_words(states, t), columns, "open_changes_value", select=False
    )
    state = url_choice("state", t.t("risks.state"), words.state_names(t), "open", width=240)
    found = ask(risks.changes, scope, state)
    listed("changes", words.changes_words(found, t), words.changes_columns(t), title)

frame.section(t.t("risks.delays"), t.t("risks.delays.what"))
late = ask(risks.delays, scope)
if late.empty:
    frame.empty(t.t("risks.delays.none"))
else:
    listed("delays", words.delays_words(late, t), words.delays_columns(t), t.t("risks.delays"))
