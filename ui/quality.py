"""Data-quality findings in words, and the mark that stands beside each figure that one touches.

A mark is a framed exclamation mark, the same in every colour; its sentence appears when it is pointed at or reached
by keyboard, is read aloud, and on paper stands in the numbered list that the mark's number leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from locales import Translator
from metrics.queries.quality import findings, touched_by
from ui import clicks
from ui.charts.rows import each
from ui.context import current
from ui.formats import Formats, is_missing
from ui.marks import escape
from ui.store import ask

SIGN = "!"
BESIDE = 3
"""Marks beside one figure; more are counted."""
SEVERITIES = {"error": "quality.error", "warning": "quality.warning", "info": "quality.info"}
PLACES: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "programme": ("programme_id",),
    "value": ("current_contract_value",),
    "report": ("status_date",),
    "curve": ("percent_complete", "percent_planned", "eac", "cpi", "spi", "spi_t"),
    "milestones": ("milestone_hit_rate", "contract_days_late", "slip_days"),
    "gantt": ("slip_days", "slip_days_original"),
    "sites": ("sites_planned", "sites_on_air", "sites_accepted"),
    "bridge": ("margin_erosion_pp", "margin_pct_baseline", "margin_pct_budget", "current_contract_value"),
    "risks": ("risk_exposure", "opportunity_exposure", "contingency_left"),
    "changes": ("open_changes_value", "unapproved_change_share", "unapproved_work"),
    "cash": ("unbilled", "overdue_receivables", "cost_without_order"),
    "delays": ("notices_missed", "ld_booked", "ld_probable", "ld_maximum"),
    "handovers": ("handover_checks_overdue",),
    "satisfaction": ("satisfaction", "complaints_open"),
    "safety": ("lost_time_incidents", "fatalities", "ltifr_12m"),
    "opportunities": ("upsell_pipeline", "upsell_weighted"),
}
"""The places of One project and the figures of mart_project_status that stand there."""

SCREENS: Mapping[str, tuple[str, ...]] = {
    "overview": ("rag_overall", "slip_days_original", "margin_pct_forecast", "forecast_finish"),
    "sites": ("sites_planned", "sites_on_air", "sites_accepted"),
    "freshness": ("status_date",),
    "schedule": ("slip_days", "slip_days_original", "slip_days_contract", "spi_t", "ld_probable", "bei"),
    "margin": (
        "margin_erosion_pp",
        "margin_pct_forecast",
        "margin_pct_budget",
        "current_contract_value",
        "eac",
    ),
    "cash_worst": ("unbilled", "overdue_receivables"),
    "cash_damages": ("ld_booked", "ld_probable", "ld_maximum"),
    "cash_orders": ("cost_without_order_share", "unapproved_work", "notices_missed"),
    "cash_positions": ("percent_complete", "margin_forecast", "current_contract_value"),
    "risks": ("risk_exposure", "contingency_left", "open_changes_value", "unapproved_change_share"),
}
"""The figures that the lists of projects show, by screen or list."""
NAMED = 6
"""Projects named under a figure; the tables have them all."""

_BY_UNIT = ("ratio", "fraction", "pp", "days", "count", "money", "score")


@dataclass(frozen=True)
class Finding:
    """A finding in words, under the number that it has in its project's list."""

    number: int
    check_id: str
    severity: str
    metric: str
    figure: str
    sentence: str
    detail: str


def told(frame: pd.DataFrame, t: Translator, f: Formats) -> tuple[Finding, ...]:
    """A project's findings (rows of metrics.queries.quality.findings) in words, numbered in their order."""
    return tuple(
        Finding(
            number,
            str(row.check_id),
            str(row.severity),
            str(row.metric),
            figure_name(str(row.metric), t),
            sentence(row, t, f),
            "" if is_missing(row.detail) else str(row.detail),
        )
        for number, row in enumerate(each(frame), start=1)
    )


def by_project(frame: pd.DataFrame, t: Translator, f: Formats) -> dict[str, tuple[Finding, ...]]:
    """The findings of several projects, by project."""
    return {str(project): told(found, t, f) for project, found in frame.groupby("project_id")}


def figure_name(metric: str, t: Translator) -> str:
    """What a finding is about, in the viewer's language."""
    key = f"metric.{metric}.name"
    return t.t(key) if key in t else t.label("column", metric)


def touching(found: Sequence[Finding], metrics: Iterable[str]) -> tuple[Finding, ...]:
    """The findings that touch one of these figures, by itself or by what it is computed from."""
    touched = frozenset[str]().union(*(touched_by(metric) for metric in metrics))
    return tuple(finding for finding in found if finding.metric in touched)


def label(finding: Finding, t: Translator) -> str:
    """A finding with its severity and the figure that it is about: "Warning, CPI: …"."""
    severity = t.t(SEVERITIES.get(finding.severity, SEVERITIES["warning"]))
    return t.t("quality.label", severity=severity, figure=finding.figure, sentence=finding.sentence)


def marks_html(found: Sequence[Finding], metrics: Iterable[str], t: Translator) -> str:
    """The marks of the findings that touch these figures, each leading to its line of the list on the page.

    The first BESIDE of them; one more mark counts the others and leads to the list.
    """
    touched = touching(found, metrics)
    shown = "".join(mark_html(finding, t) for finding in touched[:BESIDE])
    others = touched[BESIDE:]
    if not others:
        return shown
    said = escape(" ".join(label(finding, t) for finding in others))
    return (
        f'{shown} <a class="at-dq" href="#{anchor(others[0])}"><span aria-hidden="true">+{len(others)}</span>'
        f'<span class="at-tip">{said}</span></a>'
    )


def mark_html(finding: Finding, t: Translator) -> str:
    """The mark of a finding, leading to its line of the list on the page."""
    return (
        f' <a class="{_css(finding)}" href="#{anchor(finding)}"><span aria-hidden="true">{SIGN}{finding.number}</span>'
        f'<span class="at-tip">{escape(label(finding, t))}</span></a>'
    )


def place_html(found: Sequence[Finding], place: str, t: Translator) -> str:
    """The marks of one of PLACES."""
    return marks_html(found, PLACES[place], t)


def away_html(found: Sequence[Finding], metrics: Iterable[str], project_id: str, t: Translator) -> str:
    """One mark (for `clicks.show`) of all that touches these figures, on a screen without the list.

    It counts them, has the look of the worst, and leads to the project's page.
    """
    touched = touching(found, metrics)
    if not touched:
        return ""
    count = f" ×{len(touched)}" if len(touched) > 1 else ""
    said = escape(" ".join(label(finding, t) for finding in touched))
    inner = f'<span aria-hidden="true">{SIGN}{count}</span><span class="at-tip">{said}</span>'
    return " " + clicks.anchor(inner, "project", css=f"{_css(touched[0])} at-away", project_id=project_id)


def column(
    project_ids: Iterable[Any], found: Mapping[str, Sequence[Finding]], metrics: Iterable[str], t: Translator
) -> list[str]:
    """A column "data quality" for a table of projects: what touches the figures of each row, empty if nothing."""
    wanted = tuple(metrics)
    told_ = ([label(x, t) for x in touching(found.get(str(i), ()), wanted)] for i in project_ids)
    return [f"{SIGN} " + " ".join(lines) if lines else "" for lines in told_]


def beside(
    frame: pd.DataFrame, columns: Mapping[str, Any], screen: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A list of projects and its columns, with a column "data quality" where the figures of a row are doubtful.

    `screen` is one of SCREENS. A list where nothing is doubtful, or that is not of projects, stays as it is.
    """
    told_ = asked(frame)
    cells = column(frame["project_id"], told_, SCREENS[screen], current().t) if told_ else []
    if not any(cells):
        return frame, dict(columns)
    return frame.assign(data_quality=cells), {**columns, "data_quality": current().t.t("quality.column")}


def below_html(frame: pd.DataFrame, screen: str) -> str:
    """What is doubtful in a figure with a row per project (project_id, name): a line each, for under the figure."""
    page = current()
    if "project_id" not in frame:
        return ""
    names = dict(zip(frame["project_id"].astype(str), frame["name"], strict=True))
    touched = frozenset[str]().union(*(touched_by(metric) for metric in SCREENS[screen]))
    found = ask(findings, page.scope, tuple(names))
    found = found[found["metric"].isin(touched)]
    with_one = set(found["project_id"])
    doubted = [i for i in names if i in with_one]
    worded = by_project(found[found["project_id"].isin(doubted[:NAMED])], page.t, page.f)
    lines = [
        f'<p class="at-dq-line"><span class="{_css(worded[i][0])}" aria-hidden="true">{SIGN}</span> '
        f"<b>{escape(names[i])}</b> {escape(' '.join(label(finding, page.t) for finding in worded[i]))}</p>"
        for i in doubted[:NAMED]
    ]
    left = len(doubted) - NAMED
    more = f'<p class="at-soft at-dq-line">{escape(page.t.n("quality.more", left))}</p>' if left > 0 else ""
    return "".join(lines) + more


def asked(frame: pd.DataFrame) -> dict[str, tuple[Finding, ...]]:
    """The findings of the projects in a list; none where it is not of projects."""
    if "project_id" not in frame:
        return {}
    page = current()
    ids = tuple(dict.fromkeys(str(i) for i in frame["project_id"]))
    return by_project(ask(findings, page.scope, ids), page.t, page.f)


def signed(name: str, found: Sequence[Finding], metric: Any) -> str:
    """A figure's name, with the sign after it where a finding touches the figure: for where no mark can stand."""
    return f"{name} ({SIGN})" if touching(found, (str(metric),)) else name


def lines_html(found: Sequence[Finding], figures: Sequence[tuple[str, str]], t: Translator) -> str:
    """The findings that touch `figures` (metric and name) spelt out, each with the names that it touches."""
    lines = []
    for finding in found:
        names = dict.fromkeys(name for metric, name in figures if touching((finding,), (metric,)))
        if names:
            said = label(finding, t) + " " + t.t("quality.touches", figures=", ".join(names))
            sign = f'<span class="{_css(finding)}" aria-hidden="true">{SIGN}</span>'
            lines.append(f'<p class="at-dq-line">{sign} {escape(said)}</p>')
    return "".join(lines)


def list_html(found: Sequence[Finding], t: Translator) -> str:
    """The numbered list that marks lead to, the worst first."""
    lines = "".join(
        f'<li id="{anchor(finding)}"><span class="{_css(finding)}" aria-hidden="true">'
        f"{SIGN}{finding.number}</span> {escape(label(finding, t))}</li>"
        for finding in found
    )
    return f'<ul class="at-events">{lines}</ul>'


def summary_html(found: Sequence[Finding], t: Translator) -> str:
    """How many findings a project's page has, with a mark of each; nothing where there is none."""
    if not found:
        return ""
    every = "".join(mark_html(finding, t) for finding in found)
    return f'<p class="at-dq-said">{escape(t.n("quality.summary", len(found)))}{every}</p>'


def anchor(finding: Finding) -> str:
    """The id of a finding's line on its project's page."""
    return f"finding-{finding.number}"


def _css(finding: Finding) -> str:
    return f"at-dq at-dq-{finding.severity}"


def sentence(row: Any, t: Translator, f: Formats) -> str:
    """A row of mart_data_quality (with the project's `currency`) as a sentence; its id where there is no text."""
    key = str(row.sentence_key)
    if key not in t:
        return str(row.check_id)
    value = f.by_unit(row.value, row.unit, row.currency) if row.unit in _BY_UNIT else f.number(row.value, 1)
    return t.t(key, value=value, detail=_detail(row.detail, t, f))


def _detail(detail: Any, t: Translator, f: Formats) -> str:
    """What a finding is about: dates as people read them, columns and lines by their label, the rest as it is."""
    if is_missing(detail):
        return f.missing()
    try:
        return f.date(date.fromisoformat(str(detail)))
    except ValueError:
        kind = "column" if f"column.{detail}" in t else "value"
        return t.label(kind, str(detail))
