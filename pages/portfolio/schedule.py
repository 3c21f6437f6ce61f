"""Schedule: who slips, against which baseline, what is due next and what that costs."""

from functools import partial

import streamlit as st

from metrics.queries import schedule
from ui import clicks, frame, links, marks, picks, quality
from ui import schedule as words
from ui.answers import Answer, figure, listing
from ui.charts import schedule as charts
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = Answer(schedule.headline)
since = f.date(scope.compared_with) if scope.compared_with else None
show, table = partial(figure, "schedule", select=True), partial(listing, "schedule")


def to_project(chosen):
    """On to the project that was clicked, if any."""
    if chosen:
        links.go("project", project_id=chosen[0])


message, running, tiles = said.told("schedule_head", lambda found: (
    words.sentence(found, t, f), found.running, words.tiles(found, since, t, f)
))  # fmt: skip
frame.sentence(message)
if not running:
    frame.empty(t.t("schedule.none"), t.t("schedule.none.do"))
    frame.end()
with frame.tiles(4):
    for tile in tiles:
        frame.tile(*tile)

against = url_choice("against", t.t("schedule.against"), words.against_names(t), "original", width=260)
slips = Answer(schedule.ranking, against)
told = slips.told("schedule_slips", lambda found: (
    words.ranking_title(found, against, t, f), words.ranking_left_out(found, t, f)
))  # fmt: skip
if told is None:
    frame.empty(t.t("schedule.ranking.none"), t.t("schedule.ranking.none.do"))
else:
    to_project(show(
        "slips", slips, charts.ranking, told[0], words.linked, words.ranking_columns, "slip_days_original", scope.as_of
    ))  # fmt: skip
    frame.caption(told[1])
    frame.doubts(slips.told("schedule_slips_doubts", lambda found: quality.below_html(found, "schedule")))

left, right = frame.columns(1, 1)
with left:
    bands = Answer(schedule.distribution)
    title = bands.told("schedule_distribution", lambda found: words.distribution_title(found, t, f))
    banded = partial(words.banded, t=t)
    show(
        "distribution", bands, charts.distribution, title, banded, words.distribution_columns, "slip_days",
        pick=words.pick_band,
    )  # fmt: skip
    if bar := words.picked_band(t):
        title = words.band_title(*bar, t)
        picks.heading(title, "schedule", words.pick_band, key="schedule_picked")
        members = Answer(schedule.in_band, *bar)
        table("slips_of_band", members, words.linked, words.band_columns, title)
with right:
    moved = Answer(schedule.movers)
    told = moved.told("schedule_movers", lambda found: (
        words.movers_title(found, since, t, f), words.left_out(found, t, f)
    ))  # fmt: skip
    if told is None:
        frame.empty(*words.no_movers(since, t))
    else:
        to_project(show(
            "movers", moved, charts.movers, told[0], words.linked, words.movers_columns, "forecast_finish"
        ))  # fmt: skip
        frame.caption(told[1])

frame.section(t.t("schedule.trend"), t.t("schedule.trend.note"))
offered = clicks.kept("schedule_offered", lambda: words.trend_choices(ask(schedule.programmes, scope), t))
programme = url_choice("trend", t.t("schedule.trend.of"), offered, "", width=340)
lines = Answer(schedule.milestone_trend, programme) if programme else Answer(schedule.finish_trend)
told = lines.told("schedule_trend", lambda found: (
    words.trend_title(found, t, f), words.trend_left_out(found, t, f)
))  # fmt: skip
if told is None:
    frame.empty(words.trend_title(lines.found, t, f), t.t("schedule.trend.none.do"))
else:
    to_project(show(
        "trend", lines, charts.trend, told[0], words.linked, lambda t: words.trend_columns(lines.found, t),
        "forecast_finish", scope.as_of,
    ))  # fmt: skip
    frame.caption(told[1])

frame.section(t.t("schedule.calendar", days=f.number(schedule.AHEAD_DAYS)))
due = Answer(schedule.calendar)
told = due.told("schedule_calendar", lambda found: (
    words.calendar_title(found, t, f), words.left_out(found, t, f)
))  # fmt: skip
if told is None:
    frame.empty(t.t("schedule.calendar.none"), t.t("schedule.calendar.none.do"))
else:
    to_project(show(
        "calendar", due, charts.calendar, told[0], words.linked, words.calendar_columns, "ld_probable", scope.as_of
    ))  # fmt: skip
    table("contractual_milestones", due, words.linked, words.calendar_columns, told[0])
    frame.caption(told[1])

frame.section(t.t("schedule.rebaselined"))
hiding = Answer(schedule.rebaselined)
told = hiding.told("schedule_rebaselined", lambda found: (
    words.rebaselined_title(found, t, f), words.left_out(found, t, f), len(charts.hides(found))
))  # fmt: skip
if told is None:
    frame.empty(t.t("schedule.rebaselined.none"))
else:
    if not told[2]:
        st.markdown(marks.escape_md(told[0]))
    else:
        to_project(show(
            "rebaselined", hiding, charts.rebaselined, told[0], words.linked, words.rebaselined_columns,
            "rebaseline_count",
        ))  # fmt: skip
        frame.caption(told[1])
    table("rebaselines", Answer(schedule.rebaselines), words.linked, words.event_columns, told[0])

checked = Answer(schedule.quality)
note, ids = clicks.kept("schedule_quality", lambda: (
    words.quality_note(checked.found, running, t), words.checked_ids(checked.found)
))  # fmt: skip
frame.section(t.t("schedule.quality"), note)
if not ids:
    frame.empty(t.t("schedule.quality.none"), t.t("schedule.quality.none.do"))
else:
    worded = partial(words.with_words, t=t)
    row = table(
        "schedule_quality", checked, worded, words.quality_columns, t.t("schedule.quality"), select=True
    )
    project_id, name = ids[row or 0]
    checks = Answer(schedule.checks, project_id)
    title = checks.told("schedule_checks", lambda found: words.checks_title(name, found, t, f))
    st.html(words.heading_html(title))
    worded = partial(words.checks_words, t=t, f=f)
    table("schedule_checks", checks, worded, words.checks_columns, title, height="content")
