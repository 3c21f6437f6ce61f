"""What the Overview says: its sentence, tiles, the rows of what needs the viewer, what changed, the cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.overview import DIMENSIONS, LATE_DAYS, MOVED_DAYS, Moment, Pulse, Turned
from metrics.scope import UNASSIGNED
from ui import clicks, evidence, frame, marks, navigation, quality, tables, theme
from ui.charts.overview import LATE, MARGIN, UPWARDS
from ui.charts.rows import each
from ui.context import Context
from ui.filters import AS_OF, country_name, unknown
from ui.formats import Formats, as_date, is_missing
from ui.marks import escape
from ui.quality import Finding

SCREEN = "overview"
ONWARD = {MARGIN: "margin", LATE: "schedule"}
"""The screen on which a point of the trend's lines is looked at."""
_ONE_TEXT = {
    "worse": "overview.sentence.one.worse",
    "better": "overview.sentence.one.better",
    "same": "overview.sentence.one.same",
}
STEADY_POINTS = 0.05
"""A change of the margin that rounds to 0.0 points is none."""

GROUP_TEXT = {
    "turned_worse": "overview.group.turned_worse",
    "turned_better": "overview.group.turned_better",
    "rebaselined": "overview.group.rebaselined",
    "finish_moved": "overview.group.finish_moved",
    "margin_moved": "overview.group.margin_moved",
    "entered": "overview.group.entered",
    "left": "overview.group.left",
    "silent": "overview.group.silent",
}
_LATE_TEXT = {
    "": "overview.sentence.late",
    "_same": "overview.sentence.late.same",
    "_more": "overview.sentence.late.more",
    "_fewer": "overview.sentence.late.fewer",
}
_GROUP_SCREEN = {
    "rebaselined": "schedule",
    "finish_moved": "schedule",
    "margin_moved": "margin",
    "silent": "freshness",
}
"""Where the whole of a group is seen; the RAG screen for those not named."""


_GROUP_FIGURE = {
    "finish_moved": ("slip_days_original", "forecast_finish"),
    "margin_moved": ("margin_pct_forecast", "margin_erosion_pp"),
}
"""The figures that a group of changes speaks of."""


def style() -> None:
    """The style sheet of the rows, groups and cards; once per run of the page."""
    st.html(theme.ASSETS / "overview.css")


def sentence(told: Pulse, turned: Turned | None, t: Translator, f: Formats) -> str:
    """What a leader reads aloud: who turned worse, what margin did and why, what slip did."""
    now = told.now
    if not now.projects:
        return t.t("overview.sentence.none", date=f.date(now.day))
    if now.grey == now.projects:
        return t.n("overview.sentence.blind", now.projects, date=f.date(now.day))
    return " ".join(
        part
        for part in (
            _health(told, turned, t, f),
            _margin(told, t, f),
            _exchange(told, t, f),
            _slip(told, t, f),
        )
        if part
    )


def since(told: Pulse, f: Formats) -> str:
    """The comparison date, without its year where that is the as-of date's; "n/a" without one."""
    return short_day(told.before.day, told.now.day, f) if told.before else f.missing()


def short_day(day: date, today: date, f: Formats) -> str:
    """A date, without its year where that is today's."""
    return f.day(day) if day.year == today.year else f.date(day)


def tiles_html(told: Pulse, page: Context) -> str:
    """The five tiles: health, margin, slip, exposure, cash; each with change, history and its screen."""
    t, f, now = page.t, page.f, told.now

    def money(value: float | None) -> str:
        return f.money(value, told.currency)

    def more_money(value: float) -> str:
        return f.money(value, told.currency, signed=True)

    risk, damages = f.money_parts(now.exposure, (now.risk_exposure, now.ld_probable), told.currency)
    unbilled, overdue = f.money_parts(now.stuck, (now.unbilled, now.overdue), told.currency)
    exposure = t.t(
        "overview.tile.exposure.parts", risk=risk, damages=damages, contingency=money(now.contingency_left)
    )
    stuck = t.t("overview.tile.stuck.parts", unbilled=unbilled, overdue=overdue)
    shown = (
        _Tile(
            "overview.tile.health", "rag", lambda m: float(m.red), lambda v: t.n("overview.tile.red", int(v)),
            lambda v: f.number(v, signed=True), marks.counts_bar(t, _colours(now)) + _others_moved(told, t, f),
        ),
        _Tile(
            "overview.tile.margin", "margin", lambda m: m.margin_points, lambda v: f.percent(v / 100), f.pp,
            _soft(t.n("overview.computed", now.projects, known=f.number(now.margin_known))),
        ),
        _Tile(
            "overview.tile.slip", "schedule", lambda m: m.median_slip, f.days_short, f.days_short,
            _slip_detail(now, t, f),
            t.t("overview.tile.slip.help", days=f.days_short(now.median_slip_current)),
        ),
        _Tile("overview.tile.exposure", "risks", lambda m: m.exposure, money, more_money, _soft(exposure)),
        _Tile("overview.tile.stuck", "cash", lambda m: m.stuck, money, more_money, _soft(stuck)),
    )  # fmt: skip
    return f'<div class="at-tiles">{"".join(_tile(tile, told, page) for tile in shown)}</div>'


@dataclass(frozen=True)
class _Tile:
    """A tile: its title's key, the screen it leads to, which figure, how it and its change read, the detail."""

    title: str
    screen: str
    pick: Callable[[Moment], float | None]
    said: Callable[[float], str]
    moved: Callable[[float], str]
    detail_html: str
    hint: str | None = None


def _tile(tile: _Tile, told: Pulse, page: Context) -> str:
    t, f = page.t, page.f
    value = tile.pick(told.now)
    history = [tile.pick(moment) for moment in told.reports]
    line = marks.sparkline(history, title=t.t("overview.spark", what=t.t(tile.title), count=len(history)))
    onward = ""
    if tile.screen in {entry.name for entry in navigation.available()}:
        onward = clicks.anchor(f"{escape(t.t(f'nav.{tile.screen}'))} ›", tile.screen, css="at-more")
    return frame.tile_html(
        t.t(tile.title),
        f.missing() if value is None else tile.said(value),
        _change(tile, told, t, f),
        extra_html=f'<div class="at-tile-foot">{line}{onward}</div>{tile.detail_html}',
        help=tile.hint,
    )


def _change(tile: _Tile, told: Pulse, t: Translator, f: Formats) -> str | None:
    """A figure's change since the comparison date; None without one."""
    if told.before is None:
        return None
    new, old = tile.pick(told.now), tile.pick(told.before)
    if new is None or old is None:
        return t.t("overview.change.unknown", date=since(told, f))
    moved = tile.moved(new - old)
    key = "overview.change.none" if _is_nothing(moved) else "overview.change"
    return t.t(key, change=moved, date=since(told, f))


def needs_title(found: pd.DataFrame, now: Moment, t: Translator, f: Formats) -> str:
    """Of how many red and amber projects these are the ones with most at stake."""
    if found.empty:
        return t.n("overview.needs.none", now.green)
    red, amber = int(found["red_of"].iloc[0]), int(found["amber_of"].iloc[0])
    if red + amber <= len(found):
        return t.n("overview.needs.all", len(found))
    return t.n("overview.needs", len(found), red=f.number(red), amber=f.number(amber))


Doubted = Mapping[str, Sequence[Finding]]
"""The data-quality findings by project."""


def needs_html(found: pd.DataFrame, doubted: Doubted, page: Context) -> str:
    """The rows of what needs the viewer, each with the sentence of the rule that decided its colour.

    Beside each figure stands a mark where something about it is doubtful.
    """
    rows = "".join(_need(row, doubted.get(row.project_id, ()), page) for row in each(found))
    return f'<ol class="at-rows">{rows}</ol>'


def changes_heading(told: Pulse, t: Translator, f: Formats) -> str:
    """The heading of what changed, with the date it is compared with."""
    return (
        t.t("overview.changes", date=f.date(told.before.day))
        if told.before
        else t.t("overview.changes.no_date")
    )


def changes_note(found: pd.DataFrame, told: Pulse, t: Translator) -> str | None:
    """Why nothing is listed as changed; None where something is."""
    if told.before is None:
        return t.t("overview.changes.no_comparison")
    return t.t("overview.changes.none") if found.empty else None


def changes_html(found: pd.DataFrame, doubted: Doubted, page: Context) -> str:
    """What changed, group by group, marked where it is doubtful; empty groups are not there."""
    groups = [
        _group(what, list(part), doubted, page)
        for what, part in groupby(each(found), key=lambda row: str(row.what))
    ]
    return f'<div class="at-groups">{"".join(groups)}</div>'


def countries_html(found: pd.DataFrame, page: Context) -> str:
    """The countries side by side, each with its figures and a card per programme."""
    parts = []
    for _, part in groupby(each(found), key=lambda row: _known(row.country)):
        own, *programmes = part
        parts.append(_country(own, programmes, page))
    return f'<div class="at-countries">{"".join(parts)}</div>'


def trend_title(told: Pulse, t: Translator, f: Formats) -> str:
    """What the last reports show, in one message."""
    first, last = told.reports[0], told.now
    count = len(told.reports)
    if count < 2:
        return t.t("overview.trend.first", date=f.date(last.day))
    key = "overview.trend.red" if last.red != first.red else "overview.trend.red_same"
    message = t.n(key, count, first=f.number(first.red), last=f.number(last.red), since=f.month(first.day))
    if first.margin_points is None or last.margin_points is None:
        return message
    return f"{message} " + t.t(
        "overview.trend.margin_moved",
        first=f.percent(first.margin_points / 100), last=f.percent(last.margin_points / 100),
    )  # fmt: skip


def trend_table(told: Pulse) -> pd.DataFrame:
    """The figure's numbers, a row per report."""
    names = (
        "day",
        "projects",
        "red",
        "amber",
        "green",
        "grey",
        "margin_points",
        "median_slip",
        "worst_slip",
        "late",
    )
    return pd.DataFrame([{name: getattr(moment, name) for name in names} for moment in told.reports])


def trend_columns(t: Translator) -> dict[str, Any]:
    """The headings of `trend_table`."""
    return {
        "day": tables.day(t.t("overview.col.report")),
        "projects": tables.number(t.t("overview.col.projects")),
        **{colour: tables.number(marks.mark_text(t, colour)) for colour in ("red", "amber", "green", "grey")},
        "margin_points": tables.number(t.t("overview.col.margin"), digits=1),
        "median_slip": tables.number(t.t("overview.col.median_slip")),
        "worst_slip": tables.number(t.t("overview.col.worst_slip")),
        "late": tables.number(t.t("overview.col.late", days=LATE_DAYS)),
    }


def pick(mark: list[Any]) -> dict[str, str | None]:
    """What a mark of the trend stands for in the address: a bar for a colour on a day, a point for its day."""
    day, what = mark if len(mark) == 2 else (None, None)
    if what in ONWARD:
        return {AS_OF: day, "on": None, "colour": None}
    return {"on": day, "colour": what}


def onward(mark: list[Any]) -> str | None:
    """The screen that a point of the trend leads to, as of its day; None for a bar or nothing."""
    return ONWARD.get(mark[-1]) if mark else None


def picked(told: Pulse, page: Context) -> tuple[date, str] | None:
    """The bar of the trend that the address asks for, as its day and colour; one that there is not is said."""
    t, day, colour = page.t, st.query_params.get("on"), st.query_params.get("colour")
    on = next((moment.day for moment in told.reports if moment.day.isoformat() == day), None)
    unknown("on", t.t("overview.col.report"), None if on else day, page.f.date(on) if on else None)
    unknown("colour", t.t("overview.colour"), None if colour in UPWARDS else colour, None)
    return (on, colour) if on and colour in UPWARDS else None


def then_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects behind a bar of the trend."""
    return {
        "project": tables.link_column(t.t("overview.col.project")),
        "customer": t.t("column.customer"),
        "then": t.t("overview.col.then"),
        "now": t.t("overview.col.now"),
        "slip_days_original": tables.number(t.t("overview.col.slip")),
        "margin_points": tables.number(t.t("overview.col.margin"), digits=1),
        "project_manager": t.t("column.project_manager"),
    }


def then_listed(found: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The projects behind a bar, linked, their colours then and now in words."""
    now = [t.t("overview.has_left") if is_missing(c) else marks.mark_text(t, c) for c in found["colour_now"]]
    then = [marks.mark_text(t, c) for c in found["colour"]]
    return found.assign(project=tables.project_links(found), then=then, now=now)


def then_title(found: pd.DataFrame, on: date, colour: str, t: Translator, f: Formats) -> str:
    """What a bar of the trend holds."""
    of = int(found["of"].iloc[0]) if len(found) else 0
    return t.n("overview.then", of, colour=marks.mark_text(t, colour), date=f.date(on))


def _health(told: Pulse, turned: Turned | None, t: Translator, f: Formats) -> str:
    now, on = told.now, since(told, f)
    known = next((colour for colour in ("red", "amber", "green") if getattr(now, colour)), None)
    if turned is None or not turned.compared:
        return t.n(
            "overview.sentence.health", now.projects, colour=marks.word(t, known),
            red=f.number(now.red), amber=f.number(now.amber), green=f.number(now.green),
        )  # fmt: skip
    if now.projects == 1:
        way = "worse" if turned.worse else "better" if turned.better else "same"
        return t.t(_ONE_TEXT[way], colour=marks.word(t, known), date=on)
    if turned.worse:
        key = "overview.sentence.worse.red" if turned.to_red else "overview.sentence.worse"
        compared, red = t.n("format.projects", turned.compared), f.number(turned.to_red)
        return t.n(key, turned.worse, compared=compared, date=on, red=red)
    first = t.n("overview.sentence.steady", turned.compared, date=on)
    return f"{first} {t.n('overview.sentence.red', now.red)}" if now.red else first


def _margin(told: Pulse, t: Translator, f: Formats) -> str | None:
    now, before = told.now.margin_points, told.before.margin_points if told.before else None
    if now is None:
        return None
    stands = f.percent(now / 100)
    if before is None:
        return t.t("overview.sentence.margin", margin=stands)
    moved = now - before
    if abs(moved) < STEADY_POINTS:
        return t.t("overview.sentence.margin.same", margin=stands)
    key = "overview.sentence.margin.fell" if moved < 0 else "overview.sentence.margin.rose"
    return t.t(key, points=_points(abs(moved), t, f), margin=stands)


def _exchange(told: Pulse, t: Translator, f: Formats) -> str | None:
    """How much of the margin's change is the exchange rate, where both are known and the margin moved."""
    now, before = told.now, told.before
    if before is None or None in (now.margin_points, before.margin_points, now.fx_points, before.fx_points):
        return None
    moved = (now.margin_points or 0) - (before.margin_points or 0)
    exchange = (now.fx_points or 0) - (before.fx_points or 0)
    if abs(moved) < STEADY_POINTS:
        return None
    if abs(exchange) < STEADY_POINTS:
        return t.t("overview.sentence.exchange.none")
    if moved * exchange > 0 and abs(exchange) <= abs(moved):
        return t.t("overview.sentence.exchange.part", points=_points(abs(exchange), t, f))
    return t.t(
        "overview.sentence.exchange.fell" if exchange < 0 else "overview.sentence.exchange.rose",
        points=_points(abs(exchange), t, f),
    )


def _slip(told: Pulse, t: Translator, f: Formats) -> str | None:
    """What the median slip did; where it did not move, how many are late and how that changed."""
    now, before = told.now, told.before
    if now.median_slip is None:
        return None
    was = before.median_slip if before else None
    moved = 0 if was is None else round(now.median_slip) - round(was)
    if moved:
        key = "overview.sentence.slip.grew" if moved > 0 else "overview.sentence.slip.shrank"
        return t.t(key, days=f.days(abs(moved)), slip=f.days(now.median_slip))
    if not now.late or now.projects == 1:
        return t.t("overview.sentence.slip", slip=f.days(now.median_slip))
    more = now.late - before.late if before and was is not None else None
    how = "" if more is None else "_same" if not more else "_more" if more > 0 else "_fewer"
    return t.n(
        _LATE_TEXT[how], now.late, known=t.n("format.projects", now.slip_known), days=f.number(LATE_DAYS),
        more=f.number(abs(more or 0)), date=since(told, f),
    )  # fmt: skip


def _points(value: float, t: Translator, f: Formats) -> str:
    return t.t("overview.points", value=f.number(value, 1))


def _is_nothing(change: str) -> bool:
    """Whether a change, as shown, is zero."""
    return not any(digit in change for digit in "123456789")


def _colours(now: Moment) -> dict[str, int]:
    return {"red": now.red, "amber": now.amber, "green": now.green, "unknown": now.grey}


def _others_moved(told: Pulse, t: Translator, f: Formats) -> str:
    """By how much the colours beside red, whose change the tile states, have changed; empty without a comparison."""
    if told.before is None:
        return ""
    new, old = _colours(told.now), _colours(told.before)
    moved = ", ".join(
        f"{marks.word(t, colour)}\u00a0{f.number(new[colour] - old[colour], signed=True)}"
        for colour in ("amber", "green", "unknown")
        if new[colour] or old[colour]
    )
    return _soft(t.t("overview.tile.health.moved", date=since(told, f), moved=moved)) if moved else ""


def _soft(text: str) -> str:
    return f'<div class="at-soft at-small">{escape(text)}</div>'


def _slip_detail(now: Moment, t: Translator, f: Formats) -> str:
    """How many are late, and which is the worst."""
    if now.worst_slip is None or now.worst_id is None:
        return _soft(t.t("overview.tile.slip.unknown"))
    late = t.t(
        "overview.tile.slip.late",
        count=f.number(now.late),
        known=f.number(now.slip_known),
        days=f.number(LATE_DAYS),
    )
    worst = escape(t.t("overview.tile.slip.worst", days=f.days_short(now.worst_slip)))
    name = _project(now.worst_id, now.worst_name, css="")
    return f'<div class="at-soft at-small">{escape(late)}; {worst} {name}</div>'


def _evidence(inner: str, project_id: str, dimension: str | None, label: str) -> str:
    """A link from a colour to what stands behind it."""
    return clicks.anchor(
        inner, "rag", label=label, css="at-plain", project_id=project_id, dimension=dimension
    )


def _project(project_id: Any, name: Any, css: str = "at-name") -> str:
    return clicks.anchor(escape(name), "project", css=css, project_id=str(project_id))


def _need(row: Any, doubts: Sequence[Finding], page: Context) -> str:
    t, f, today = page.t, page.f, page.scope.as_of

    def marks_of(*metrics: str) -> str:
        return quality.away_html(doubts, metrics, row.project_id, t)

    parts = [row.customer, country_name(_known(row.country), t)]
    if row.is_stale:
        parts.append(t.t("overview.last_report", date=short_day(as_date(row.last_on), today, f)))
    about = " · ".join(str(part) for part in parts if not is_missing(part))
    colour = _evidence(
        marks.mark_pair_html(t, row.overall, _known(row.reported_overall)), row.project_id, "overall",
        t.t("overview.evidence_of", name=row.name),
    )  # fmt: skip
    since = f.missing() if is_missing(row.since) else short_day(as_date(row.since), today, f)
    margin = _margin_and_change(row.margin_points, row.margin_erosion_pp, t, f)
    facts = {
        t.t("overview.need.since"): escape(since),
        t.t("overview.need.slip"): escape(f.days_short(row.slip_days_original))
        + marks_of("slip_days_original"),
        t.t("overview.need.margin"): escape(margin) + marks_of("margin_pct_forecast", "margin_erosion_pp"),
        t.t("overview.need.value"): escape(f.money(row.at_stake, row.money_in))
        + marks_of("current_contract_value"),
        t.t("overview.need.manager"): escape(str(_known(row.project_manager) or f.missing())),
    }
    doubt = "" if is_missing(row.metric) else marks_of(str(row.metric))
    return (
        f'<li class="at-row"><div class="at-row-what"><div class="at-row-head">{colour} '
        f'{_project(row.project_id, row.name)} <span class="at-soft">{escape(about)}</span></div>'
        f'<p class="at-reason">{escape(_reason(row, t, f))}{doubt}</p></div>{_facts(facts)}</li>'
    )


def _reason(row: Any, t: Translator, f: Formats) -> str:
    if is_missing(row.rule_id):
        return t.t("overview.reason.none")
    return evidence.reason(row, t, f)


def _margin_and_change(points: Any, change: Any, t: Translator, f: Formats) -> str:
    """A margin with its change against the one sold, where that is known."""
    margin = f.percent(None if is_missing(points) else points / 100)
    if is_missing(change):
        return margin
    return t.t("overview.margin_change", margin=margin, change=f.pp(change))


def _facts(facts: Mapping[str, str]) -> str:
    """Names and what is said of each, as HTML."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    return f'<dl class="at-facts">{cells}</dl>'


def _group(what: str, part: Sequence[Any], doubted: Doubted, page: Context) -> str:
    t, f = page.t, page.f
    count = int(part[0].of)

    def doubt(row: Any) -> str:
        return quality.away_html(
            doubted.get(row.project_id, ()), _GROUP_FIGURE.get(what, ()), row.project_id, t
        )

    items = "".join(
        f"<li>{_project(row.project_id, row.name, css='')} {_changed(what, row, page)}{doubt(row)}</li>"
        for row in part
    )
    screen = _GROUP_SCREEN.get(what, "rag")
    more = ""
    if count > len(part):
        said = t.n("overview.more", count - len(part))
        more = f"<li>{clicks.anchor(escape(said), screen, css='at-more')}</li>"
    title = t.n(GROUP_TEXT[what], count, days=f.number(MOVED_DAYS))
    return f'<section class="at-group"><h3>{escape(title)}</h3><ul>{items}{more}</ul></section>'


def _changed(what: str, row: Any, page: Context) -> str:
    """How a project changed, beside its name."""
    t, f = page.t, page.f
    if what in ("turned_worse", "turned_better"):
        was, now = marks.mark_html(t, row.colour_was), marks.mark_html(t, row.colour)
        both = f'{was} <span aria-hidden="true">→</span> {now}'
        return _evidence(both, row.project_id, "overall", t.t("overview.evidence_of", name=row.name))
    if what == "entered":
        return marks.mark_html(t, row.colour)
    said = {
        "rebaselined": lambda: t.n("overview.times", int(row.rebaselines)),
        "finish_moved": lambda: f.days_short(row.moved_days),
        "margin_moved": lambda: f.pp(row.moved_points),
        "left": lambda: t.t("overview.left_scope") if is_missing(row.phase) else t.label("value", row.phase),
        "silent": lambda: t.t(
            "overview.last_report", date=short_day(as_date(row.last_on), page.scope.as_of, f)
        ),
    }[what]()
    return f'<span class="at-soft">{escape(said)}</span>'


def _country(own: Any, programmes: Sequence[Any], page: Context) -> str:
    t, f = page.t, page.f
    name = country_name(_known(own.country), t) or t.t("overview.no_country")
    more = ""
    if own.of > len(programmes):
        said = t.n("overview.more_programmes", int(own.of) - len(programmes))
        more = f"<p>{_filtered(escape(said), own, None, css='at-more')}</p>"
    head = (
        f'<h3 class="at-country">{escape(name)} <span class="at-soft">'
        f"{escape(t.n('overview.projects', int(own.projects)))}</span></h3>"
        f"{marks.counts_bar(t, _counts(own))}{_facts(_money_and_time(own, t, f))}"
    )
    cards = "".join(_card(row, page) for row in programmes)
    return f'<section class="at-country-part">{head}<div class="at-cards">{cards}</div>{more}</section>'


def _card(row: Any, page: Context) -> str:
    t, f = page.t, page.f
    unassigned = row.programme_id == UNASSIGNED
    name = t.t("filter.unassigned") if unassigned else str(_known(row.programme_name) or row.programme_id)
    cssq = "".join(f"<li>{_dimension(d, row, t)}</li>" for d in DIMENSIONS)
    facts = _money_and_time(row, t, f) | {
        t.t("overview.card.satisfaction"): _satisfaction(row, t, f),
        t.t("overview.card.safety"): _safety(row, t, f),
        t.t("overview.card.upsell"): f.money(row.upsell_pipeline, row.currency),
    }
    return (
        f'<article class="at-card"><h4>{_filtered(escape(name), row, row.programme_id)}'
        f' <span class="at-soft">{escape(t.n("overview.projects", int(row.projects)))}</span></h4>'
        f'<ul class="at-cssq">{cssq}</ul>{marks.counts_bar(t, _counts(row))}{_facts(facts)}</article>'
    )


def _dimension(dimension: str, row: Any, t: Translator) -> str:
    """A dimension with its worst colour and how many projects have it; leads to the worst one's evidence."""
    counts = {
        colour: int(getattr(row, f"{dimension}_{colour}")) for colour in ("red", "amber", "green", "grey")
    }
    worst = next((colour for colour in ("red", "amber", "green") if counts[colour]), "grey")
    name = evidence.dimension_name(dimension, t)
    label = t.t(
        "overview.dimension.count",
        dimension=name,
        count=counts[worst],
        of=int(row.projects),
        colour=marks.word(t, worst),
    )
    shown = t.t("overview.dimension.short", dimension=name, count=counts[worst], of=int(row.projects))
    return _evidence(
        marks.mark_html(t, worst, label=shown), str(getattr(row, f"{dimension}_worst")), dimension, label
    )  # fmt: skip


def _money_and_time(row: Any, t: Translator, f: Formats) -> dict[str, str]:
    margin = _margin_and_change(row.margin_points, row.erosion_pp, t, f)
    slip = f.days_short(row.median_slip)
    if not is_missing(row.worst_slip) and row.slip_known > 1:
        slip = t.t("overview.card.slip", median=slip, worst=f.days_short(row.worst_slip))
    return {t.t("overview.card.margin"): margin, t.t("overview.card.slip_label"): slip}


def _satisfaction(row: Any, t: Translator, f: Formats) -> str:
    if not row.satisfaction_known:
        return f.missing()
    if row.satisfaction_known == 1:
        return f.number(row.satisfaction, 1)
    return t.t(
        "overview.card.satisfaction.value",
        mean=f.number(row.satisfaction, 1),
        lowest=f.number(row.satisfaction_lowest, 1),
    )


def _safety(row: Any, t: Translator, f: Formats) -> str:
    if not row.safety_known:
        return f.missing()
    if not is_missing(row.fatalities) and row.fatalities:
        return t.n("overview.card.fatalities", int(row.fatalities))
    said = f.number(row.lost_time_incidents)
    if is_missing(row.ltifr) or not row.lost_time_incidents:
        return said
    return t.t("overview.card.ltifr", incidents=said, rate=f.number(row.ltifr, 1))


def _counts(row: Any) -> dict[str, int]:
    return {"red": int(row.red), "amber": int(row.amber), "green": int(row.green), "unknown": int(row.grey)}


def _filtered(inner: str, row: Any, programme_id: str | None, css: str = "") -> str:
    """A link to the RAG screen with a country and a programme as its filters."""
    filters = {"country": _known(row.country), "programme": programme_id}
    return clicks.anchor(inner, "rag", css=css, **{name: value for name, value in filters.items() if value})


def _known(value: Any) -> Any:
    return None if is_missing(value) else value
