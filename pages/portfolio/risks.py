"""Risks & changes: what may still happen, what is kept for it, and where changes and claims stand."""

from functools import partial

import streamlit as st

from metrics.queries import risks
from ui import clicks, frame, links, picks
from ui import risks as words
from ui.answers import Answer, as_it_is, figure, listing
from ui.charts import risks as charts
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(risks.headline, scope)
since = f.date(scope.compared_with) if scope.compared_with else None
show = partial(figure, "risks", select=True)


def draw_grid(kind, found, *look):
    """The grid of one kind."""
    return charts.grid(found, kind, *look)


def table(name, answer, *worded):
    """A table of this page, and what it leaves out."""
    listing("risks", name, answer, *worded)
    frame.caption(answer.told(
        f"risks_{name}_left", lambda found: words.left_out(found, t, f) if "of" in found else None
    ))  # fmt: skip


frame.sentence(words.sentence(said, t, f))
if not said.running:
    frame.empty(t.t("risks.none"), t.t("risks.none.do"))
    frame.end()
with frame.tiles(5):
    for tile in clicks.kept("risks_tiles", lambda: words.tiles(said, since, t, f)):
        frame.tile(*tile)

frame.section(t.t("risks.grid"), t.t("risks.grid.what"))
for column, kind in zip(frame.columns(1, 1), risks.KINDS, strict=True):
    with column:
        cells = Answer(risks.grid, kind)
        told = cells.told("risks_grid", lambda found, kind=kind: (
            words.grid_title(found, kind, t, f), words.unplaced(found, t)
        ))  # fmt: skip
        if told is None:
            frame.empty(*words.no_grid(said, kind, t))
            continue
        draw = partial(draw_grid, kind)
        show(kind, cells, draw, told[0], as_it_is, words.grid_columns, "risk_exposure", pick=words.pick)
        frame.caption(told[1])
kind, cell = words.picked(t)
found = Answer(risks.in_cell, kind, *cell)
title = found.told("risks_register", lambda found: words.list_title(found, kind, cell, t))
if title:
    if cell:
        picks.heading(title, "risks", words.pick, key="risks_picked")
    else:
        st.html(words.heading_html(title))
    table("register", found, words.linked, words.list_columns, title)

left, right = frame.columns(1, 1)
with left:
    frame.section(t.t("risks.cover"))
    covered = Answer(risks.cover)
    told = covered.told("risks_cover", lambda found: (
        words.cover_title(found, t, f), words.cover_left_out(found, t, f)
    ))  # fmt: skip
    if told is None:
        frame.empty(t.t("risks.cover.none"), t.t("risks.cover.none.do"))
    else:
        chosen = show(
            "cover", covered, charts.cover, told[0], words.linked, words.cover_columns, "contingency_left"
        )
        if chosen:
            links.go("project", project_id=chosen[0])
        frame.caption(told[1])
with right:
    frame.section(t.t("risks.trend"))
    reports = Answer(risks.trend)
    title, known = clicks.kept("risks_trend", lambda: (
        words.trend_title(reports.found, t, f), words.is_known(reports.found)
    ))  # fmt: skip
    if known:
        show(
            "trend", reports, charts.trend, title, as_it_is, words.trend_columns, "risk_exposure",
            select=False,
        )  # fmt: skip
    else:
        frame.empty(title)

frame.section(t.t("risks.pipeline"))
states = Answer(risks.pipeline)
title = states.told("risks_pipeline", lambda found: words.pipeline_title(found, t, f))
if title is None:
    frame.empty(t.t("risks.pipeline.none"), t.t("risks.pipeline.none.do"))
else:
    worded = partial(words.pipeline_words, t=t)
    show(
        "pipeline", states, charts.pipeline, title, worded, words.pipeline_columns, "open_changes_value",
        select=False,
    )  # fmt: skip
    state = url_choice("state", t.t("risks.state"), words.state_names(t), "open", width=240)
    worded = partial(words.changes_words, t=t, f=f)
    table("changes", Answer(risks.changes, state), worded, words.changes_columns, title)

frame.section(t.t("risks.delays"), t.t("risks.delays.what"))
late = Answer(risks.delays)
if late.told("risks_delays", len) is None:
    frame.empty(t.t("risks.delays.none"))
else:
    worded = partial(words.delays_words, t=t)
    table("delays", late, worded, words.delays_columns, t.t("risks.delays"))
