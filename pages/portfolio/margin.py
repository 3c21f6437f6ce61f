"""Margin: from as sold to the forecast, whose the difference is, and whether the quarter is made."""

from functools import partial

import streamlit as st

from metrics.queries import margin
from ui import clicks, frame, links, picks, quality
from ui import margin as words
from ui.answers import Answer, Part, as_it_is, figure, listing
from ui.charts import margin as charts
from ui.context import current
from ui.filters import url_choice

page = current()
t, f, scope = page.t, page.f, page.scope
covered, walk = Answer(margin.cover), Answer(margin.bridge)
since = f.date(scope.compared_with) if scope.compared_with else None
show, table = partial(figure, "margin"), partial(listing, "margin")


message, running, tiles = clicks.kept("margin_head", lambda: (
    words.sentence(walk.found, covered.found.running, t, f), covered.found.running,
    words.tiles(walk.found, covered.found, since, t, f),
))  # fmt: skip
frame.sentence(message)
if not running:
    frame.empty(t.t("margin.none"), t.t("margin.none.do"))
    frame.end()
with frame.tiles(5):
    for tile in tiles:
        frame.tile(*tile)

frame.section(t.t("margin.bridge"))
told = walk.told("margin_bridge", lambda found: (
    words.bridge_title(found, t, f), words.bridge_basis(found, t, f), words.at_closing(covered.found, t, f)
))  # fmt: skip
if told is None:
    frame.empty(t.t("margin.bridge.none"), t.t("margin.bridge.none.do"))
else:
    unit = url_choice("unit", t.t("margin.unit"), words.unit_names(t), "points", width=220)
    title, *notes = told
    worded = partial(words.bridge_words, t=t)
    show(
        "bridge",
        walk,
        charts.waterfall,
        title,
        worded,
        words.bridge_columns,
        "margin_bridge",
        unit,
        alt=message,
    )
    for note in notes:
        frame.caption(note)

left, right = frame.columns(1, 1)
with left:
    frame.section(t.t("margin.erosion"))
    eroded = Answer(margin.erosion)
    told = eroded.told("margin_erosion", lambda found: (
        words.erosion_title(found, t, f), words.erosion_left_out(found, t, f)
    ))  # fmt: skip
    if told is None:
        frame.empty(t.t("margin.erosion.none"), t.t("margin.bridge.none.do"))
    else:
        chosen = show(
            "erosion", eroded, charts.erosion, told[0], words.linked, words.erosion_columns,
            "margin_erosion_pp", select=True,
        )  # fmt: skip
        if chosen:
            links.go("project", project_id=chosen[0])
        frame.caption(told[1])
        frame.doubts(eroded.told("margin_erosion_doubts", lambda found: quality.below_html(found, "margin")))
with right:
    frame.section(t.t("margin.trend"))
    reports = Answer(margin.trend)
    title, known = clicks.kept("margin_trend", lambda: (
        words.trend_title(reports.found, t, f), bool(reports.found["constant"].notna().any())
    ))  # fmt: skip
    if known:
        show("trend", reports, charts.trend, title, as_it_is, words.trend_columns, "margin_pct_forecast")
        frame.caption(t.t("margin.trend.note"))
    else:
        frame.empty(title)
    falling = Answer(margin.only_falls)
    title = falling.told("margin_falls", lambda found: words.falls_title(found, t))
    if title:
        st.html(words.heading_html(title))
        table("falls", falling, words.linked, words.falls_columns, title, file_name="margin_only_falls")

frame.section(t.t("margin.quarter"))
sales = Answer(margin.quarters)
for column, measure in zip(frame.columns(1, 1), charts.MEASURES, strict=True):
    with column:
        sold = Part(sales, measure)
        title, known, note = sold.told("margin_quarter", lambda found: (
            words.quarter_title(found, t, f), found.known, words.quarter_note(found, t, f)
        ))  # fmt: skip
        if not known:
            frame.empty(title, t.t("margin.quarter.unknown.do"))
            continue
        show(
            f"quarter_{measure}", sold, charts.quarter, title, words.months, words.quarter_columns,
            f"month_{measure}_actual",
        )  # fmt: skip
        frame.caption(note)

frame.section(t.t("margin.currency"), t.t("margin.currency.what"))
foreign = Answer(margin.currencies)
title = foreign.told("margin_currency", lambda found: words.currency_title(found, t, f))
if title is None:
    frame.empty(t.t("margin.currency.none"), t.t("margin.currency.none.do"))
else:
    show(
        "currency", foreign, charts.currencies, title, as_it_is, words.currency_columns,
        "margin_pct_forecast",
    )  # fmt: skip
    table(
        "exposed", Answer(margin.exposed), words.linked, words.exposed_columns, title,
        file_name="currency_exposure",
    )  # fmt: skip

frame.section(t.t("margin.group"))
by = url_choice("by", t.t("margin.group.by"), words.group_choices(t), "programme", width=260)
groups, pick = Answer(margin.profitability, by), partial(words.pick_group, by)
told = groups.told("margin_group", lambda found: words.group_told(found, by, t, f))
at = None
if told:
    title, names, note = told
    show(
        f"by_{by}", groups, lambda found, *look: charts.profitability(found, names, *look), title,
        lambda found: found.assign(name=names), partial(words.group_columns, by), "margin_pct_forecast",
        pick=pick,
    )  # fmt: skip
    frame.caption(note)
    at = words.picked_group(groups.found, by, t)
else:
    frame.empty(t.t("margin.group.title.unknown"), t.t("margin.bridge.none.do"))
if at is not None:
    picks.heading(names[at], "margin", pick, key="margin_picked")
    members = Answer(margin.in_group, by, words.group_id(groups.found.iloc[at]))
    table("members", members, words.linked, words.member_columns, names[at], file_name="margin_projects")
