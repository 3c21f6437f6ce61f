"""Overview: how healthy the portfolio is, what changed, and which five projects need the viewer."""

from metrics.queries import overview
from ui import clicks, frame, links, picks, quality, tables
from ui import overview as words
from ui.charts import base
from ui.charts import overview as charts
from ui.charts.kept import kept
from ui.context import current
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
told, turned = ask(overview.pulse, scope), ask(overview.turned, scope)
words.style()

frame.sentence(words.sentence(told, turned, t, f))
if not told.now.projects:
    frame.empty(t.t("overview.none"), t.t("overview.none.do"))
    frame.end()

tiles_html = clicks.kept("overview_tiles", lambda: words.tiles_html(told, page))
clicks.show(tiles_html, words.SCREEN, key="overview_tiles")

needs = ask(overview.needs, scope)
frame.section(t.t("overview.needs.heading"), words.needs_title(needs, told.now, t, f))
if not needs.empty:
    rows_html = clicks.kept("overview_needs", lambda: words.needs_html(needs, quality.asked(needs), page))
    clicks.show(rows_html, words.SCREEN, key="overview_needs")

changed = ask(overview.changes, scope)
frame.section(words.changes_heading(told, t, f), words.changes_note(changed, told, t))
if not changed.empty:
    groups_html = clicks.kept(
        "overview_changes", lambda: words.changes_html(changed, quality.asked(changed), page)
    )
    clicks.show(groups_html, words.SCREEN, key="overview_changes")

frame.section(t.t("overview.programmes"), t.t("overview.programmes.note"))
cards_html = clicks.kept(
    "overview_cards", lambda: words.countries_html(ask(overview.programmes, scope), page)
)
clicks.show(cards_html, words.SCREEN, key="overview_programmes")

frame.section(t.t("overview.trend"))
title = words.trend_title(told, t, f)
if onward := words.onward(picks.new() if words.picked(told, page) is None else []):
    links.go(onward)
base.show(
    kept("overview_trend", lambda: charts.trend(told.reports, page.palette, t, f)), title, title,
    words.trend_table(told),
    key="overview_trend", columns=words.trend_columns(t), definition="rag_overall", pick=words.pick,
)  # fmt: skip
if bar := words.picked(told, page):
    then = ask(overview.standing_then, scope, *bar)
    heading = words.then_title(then, *bar, t, f)
    picks.heading(heading, words.SCREEN, words.pick, key="overview_then_heading")
    tables.table(
        *quality.beside(words.then_listed(then, t), words.then_columns(t), "overview"),
        key="overview_then",
        file_name="projects_then",
        alt=heading,
    )
