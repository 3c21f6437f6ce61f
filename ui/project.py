"""What the One project screen says in words: its sentence, the message of each part, facts as HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pandas as pd

from locales import Translator
from metrics.queries.evidence import Colour
from metrics.queries.filters import Basis
from metrics.queries.project import OriginalBy, Outlook, Plan, Quality, Status
from metrics.queries.rag import Place
from ui import clicks, evidence, marks, quality, rag, tables
from ui.charts import margin as margin_charts
from ui.charts.rows import each
from ui.filters import country_name
from ui.formats import Formats, as_date, is_missing
from ui.quality import Finding

STATED = {
    "red": "project.sentence.red",
    "amber": "project.sentence.amber",
    "green": "project.sentence.green",
}
SHOWS = {
    "all": "project.gantt.all",
    "critical": "project.gantt.critical",
    "late": "project.gantt.late",
}
EVENTS = {
    "milestone_reached": "project.event.milestone_reached",
    "milestone_later": "project.event.milestone_later",
    "milestone_earlier": "project.event.milestone_earlier",
    "rebaselined": "project.event.rebaselined",
    "change_approved": "project.event.change_approved",
    "change_implemented": "project.event.change_implemented",
    "change_rejected": "project.event.change_rejected",
    "change_raised": "project.event.change_raised",
    "risk_opened": "project.event.risk_opened",
    "risk_occurred": "project.event.risk_occurred",
    "opportunity_opened": "project.event.opportunity_opened",
    "issue_closed": "project.event.issue_closed",
    "action_closed": "project.event.action_closed",
    "decision_closed": "project.event.decision_closed",
    "acceptance_signed": "project.event.acceptance_signed",
    "acceptance_rejected": "project.event.acceptance_rejected",
}
_UNITS = {
    "percent_complete": "fraction",
    "cpi": "ratio",
    "spi_t": "ratio",
    "eac": "money",
    "cost_forecast": "money",
    "margin_pct_forecast": "fraction",
    "contingency_left": "money",
    "risk_exposure": "money",
    "ld_probable": "money",
    "unbilled": "money",
    "overdue_receivables": "money",
    "defects_critical": "count",
    "satisfaction": "score",
    "sites_on_air": "count",
}
"""What may have changed since the comparison date, in order, with its unit."""
LONGEST_WISH = 160
_LEAST = {"fraction": 0.0005, "ratio": 0.005, "money": 0.005, "count": 0.5, "score": 0.05}
"""A change smaller than this, in the unit, is none."""


def sentence(status: Status, colours: Sequence[Colour], reason: str | None, t: Translator, f: Formats) -> str:
    """The deciding reason, since when, what was reported and what is asked."""
    overall = next((c for c in colours if c.dimension == "overall"), None)
    now = status.now
    parts = []
    if now["is_stale"]:
        age = f.span(now["days_since_status"])
        parts.append(t.t("project.sentence.stale", date=f.date(now["status_date"]), age=age))
    computed = overall.computed if overall else None
    if overall and computed in STATED:
        parts.append(t.t(STATED[computed], date=f.date(overall.since)))
        if reason and computed != "green":
            parts.append(reason)
    elif overall and overall.was == "green":
        parts.append(t.t("project.sentence.was_green"))
    else:
        parts.append(t.t("project.sentence.unknown"))
    if overall and overall.reported:
        parts.append(t.t("project.sentence.reported", colour=marks.word(t, overall.reported)))
    asked = now.get("reported_decisions")
    if not is_missing(asked) and str(asked).strip():
        parts.append(t.t("project.sentence.asked", asked=_ended(_cut(str(asked).strip()))))
    return " ".join(parts)


def _cut(text: str) -> str:
    """A wish short enough for a sentence; it stands in full below."""
    return text if len(text) <= LONGEST_WISH else text[:LONGEST_WISH].rsplit(" ", 1)[0] + "…"


def _ended(text: str) -> str:
    return text if text[-1] in ".!?…" else f"{text}."


def basis(status: Status) -> Basis:
    """What the page rests on: this project's own report."""
    return Basis(int(not status.now["is_stale"]), 1, as_date(status.now["status_date"]))


def heading_html(
    status: Status, place: Place, overall: Any, found: Sequence[Finding], t: Translator, f: Formats
) -> str:
    """Name and identity, the overall mark, and the neighbours within the filters."""
    now = status.now
    value = now["current_contract_value"]
    value = now["contract_value"] if is_missing(value) else value
    doubts = {place_: quality.place_html(found, place_, t) for place_ in ("name", "programme", "value")}
    identity = [
        (now["project_id"], ""),
        (now["customer"], ""),
        (now["programme_name"], doubts["programme"]),
        (country_name(now["country"], t) if now["country"] else None, ""),
        (now["region"], ""),
        (now["business_line"], ""),
        (t.label("value", now["phase"]) if now["phase"] else None, ""),
        (now["project_manager"], ""),
        (None if is_missing(value) else f.money(value, status.money_in), doubts["value"]),
    ]
    said = " · ".join(
        marks.escape(f.missing() if is_missing(part) else part) + doubt
        for part, doubt in identity
        if doubt or not is_missing(part)
    )
    ways = [_way(t.t(key, name=way[1]), way[0]) for way, key in _around(place) if way]
    if status.before and status.before["status_date"] != now["status_date"]:
        days = [as_date(row["status_date"]) for row in (status.before, now)]
        sides = {"a": now["project_id"], "b": now["project_id"]}
        sides |= {"a_date": days[0].isoformat(), "b_date": days[1].isoformat()}
        label = marks.escape(t.t("project.compare", date=f.date(days[0])))
        ways.append(clicks.anchor(label, "compare", css="at-way", **sides))
    if place.number:
        where = t.t("project.place", number=f.number(place.number), of=f.number(place.of))
    else:
        where = t.t("project.place.outside")
    mark, name, where = marks.mark_html(t, overall), marks.escape(now["name"]), marks.escape(where)
    name = f'<b class="at-title">{name}</b>{doubts["name"]}'
    return (
        f'<div class="at-project"><div>{mark} {name}'
        f'<div class="at-soft">{said}</div></div>'
        f'<nav class="at-ways" aria-label="{where}"><span class="at-soft">{where}</span>'
        f"{''.join(ways)}</nav></div>"
    )


def _around(place: Place) -> tuple[tuple[tuple[str, str] | None, str], ...]:
    first = None if place.number else place.first
    return (
        (place.previous, "project.previous"),
        (place.next, "project.next"),
        (first, "project.first"),
    )


def _way(label: str, project_id: str) -> str:
    return clicks.anchor(
        marks.escape(label), "project", css="at-way", project_id=project_id, dimension=None, rule=None
    )


def cards_html(
    colours: Sequence[Colour],
    project_id: str,
    currency: Any,
    found: Sequence[Finding],
    t: Translator,
    f: Formats,
) -> str:
    """Overall and the four dimensions: computed, reported, history, and the number that decided."""
    order = sorted(colours, key=lambda colour: colour.dimension != "overall")
    cards = "".join(_card(c, project_id, currency, found, t, f) for c in order)
    return f'<div class="at-cards">{cards}</div>'


def _card(
    colour: Colour, project_id: str, currency: Any, found: Sequence[Finding], t: Translator, f: Formats
) -> str:
    name = evidence.dimension_name(colour.dimension, t)
    number = t.t("project.card.none")
    if colour.rule_id and not is_missing(colour.value):
        number = t.t(
            "project.card.number",
            rule=evidence.rule_name(colour.rule_id, colour.metric, t),
            value=f.by_unit(colour.value, str(colour.unit), currency),
        )
    said = evidence.since_text(colour, t, f)
    inner = (
        f'<span class="at-label">{marks.escape(name)}</span>'
        f'<span class="at-pair">{marks.mark_html(t, colour.computed)}'
        f"{rag.reported_html(t, colour.computed, colour.reported, spell=True)}</span>"
        f"{marks.history_strip(t, colour.computed_history)}"
        f'<span class="at-number">{marks.escape(number)}</span>'
        f'<span class="at-soft">{marks.escape(said)}</span>'
    )
    label = t.t("project.card.open", dimension=name, computed=marks.word(t, colour.computed))
    card = evidence.anchor(inner, project_id, colour.dimension, screen="project", label=label)
    doubts = quality.marks_html(found, (str(colour.metric),), t)
    return f'<div class="at-card">{card}<span class="at-doubts">{doubts}</span></div>'


def report_html(status: Status, t: Translator, f: Formats) -> str:
    """What the project manager wrote; nothing where nothing was written."""
    now = status.now
    told = [
        (t.t(key), now.get(column))
        for key, column in (
            ("project.report.summary", "reported_summary"),
            ("project.report.achievements", "reported_achievements"),
            ("project.report.next", "reported_next_steps"),
            ("project.report.decisions", "reported_decisions"),
        )
    ]
    said = [(label, str(text)) for label, text in told if not is_missing(text) and str(text).strip()]
    if not said:
        return ""
    who = now.get("reported_by")
    on = now.get("reported_on")
    by = t.t("project.report.by", who=who, date=f.date(on)) if not is_missing(who) else f.date(on)
    pairs = "".join(
        f"<div><dt>{marks.escape(label)}</dt><dd>{marks.escape(text)}</dd></div>" for label, text in said
    )
    return f'<dl class="at-said-by">{pairs}</dl><p class="at-soft at-would">{marks.escape(by)}</p>'


def facts_html(
    facts: Sequence[tuple[str, str, str, str]],
    found: Sequence[Finding],
    t: Translator,
    f: Formats,
    before: date,
) -> str:
    """Facts that changed: name, before, now, change."""
    doubts = {name: quality.marks_html(found, (column,), t) for column, name in _changing(t).items()}
    heads = "".join(
        f'<th scope="col" class="{css}">{marks.escape(text)}</th>'
        for text, css in (
            ("", ""),
            (f.day(before), "at-num"),
            (t.t("project.changed.now"), "at-num"),
            (t.t("project.changed.change"), "at-num"),
        )
    )
    body = "".join(
        f'<tr><th scope="row">{marks.escape(name)}{doubts.get(name, "")}</th>'
        + "".join(f'<td class="at-num">{marks.escape(cell)}</td>' for cell in cells)
        + "</tr>"
        for name, *cells in facts
    )
    return f'<table class="at-facts"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def measure(column: str, t: Translator) -> str:
    """A measure's short name on this page."""
    return t.t(_SHORT[column]) if column in _SHORT else t.t(f"metric.{column}.name")


_SHORT = {
    "percent_complete": "project.measure.percent_complete",
    "spi_t": "project.measure.spi_t",
    "cpi": "project.measure.cpi",
    "eac": "project.measure.eac",
    "revenue_forecast": "project.measure.revenue_forecast",
    "cost_forecast": "project.measure.cost_forecast",
    "margin_forecast": "project.measure.margin_forecast",
    "margin_pct_forecast": "project.measure.margin_pct_forecast",
}


def changed(status: Status, t: Translator, f: Formats) -> list[tuple[str, str, str, str]]:
    """What is different since the comparison date: rows of name, before, now and change."""
    before, now = status.before, status.now
    if before is None or before["status_date"] == now["status_date"]:
        return []
    told = []
    for dimension in ("overall", "cost", "scope", "schedule", "quality"):
        was, is_now = before[f"rag_{dimension}"], now[f"rag_{dimension}"]
        if was != is_now:
            name = evidence.dimension_name(dimension, t)
            told.append((name, marks.mark_text(t, was), marks.mark_text(t, is_now), ""))
    for column, key in _DATES.items():
        was, is_now = before[column], now[column]
        if not is_missing(was) and not is_missing(is_now) and was != is_now:
            moved = f.days_short((as_date(is_now) - as_date(was)).days)
            told.append((t.t(key), f.date(was), f.date(is_now), moved))
    for column, unit in _UNITS.items():
        was, is_now = before[column], now[column]
        if is_missing(was) or is_missing(is_now) or abs(float(is_now) - float(was)) < _LEAST[unit]:
            continue
        told.append(
            (
                measure(column, t),
                f.by_unit(was, unit, status.money_in),
                f.by_unit(is_now, unit, status.money_in),
                _change(float(is_now) - float(was), unit, status.money_in, f),
            )
        )
    return told


_DATES = {"forecast_finish": "metric.forecast_finish.name", "baseline_finish": "project.changed.baseline"}


def _changing(t: Translator) -> dict[str, str]:
    """What `changed` tells of, by column, under the name that it has there."""
    return {column: t.t(key) for column, key in _DATES.items()} | {
        column: measure(column, t) for column in _UNITS
    }


def _change(change: float, unit: str, money_in: str | None, f: Formats) -> str:
    if unit == "fraction":
        return f.pp(100 * change)
    if unit == "ratio":
        return f.number(change, 2, signed=True)
    return f.by_unit(change, unit, money_in, signed=True)


def events_html(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What happened since the comparison date, one line each."""
    lines = []
    for row in each(frame):
        key = EVENTS.get(row.what)
        if key is None:
            continue
        days = "" if is_missing(row.days) or not row.days else f.days(abs(row.days))
        detail = "" if is_missing(row.detail) else str(row.detail)
        text = t.t(key, name=row.name, detail=detail, days=days)
        day = "" if is_missing(row.day) else f'<span class="at-soft">{marks.escape(f.day(row.day))}</span> '
        lines.append(f"<li>{day}{marks.escape(text)}</li>")
    left = int(frame["of"].iloc[0]) - len(frame) if len(frame) else 0
    more = f'<li class="at-soft">{marks.escape(t.n("project.event.more", left))}</li>' if left > 0 else ""
    return f'<ul class="at-events">{"".join(lines)}{more}</ul>'


def curve_title(outlook: Outlook | None, now: Mapping[str, Any], t: Translator, f: Formats) -> str:
    """How much of the planned work is earned, and when it would end at this pace."""
    done, planned = now["percent_complete"], now["percent_planned"]
    if is_missing(done) or is_missing(planned):
        return t.t("project.curve.title.unknown")
    text = t.t("project.curve.title", done=f.percent(done, 0), planned=f.percent(planned, 0))
    if outlook and outlook.finish and not is_missing(done) and done < 1:
        text += " " + t.t("project.curve.title.finish", date=f.date(outlook.finish))
    return text


def curve_facts_html(
    outlook: Outlook, money_in: str | None, found: Sequence[Finding], t: Translator, f: Formats
) -> str:
    """The indices and the forecasts in one line, and whether earned value was measured or derived."""
    facts = [
        ("cpi", "metric.cpi.name", f.ratio(outlook.cpi), outlook.cpi),
        ("spi_t", "metric.spi_t.name", f.ratio(outlook.spi_t), outlook.spi_t),
        ("bac", "metric.bac.name", f.money(outlook.bac, money_in), outlook.bac),
        ("eac", "metric.eac.name", f.money(outlook.eac, money_in), outlook.eac),
        ("tcpi", "metric.tcpi.name", f.ratio(outlook.tcpi_bac), outlook.tcpi_bac),
    ]
    said = [
        marks.escape(f"{_short(t.t(key))} {text}") + quality.marks_html(found, (metric,), t)
        for metric, key, text, value in facts
        if not is_missing(value)
    ]
    if outlook.costs and len(outlook.costs) > 1:
        low, high = min(outlook.costs.values()), max(outlook.costs.values())
        spread = t.t("project.curve.range", low=f.money(low, money_in), high=f.money(high, money_in))
        said.append(marks.escape(spread))
    method = {
        "milestones": "project.curve.from_milestones",
        "sites": "project.curve.from_sites",
    }.get(outlook.ev_method or "")
    if method:
        said.append(marks.escape(t.t(method)))
    return f'<p class="at-soft at-would">{" · ".join(said)}</p>'


def _short(name: str) -> str:
    """The abbreviation in brackets at the end of a metric's name, else the name."""
    return (
        name.rsplit("(", 1)[1].rstrip(")")
        if name.endswith(")") and " (" in name
        else name.rsplit(", ", 1)[-1]
    )


def milestones_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many milestones are late, and which slipped first."""
    against = frame["slip_days_original"].where(frame["slip_days_original"].notna(), frame["slip_days"])
    known = int(against.notna().sum())
    if not known:
        return t.n("project.milestones.title.unknown", len(frame))
    text = t.n("project.milestones.title", known, late=f.number((against > 0).sum()))
    slipped = frame[frame["first_slipped_on"].notna()]
    if not slipped.empty:
        first = slipped.sort_values(["first_slipped_on", "baseline_date"]).iloc[0]
        text += " " + t.t(
            "project.milestones.first", name=first["name"], date=f.date(first["first_slipped_on"])
        )
    return text


def milestone_doubts(frame: pd.DataFrame, found: Sequence[Finding], t: Translator) -> list[str]:
    """The marks of each milestone that a finding names."""
    about = quality.touching(found, quality.PLACES["milestones"])
    named = [(finding, set(finding.detail.split(", "))) for finding in about]
    return [
        "".join(quality.mark_html(finding, t) for finding, ids in named if milestone in ids)
        for milestone in frame["milestone_id"]
    ]


def trend_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which milestone moved most over the last reports."""
    first = frame.iloc[0]
    if not first["moved_days"]:
        return t.t("project.trend.title.still")
    key = "project.trend.title.later" if first["moved_days"] > 0 else "project.trend.title.earlier"
    return t.t(key, name=first["name"], days=f.days(abs(first["moved_days"])))


def gantt_title(plan: Plan, t: Translator, f: Formats) -> str:
    """How many tasks end after their baseline, and how many are critical and open."""
    if not plan.baselined:
        return t.n("project.gantt.title.no_baseline", plan.tasks, critical=f.number(plan.critical))
    return t.n(
        "project.gantt.title",
        plan.tasks,
        late=f.number(plan.late),
        original=f.number(plan.late_original),
        critical=f.number(plan.critical),
    )


ORIGINAL_BY: Mapping[OriginalBy, str] = {
    "saved": "project.gantt.original.saved",
    "number": "project.gantt.original.number",
    "delivered": "project.gantt.original.delivered",
}


def gantt_key(plan: Plan, t: Translator) -> str:
    """What the marks of the Gantt are, and which baseline is taken for the original one."""
    key = t.t("project.gantt.key")
    return key if plan.original_by is None else f"{key} {t.t(ORIGINAL_BY[plan.original_by])}"


def gantt_shows(plan: Plan, t: Translator) -> dict[str, str]:
    """What the Gantt can show: outline levels, everything, the critical path, what is late."""
    levels = {str(level): t.n("project.gantt.level", rows, level=level) for level, rows in plan.levels[:-1]}
    return levels | {name: t.t(key) for name, key in SHOWS.items()}


def gantt_default(plan: Plan, offered: Mapping[str, str]) -> str:
    """What the Gantt shows when nobody chose."""
    return plan.fits if plan.fits in offered else "all"


def quality_line(quality: Quality, names: Sequence[str], t: Translator, f: Formats) -> str:
    """How far the schedule can be believed."""
    text = t.n("project.quality", quality.applicable, passed=f.number(quality.passed))
    return text + (" " + t.t("project.quality.failed", checks=", ".join(names)) if names else "")


def sites_title(status: Status, t: Translator, f: Formats) -> str:
    """How many sites are on air and accepted, of how many."""
    now = status.now
    return t.t(
        "project.sites.title",
        on_air=f.number(now["sites_on_air"]),
        planned=f.number(now["sites_planned"]),
        accepted=f.number(now["sites_accepted"]),
    )


def bridge_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """From the margin as sold to the forecast, and the step that moved it most."""
    sold, forecast = frame.iloc[0], frame.iloc[-1]
    text = t.t(
        "project.bridge.title",
        sold=f.percent(sold["points_after"] / 100),
        forecast=f.percent(forecast["points_after"] / 100),
        change=f.pp(forecast["points_after"] - sold["points_after"]),
    )
    steps = frame[frame["owner"].notna()]
    if steps.empty or steps["pp"].abs().max() < 0.05:
        return text
    most = steps.iloc[int(steps["pp"].abs().to_numpy().argmax())]
    return (
        text
        + " "
        + t.t(
            "project.bridge.most", step=margin_charts.step_name(str(most["step"]), t), points=f.pp(most["pp"])
        )
    )


def money_html(status: Status, found: Sequence[Finding], t: Translator, f: Formats) -> str:
    """What stands beside the bridge: the known ones of cost, contingency, damages, exposure and cash."""
    now = status.now
    inner = "".join(
        f"<div><dt>{marks.escape(measure(name, t))}{quality.marks_html(found, (name,), t)}</dt>"
        f"<dd>{marks.escape(f.money(now[name], status.money_in))}</dd></div>"
        for name in (
            "revenue_forecast", "cost_forecast", "margin_forecast", "contingency_left", "risk_exposure",
            "ld_probable", "ld_maximum", "unbilled", "overdue_receivables", "cost_without_order",
        )
        if not is_missing(now[name])
    )  # fmt: skip
    return f'<dl class="at-pairs">{inner}</dl>' if inner else ""


def changes_title(frame: pd.DataFrame, status: Status, t: Translator, f: Formats) -> str:
    """How many changes wait for a decision, and what they are worth."""
    still = int(frame["status"].isin(("draft", "submitted")).sum())
    text = t.n("project.changes.title", still)
    value = status.now["open_changes_value"]
    if still and not is_missing(value):
        text += " " + t.t("project.changes.value", value=f.money(value, status.money_in))
    started = status.now["unapproved_work"]
    if not is_missing(started) and started:
        text += " " + t.n("project.changes.started", int(started))
    return text


def risks_title(frame: pd.DataFrame, status: Status, t: Translator, f: Formats) -> str:
    """How many risks are open, and their exposure against the contingency left."""
    still = int(((frame["kind"] == "risk") & frame["is_open"].fillna(False).astype(bool)).sum())
    text = t.n("project.risks.title", still)
    exposure, left = status.now["risk_exposure"], status.now["contingency_left"]
    if still and not is_missing(exposure):
        key = "project.risks.exposure" if is_missing(left) else "project.risks.cover"
        text += " " + t.t(
            key, exposure=f.money(exposure, status.money_in), contingency=f.money(left, status.money_in)
        )
    return text


def actions_title(frame: pd.DataFrame, as_of: date, t: Translator, f: Formats) -> str:
    """How many items are open and overdue, and how many decisions are asked for."""
    still = frame[frame["closed_on"].isna()]
    overdue = int((pd.to_datetime(still["due_on"]) < pd.Timestamp(as_of)).sum())
    text = t.n("project.actions.title", len(still), overdue=f.number(overdue))
    decisions = int((still["kind"] == "decision").sum())
    return text + (" " + t.n("project.actions.decisions", decisions) if decisions else "")


def cash_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How much waits between order and payment, and what waits longest."""
    waiting = frame[frame["stage"] != "paid"]
    if waiting.empty:
        return t.t("project.cash.title.paid")
    stuck = waiting[waiting["stage"] != "ordered"]
    if stuck.empty:
        return t.n("project.cash.title.ordered", len(waiting))
    worst = stuck.sort_values("days_in_stage", ascending=False).iloc[0]
    text = t.n(
        "project.cash.title",
        len(stuck),
        value=f.money(stuck["value"].sum(min_count=1), worst["money_in"]),
    )
    if is_missing(worst["days_in_stage"]):
        return text
    return (
        text
        + " "
        + t.t(
            "project.cash.worst",
            name=worst["description"],
            stage=_lowered(t.label("cash.stage", str(worst["stage"]))),
            days=f.days(worst["days_in_stage"]),
            whom=t.label("cash.with", str(worst["with_whom"])),
        )
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def handovers_title(frame: pd.DataFrame, status: Status, t: Translator, f: Formats) -> str:
    """How many gate checks are done, and how many mandatory ones are overdue."""
    done = int(frame["done_on"].notna().sum())
    text = t.n("project.handovers.title", len(frame), done=f.number(done))
    overdue = status.now["handover_checks_overdue"]
    if is_missing(overdue) or not overdue:
        return text
    return text + " " + t.n("project.handovers.overdue", int(overdue))


def hours_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Hours worked to date against the plan."""
    actual, planned = frame["actual_to_date"].iloc[0], frame["planned_to_date"].iloc[0]
    if is_missing(actual):
        return t.t("project.hours.title.none")
    if is_missing(planned) or not planned:
        return t.t("project.hours.title.no_plan", actual=f.number(actual))
    return t.t(
        "project.hours.title",
        actual=f.number(actual),
        planned=f.number(planned),
        change=f.percent(actual / planned - 1, 0, signed=True),
    )


def customer_title(status: Status, t: Translator, f: Formats) -> str:
    """Satisfaction and complaints."""
    now = status.now
    if is_missing(now["satisfaction"]):
        return t.t("project.customer.title.unknown")
    text = t.t(
        "project.customer.title", score=f.number(now["satisfaction"], 1), date=f.date(now["satisfaction_on"])
    )
    if not is_missing(now["complaints_open"]):
        text += " " + t.n("project.customer.complaints", int(now["complaints_open"]))
    return text


def safety_title(status: Status, t: Translator, f: Formats) -> str:
    """Incidents of the last interval, and the rate of twelve months."""
    now = status.now
    if is_missing(now["lost_time_incidents"]):
        return t.t("project.safety.title.unknown")
    text = t.n("project.safety.title", int(now["lost_time_incidents"]))
    if not is_missing(now["ltifr_12m"]):
        text += " " + t.t("project.safety.rate", rate=f.number(now["ltifr_12m"], 1))
    return text


def upsell_title(status: Status, t: Translator, f: Formats) -> str:
    """The pipeline, plain and weighted."""
    now = status.now
    return t.t(
        "project.upsell.title",
        pipeline=f.money(now["upsell_pipeline"], status.money_in),
        weighted=f.money(now["upsell_weighted"], status.money_in),
    )


def section_html(title: str, message: str, doubts: str = "") -> str:
    """The heading of a list and its message, with the marks of the findings that touch it."""
    return (
        f'<h2 class="at-section">{marks.escape(title)}</h2>'
        f'<p class="at-message">{marks.escape(message)}{doubts}</p>'
    )


def missing_line(tables_: Sequence[str], t: Translator) -> str:
    """What was never delivered for this project."""
    names = ", ".join(t.label("table", name) for name in tables_)
    return t.n("project.missing", len(tables_), tables=names)


How = Literal["text", "value", "date", "number", "percent", "money", "days", "score"]


@dataclass(frozen=True)
class Shown:
    """A column of a list in sight: how it reads, and the key of its heading where it is not the contract's."""

    name: str
    how: How = "text"
    label: str | None = None


MILESTONES = (
    Shown("name", "text", "value.milestone"),
    Shown("expected_date", "date", "project.milestones.expected"),
    Shown("slip_days_original", "days", "project.milestones.slip_original"),
    Shown("slip_days", "days", "project.milestones.slip"),
    Shown("moved_days", "days", "project.milestones.moved"),
)
CHANGES = (
    Shown("change_id"),
    Shown("title"),
    Shown("status", "value"),
    Shown("revenue_impact", "money"),
    Shown("raised_on", "date"),
)
RISKS = (
    Shown("title"),
    Shown("probability", "percent"),
    Shown("emv_post", "money", "project.risks.after"),
    Shown("owner"),
)
ACTIONS = (Shown("kind", "value"), Shown("title"), Shown("owner"), Shown("due_on", "date"))
CASH = (
    Shown("description", "text", "project.cash.item"),
    Shown("stage", "text", "project.cash.stage"),
    Shown("days_in_stage", "number", "project.cash.days"),
    Shown("with_whom", "text", "project.cash.with"),
    Shown("value", "money"),
)
DELAYS = (
    Shown("title"),
    Shown("cause", "value"),
    Shown("days_claimed", "number"),
    Shown("days_granted", "number"),
    Shown("notice_due_on", "date"),
    Shown("notified_on", "date"),
)
HANDOVERS = (Shown("title"), Shown("gate", "value"), Shown("owner"), Shown("due_on", "date"))
SUPPLIERS = (Shown("supplier_name"), Shown("committed", "money"), Shown("forecast", "money"))
SURVEYS = (
    Shown("surveyed_on", "date"),
    Shown("score", "score"),
    Shown("complaints_open", "number"),
    Shown("comment"),
)
SAFETY = (
    Shown("status_date", "date"),
    Shown("supplier_id"),
    Shown("lost_time_incidents", "number"),
    Shown("fatalities", "number"),
)
UPSELL = (
    Shown("title"),
    Shown("stage"),
    Shown("probability", "percent"),
    Shown("value", "money"),
    Shown("expected_close", "date"),
)
_TO_THE_RIGHT = ("number", "percent", "money", "days", "score")


def list_html(
    frame: pd.DataFrame,
    columns: Sequence[Shown],
    status: Status,
    t: Translator,
    f: Formats,
    doubts: Sequence[str] = (),
) -> str:
    """The first rows of a list as a small table; columns without any value are left out.

    `doubts` has the marks of each row, which stand after its first cell.
    """
    kept = [column for column in columns if column.name in frame and frame[column.name].notna().any()]
    own = frame["money_in"] if "money_in" in frame else frame.get("currency", pd.Series(index=frame.index))
    currencies = [status.now["currency"] if is_missing(currency) else currency for currency in own]
    heads = "".join(
        f'<th scope="col"{_side(column)}>{marks.escape(_heading(column, t))}</th>' for column in kept
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{_side(column)}>{marks.breaking(_cell(getattr(row, column.name), column.how, currency, t, f))}"
            f"{doubt if column is kept[0] else ''}</td>"
            for column in kept
        )
        + "</tr>"
        for row, currency, doubt in zip(each(frame), currencies, doubts or [""] * len(frame), strict=True)
    )
    table = f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="at-scroll" tabindex="0"><table class="at-facts at-list">{table}</table></div>'


def _heading(column: Shown, t: Translator) -> str:
    return t.t(column.label) if column.label else t.label("column", column.name)


def _side(column: Shown) -> str:
    return ' class="at-num"' if column.how in _TO_THE_RIGHT else ""


def _cell(value: Any, how: How, currency: Any, t: Translator, f: Formats) -> str:
    if is_missing(value):
        return "" if how in ("text", "value", "date") else f.missing()
    if how == "money":
        return f.money(value, currency)
    if how == "value":
        return t.label("value", str(value))
    if how == "text":
        return str(value)
    formats: Mapping[str, Callable[[Any], str]] = {
        "date": f.date,
        "number": f.number,
        "days": f.days_short,
        "percent": lambda share: f.percent(share, 0),
        "score": lambda score: f.number(score, 1),
    }
    return formats[how](value)


def delays_title(frame: pd.DataFrame, status: Status, t: Translator) -> str:
    """How many delay events, and how many contract notices were missed."""
    text = t.n("project.delays.title", len(frame))
    missed = status.now["notices_missed"]
    if is_missing(missed) or not missed:
        return text
    return text + " " + t.n("project.delays.missed", int(missed))


def listing(frame: pd.DataFrame, names: Sequence[str], t: Translator) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A register's rows with their values in the viewer's words, and the settings of the columns `names`."""
    shown = frame.copy()
    columns: dict[str, Any] = {}
    for name in names:
        if name not in shown or shown[name].isna().all():
            continue
        label = t.label("column", name)
        values = shown[name]
        if name in _FRACTIONS:
            columns[name] = tables.percent(label)
        elif pd.api.types.is_datetime64_any_dtype(values):
            columns[name] = tables.day(label)
        elif pd.api.types.is_bool_dtype(values):
            columns[name] = label
        elif name == "score":
            columns[name] = tables.number(label, digits=1)
        elif pd.api.types.is_numeric_dtype(values):
            columns[name] = tables.number(label)
        else:
            shown[name] = [v if is_missing(v) else t.label("value", str(v)) for v in values]
            columns[name] = label
    return shown, columns


_FRACTIONS = ("probability", "residual_probability", "percent_complete")
