"""Margin: from as sold to the forecast, whose the difference is, and whether the quarter is made."""

from functools import partial

import streamlit as st

from metrics.queries import margin
from ui import frame, links, tables
from ui import margin as words
from ui.charts import base, rows
from ui.charts import margin as charts
from ui.charts.kept import kept
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
cover, walk = ask(margin.cover, scope), ask(margin.bridge, scope)
since = f.date(scope.compared_with) if scope.compared_with else None


def show(name, draw, title, table, columns, definition, *choice, alt=None, select=False):
    """A figure of this page: what is clicked in it."""
    fig = kept(f"margin_{name}", partial(draw, page.palette, t, f), *choice)
    return rows.chosen(base.show(
        fig, title, alt or title, table, key=f"margin_{name}", columns=columns, definition=definition,
        select=select,
    ))  # fmt: skip


def caption(text):
    """What a figure leaves out or rests on, if anything."""
    if text:
        st.caption(text)


message = words.sentence(walk, cover.running, t, f)
frame.sentence(message)
if not cover.running:
    frame.empty(t.t("margin.none"), t.t("margin.none.do"))
    st.stop()
with frame.tiles(5):
    for tile in words.tiles(walk, cover, since, t, f):
        frame.tile(*tile)

frame.section(t.t("margin.bridge"))
if walk.empty:
    frame.empty(t.t("margin.bridge.none"), t.t("margin.bridge.none.do"))
else:
    unit = url_choice("unit", t.t("margin.unit"), words.unit_names(t), "points", width=220)
    title, listed = words.bridge_title(walk, t, f), words.bridge_words(walk, t)
    draw, columns = partial(charts.waterfall, walk, unit), words.bridge_columns(t)
    show("bridge", draw, title, listed, columns, "margin_bridge", unit, alt=message)
    caption(words.bridge_basis(walk, t, f))
    caption(words.at_closing(cover, t, f))

left, right = st.columns(2, gap="large")
with left:
    frame.section(t.t("margin.erosion"))
    eroded = ask(margin.erosion, scope)
    if eroded.empty:
        frame.empty(t.t("margin.erosion.none"), t.t("margin.bridge.none.do"))
    else:
        title, listed = words.erosion_title(eroded, t, f), words.linked(eroded)
        draw, columns = partial(charts.erosion, eroded), words.erosion_columns(t)
        chosen = show("erosion", draw, title, listed, columns, "margin_erosion_pp", select=True)
        if chosen:
            links.go("project", project_id=chosen[0])
        caption(words.erosion_left_out(eroded, t, f))
with right:
    frame.section(t.t("margin.trend"))
    reports = ask(margin.trend, scope)
    title = words.trend_title(reports, t, f)
    if reports["constant"].notna().any():
        draw, columns = partial(charts.trend, reports), words.trend_columns(t)
        show("trend", draw, title, reports, columns, "margin_pct_forecast")
        caption(t.t("margin.trend.note"))
    else:
        frame.empty(title)
    falling = ask(margin.only_falls, scope)
    if not falling.empty:
        title, columns = words.falls_title(falling, t), words.falls_columns(t)
        st.html(words.heading_html(title))
        tables.table(
            words.linked(falling), columns, key="margin_falls", file_name="margin_only_falls", alt=title
        )

frame.section(t.t("margin.quarter"))
for column, measure in zip(st.columns(2, gap="large"), charts.MEASURES, strict=True):
    with column:
        told = ask(margin.quarter, scope, measure)
        title, columns = words.quarter_title(told, t, f), words.quarter_columns(t)
        if not told.known:
            frame.empty(title, t.t("margin.quarter.unknown.do"))
            continue
        show(f"quarter_{measure}", partial(charts.quarter, told), title, told.months, columns, None)
        caption(words.quarter_note(told, t, f))

frame.section(t.t("margin.currency"), t.t("margin.currency.what"))
foreign, exposed = ask(margin.currencies, scope), ask(margin.exposed, scope)
if foreign.empty:
    frame.empty(t.t("margin.currency.none"), t.t("margin.currency.none.do"))
else:
    left, right = st.columns(2, gap="large")
    title, draw = words.currency_title(foreign, t, f), partial(charts.currencies, foreign)
    with left:
        show("currency", draw, title, foreign, words.currency_columns(t), "margin_pct_forecast")
    with right:
        tables.table(
            words.linked(exposed), words.exposed_columns(t), key="margin_exposed",
            file_name="currency_exposure", alt=title,
        )  # fmt: skip

frame.section(t.t("margin.group"))
by = url_choice("by", t.t("margin.group.by"), words.group_choices(t), "programme", width=260)
groups = ask(margin.profitability, scope, by)
names = words.group_names(groups, by, t)
title, listed = words.group_title(groups, names, by, t, f), groups.assign(name=names)
picked = []
if groups["forecast"].notna().any():
    draw, columns = partial(charts.profitability, groups, names), words.group_columns(by, t)
    picked = show(f"by_{by}", draw, title, listed, columns, "margin_pct_forecast", select=True)
    caption(words.group_left_out(groups, t, f))
else:
    frame.empty(t.t("margin.group.title.unknown"), t.t("margin.bridge.none.do"))
if picked:
    members = words.linked(ask(margin.in_group, scope, by, words.group_id(groups.iloc[picked[0]])))
    tables.table(
        members, words.member_columns(t), key="margin_members", file_name="margin_projects",
        alt=names[picked[0]],
    )  # fmt: skip
