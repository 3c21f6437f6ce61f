"""Schedule: who slips, against which baseline, what is due next and what that costs."""

from functools import partial

import streamlit as st

from metrics.queries import schedule
from ui import frame, links, marks, tables
from ui import schedule as words
from ui.charts import base, rows
from ui.charts import schedule as charts
from ui.charts.kept import kept
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(schedule.headline, scope)
since = f.date(scope.compared_with) if scope.compared_with else None


def show(name, draw, title, table, columns, definition, *choice):
    """A figure of this page: what is clicked in it."""
    fig = kept(f"schedule_{name}", partial(draw, page.palette, t, f), *choice)
    return rows.chosen(base.show(
        fig, title, title, table, key=f"schedule_{name}", columns=columns, definition=definition, select=True
    ))  # fmt: skip


def to_project(chosen):
    """On to the project that was clicked, if any."""
    if chosen:
        links.go("project", project_id=chosen[0])


def caption(text):
    """What a figure or table leaves out, if anything."""
    if text:
        st.caption(text)


def table(name, rows_of, columns, title, **how):
    """A table of this page."""
    return tables.table(rows_of, columns, key=f"schedule_{name}_list", file_name=name, alt=title, **how)


frame.sentence(words.sentence(said, t, f))
if not said.running:
    frame.empty(t.t("schedule.none"), t.t("schedule.none.do"))
    st.stop()
with frame.tiles(4):
    for tile in words.tiles(said, since, t, f):
        frame.tile(*tile)

against = url_choice("against", t.t("schedule.against"), words.against_names(t), "original", width=260)
slips = ask(schedule.ranking, scope, against)
if slips.empty:
    frame.empty(t.t("schedule.ranking.none"), t.t("schedule.ranking.none.do"))
else:
    title, listed = words.ranking_title(slips, against, t, f), words.linked(slips)
    draw = partial(charts.ranking, slips, scope.as_of)
    to_project(show("slips", draw, title, listed, words.ranking_columns(t), "slip_days_original", against))
    caption(words.ranking_left_out(slips, t, f))

left, right = st.columns(2, gap="large")
with left:
    bands = ask(schedule.distribution, scope)
    title, listed = words.distribution_title(bands, t, f), words.banded(bands, t)
    draw = partial(charts.distribution, bands)
    bar = show("distribution", draw, title, listed, words.distribution_columns(t), "slip_days")
    if words.is_band(bar):
        members = words.linked(ask(schedule.in_band, scope, *bar))
        title = words.band_title(*bar, t)
        st.html(words.heading_html(title))
        table("slips_of_band", members, words.band_columns(t), title)
with right:
    moved = ask(schedule.movers, scope)
    if moved.empty:
        frame.empty(*words.no_movers(since, t))
    else:
        title, listed = words.movers_title(moved, since, t, f), words.linked(moved)
        draw = partial(charts.movers, moved)
        to_project(show("movers", draw, title, listed, words.movers_columns(t), "forecast_finish"))
        caption(words.left_out(moved, t, f))

frame.section(t.t("schedule.trend"), t.t("schedule.trend.note"))
offered = words.trend_choices(ask(schedule.programmes, scope), t)
programme = url_choice("trend", t.t("schedule.trend.of"), offered, "", width=340)
lines = ask(schedule.milestone_trend, scope, programme) if programme else ask(schedule.finish_trend, scope)
title = words.trend_title(lines, t, f)
if lines.empty:
    frame.empty(title, t.t("schedule.trend.none.do"))
else:
    draw = partial(charts.trend, lines, scope.as_of)
    columns = words.trend_columns(lines, t)
    to_project(show("trend", draw, title, words.linked(lines), columns, "forecast_finish", programme))
    caption(words.trend_left_out(lines, t, f))

frame.section(t.t("schedule.calendar", days=f.number(schedule.AHEAD_DAYS)))
due = ask(schedule.calendar, scope)
if due.empty:
    frame.empty(t.t("schedule.calendar.none"), t.t("schedule.calendar.none.do"))
else:
    title, listed = words.calendar_title(due, t, f), words.linked(due)
    columns = words.calendar_columns(t)
    to_project(
        show("calendar", partial(charts.calendar, due, scope.as_of), title, listed, columns, "ld_probable")
    )
    table("contractual_milestones", listed, columns, title)
    caption(words.left_out(due, t, f))

frame.section(t.t("schedule.rebaselined"))
hiding, events = ask(schedule.rebaselined, scope), ask(schedule.rebaselines, scope)
if hiding.empty:
    frame.empty(t.t("schedule.rebaselined.none"))
else:
    title, listed = words.rebaselined_title(hiding, t, f), words.linked(hiding)
    if charts.hides(hiding).empty:
        st.markdown(marks.escape_md(title))
    else:
        draw, columns = partial(charts.rebaselined, hiding), words.rebaselined_columns(t)
        to_project(show("rebaselined", draw, title, listed, columns, "rebaseline_count"))
        caption(words.left_out(hiding, t, f))
    table("rebaselines", words.linked(events), words.event_columns(t), title)

checked = ask(schedule.quality, scope)
frame.section(t.t("schedule.quality"), words.quality_note(checked, said.running, t))
if checked.empty:
    frame.empty(t.t("schedule.quality.none"), t.t("schedule.quality.none.do"))
else:
    title, columns = t.t("schedule.quality"), words.quality_columns(t)
    row = table("schedule_quality", words.with_words(checked, t), columns, title, select=True)
    picked = checked.iloc[row or 0]
    found = ask(schedule.checks, scope, picked["project_id"])
    title = words.checks_title(picked["name"], found, t, f)
    st.html(words.heading_html(title))
    table(
        "schedule_checks", words.checks_words(found, t, f), words.checks_columns(t), title, height="content"
    )
