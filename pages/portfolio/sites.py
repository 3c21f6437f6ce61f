"""Sites: how far the rollouts are, what holds sites up, where, and whose it is."""

from functools import partial

import streamlit as st

from metrics.queries import sites
from ui import clicks, frame, links, picks, quality, tables
from ui.answers import Answer
from ui.charts import base, rows
from ui.charts import sites as charts
from ui.context import current
from ui.filters import country_name, url_choice
from ui.sites import (
    blockers_title,
    funnel_title,
    list_columns,
    listed,
    listed_of,
    map_alts,
    map_columns,
    marks_in,
    pick_blocker,
    pick_stage,
    picked,
    picked_title,
    ranking_columns,
    sentence,
)
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
whole = Answer(sites.everything)
said, counts = whole.told("sites_said", lambda found: (found.headline, found.counts))


def show(name, draw, title, alt, definition, pick=None):
    """A figure of this page, drawn of the part of the answer that has its name."""
    fig = whole.drawn(f"sites_{name}", lambda found: draw(getattr(found, name), t, f, page.palette))
    base.show(
        fig,
        title,
        alt,
        lambda: getattr(whole.found, name),
        key=f"sites_{name}",
        definition=definition,
        pick=pick,
    )


def draw_map(country, found):
    """The map of one country."""
    here = found.points[found.points["country"] == country]
    return charts.site_map(here, country, t, f, page.palette)


def table_of_map(country):
    """The same as a table."""
    return marks_in(whole.found.points, country, t)


frame.sentence(sentence(said, t, f))
if not said.sites:
    frame.empty(t.t("sites.none"), t.t("sites.none.do"))
    frame.end()

with frame.tiles(4):
    frame.tile(t.t("sites.tile.on_air"), f.number(said.on_air), t.n("sites.of", said.sites))
    frame.tile(t.t("sites.tile.late"), f.number(said.late), t.n("sites.of_planned", said.planned))
    frame.tile(t.t("sites.tile.blocked"), f.number(said.blocked), t.n("sites.in_projects", said.projects))
    frame.tile(t.t("sites.tile.accepted"), f.number(said.accepted), t.n("sites.of_on_air", said.on_air))

numbers = {"on_air": f.number(said.on_air), "planned": f.number(said.planned), "date": f.day(scope.as_of)}
show(
    "burn_up", lambda found, *look: charts.burn_up(found, scope.as_of, *look),
    t.t("sites.burn_up", **numbers), t.t("sites.burn_up.alt", **numbers), "sites_on_air",
)  # fmt: skip

frame.doubts(Answer(sites.projects).told("sites_doubts", lambda found: quality.below_html(found, "sites")))

left, right = frame.columns(1, 1)
with left:
    title = whole.told("sites_blockers_title", lambda found: blockers_title(found.blockers, t, f))
    show("blockers", charts.blockers, title, title, "sites_planned", pick_blocker)
with right:
    title = whole.told("sites_funnel_title", lambda found: funnel_title(found.funnel, t, f))
    show("funnel", charts.funnel, title, title, "sites_accepted", pick_stage)

frame.section(t.t("sites.where"))
maps = whole.told("sites_maps", lambda found: map_alts(found.points, charts.COUNTRIES, t, f))
for column, (country, alt) in zip(frame.columns(*dict.fromkeys(maps, 1).values()), maps.items(), strict=True):
    drawn = whole.drawn(f"sites_{country}", partial(draw_map, country))
    with column:
        chosen = rows.chosen(base.show(
            drawn, country_name(country, t), alt, partial(table_of_map, country), key=f"sites_{country}",
            columns=partial(map_columns, t), definition="sites_planned", select=True,
        ))  # fmt: skip
    if chosen:
        links.go("project", project_id=chosen[0])

for column, what in zip(frame.columns(1, 1), ("supplier", "region"), strict=True):
    with column:
        frame.section(t.t(f"sites.by_{what}"))
        ranked = whole.told("sites_by", lambda found, what=what: getattr(found, f"late_by_{what}"), what)
        tables.table(
            ranked, ranking_columns(what, t), key=f"sites_by_{what}", file_name=f"sites_by_{what}",
            alt=t.t(f"sites.by_{what}"),
        )  # fmt: skip

cause, stage = picked(whole.found, t)
if cause or stage:
    of = picked_title(cause, stage, t)
    picks.heading(of, "sites", pick_blocker, key="sites_picked")
else:
    frame.section(t.t("sites.list"))
states = {state: t.t(f"sites.state.{state}") for state in ("late", "blocked", "on_air", "all")}
state = url_choice("state", t.t("sites.show"), states, "late", width=220)
place = st.container()
count = (
    counts[state] if not (cause or stage) else listed_of(ask(sites.site_list, scope, state, 1, cause, stage))
)
number = st.pagination(tables.pages(count, sites.PAGE), key=f"sites_page_{state}_{cause}_{stage}")
with place:
    rows_listed = clicks.kept(
        "sites_list",
        lambda: listed(ask(sites.site_list, scope, state, number, cause, stage), t),
        state,
        number,
        cause,
        stage,
    )
    tables.table(
        rows_listed, list_columns(t), key="sites_list", file_name="sites", alt=t.n("sites.listed", count)
    )
