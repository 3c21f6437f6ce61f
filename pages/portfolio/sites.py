"""Sites: how far the rollouts are, what holds sites up, where, and whose it is."""

import streamlit as st

from metrics.queries import sites
from ui import frame, links, tables
from ui.charts import base
from ui.charts import sites as charts
from ui.context import current
from ui.filters import country_name, url_choice
from ui.sites import list_columns, map_alt, ranking_columns, sentence
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(sites.headline, scope)

frame.sentence(sentence(said, t, f))
if not said.sites:
    frame.empty(t.t("sites.none"), t.t("sites.none.do"))
    st.stop()

with frame.tiles(4):
    frame.tile(t.t("sites.tile.on_air"), f.number(said.on_air), t.n("sites.of", said.sites))
    frame.tile(t.t("sites.tile.late"), f.number(said.late), t.n("sites.of_planned", said.planned))
    frame.tile(t.t("sites.tile.blocked"), f.number(said.blocked), t.n("sites.in_projects", said.projects))
    frame.tile(t.t("sites.tile.accepted"), f.number(said.accepted), t.n("sites.of_on_air", said.on_air))

numbers = {"on_air": f.number(said.on_air), "planned": f.number(said.planned), "date": f.day(scope.as_of)}
curve = ask(sites.burn_up, scope)
base.show(
    charts.burn_up(curve, scope.as_of, t, f, page.palette), t.t("sites.burn_up", **numbers),
    t.t("sites.burn_up.alt", **numbers), curve, key="sites_burn_up", definition="sites_on_air",
)  # fmt: skip

left, right = st.columns(2)
causes, stages = ask(sites.blockers, scope), ask(sites.funnel, scope)
with left:
    title = t.n("sites.blockers", said.blocked) if said.blocked else t.t("sites.no_blockers")
    base.show(charts.blockers(causes, t, f, page.palette), title, title, causes, key="sites_blockers")
with right:
    title = t.t("sites.funnel")
    base.show(charts.funnel(stages, t, f, page.palette), title, title, stages, key="sites_funnel")

frame.section(t.t("sites.where"))
dots = ask(sites.points, scope)
countries = [country for country in charts.COUNTRIES if (dots["country"] == country).any()]
for column, country in zip(st.columns(max(len(countries), 1)), countries, strict=False):
    here = dots[dots["country"] == country]
    drawn = charts.site_map(here, country, t, f, page.palette)
    with column:
        chosen = base.show(
            drawn, country_name(country, t), map_alt(here, t, f), here, key=f"sites_{country}", select=True
        )
    if chosen:
        links.go("project", project_id=chosen[0]["customdata"][0])

for column, what in zip(st.columns(2), ("supplier", "region"), strict=True):
    with column:
        frame.section(t.t(f"sites.by_{what}"))
        tables.table(
            ask(sites.late_by, scope, what), ranking_columns(what, t), key=f"sites_by_{what}",
            file_name=f"sites_by_{what}", alt=t.t(f"sites.by_{what}"),
        )  # fmt: skip

frame.section(t.t("sites.list"))
states = {state: t.t(f"sites.state.{state}") for state in ("late", "blocked", "on_air", "all")}
state = url_choice("state", t.t("sites.show"), states, "late", width=220)
place = st.container()
count = ask(sites.site_count, scope, state)
number = st.pagination(tables.pages(count, sites.PAGE), key=f"sites_page_{state}")
listed = ask(sites.site_list, scope, state, number)
with place:
    listed["project"] = tables.project_links(listed, name_column="project_name")
    tables.table(listed, list_columns(t), key="sites_list", file_name="sites", alt=t.n("sites.listed", count))
