"""The parts of the One project screen, top to bottom. A part without data draws nothing.

Each returns whether it drew; what was never delivered is said at the end of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from metrics.queries import project as queries
from metrics.queries.evidence import Colour
from metrics.queries.project import Status
from metrics.scope import Scope
from ui import clicks, evidence, frame, marks, tables
from ui import project as words
from ui import schedule as schedule_words
from ui.charts import base, rows
from ui.charts import margin as margin_charts
from ui.charts import project as charts
from ui.charts import schedule as schedule_charts
from ui.charts import sites as site_charts
from ui.charts.kept import kept
from ui.context import Context
from ui.filters import url_choice
from ui.formats import is_missing
from ui.project import Shown
from ui.store import ask

SCREEN = "project"
TOP = 5
"""Rows of a register in sight; all of them unfold."""


@dataclass(frozen=True)
class Subject:
    """The project that the page is about, as of the scope's date."""

    page: Context
    id: str
    status: Status
    colours: tuple[Colour, ...]
    told: Mapping[str, Any]
    """The answers of metrics.queries.project.everything."""

    def ask(self, query: Any, *args: Any) -> Any:
        """What a query of metrics.queries.project says of this project."""
        return ask(query, self.page.scope, self.id, *args)


def subject(page: Context) -> Subject | None:
    """The project that the address names, else the one that needs attention first; None when there is none.

    The address then carries its id, so that it can be copied.
    """
    project_id = st.query_params.get(evidence.PROJECT) or ask(queries.worst, page.scope)
    if not project_id:
        return None
    told = ask(queries.everything, page.scope, project_id)
    if told is None:
        return None
    if st.query_params.get(evidence.PROJECT) != project_id:
        st.query_params[evidence.PROJECT] = project_id
    return Subject(page, project_id, told["status"], told["colours"], told)


def heading(of: Subject) -> None:
    """Who and what it is, the sentence, and the way to its neighbours within the filters."""
    page = of.page
    overall = next((c.computed for c in of.colours if c.dimension == "overall"), None)
    html = clicks.kept(
        "project_heading",
        lambda: words.heading_html(of.status, of.told["place"], overall, page.t, page.f),
        of.id,
    )
    clicks.show(html, SCREEN, key="project_heading")
    frame.sentence(words.sentence(of.status, of.colours, _reason(of), page.t, page.f), words.basis(of.status))


def _reason(of: Subject) -> str | None:
    """The outcome of the rule behind the overall colour, as a sentence."""
    dimension, rule = of.status.now["deciding_dimension"], of.status.now["deciding_rule"]
    if is_missing(dimension) or is_missing(rule):
        return None
    decided = [row for row in rows.each(of.told["deciding"]) if row.rule_id == rule]
    if not decided:
        return None
    return evidence.held(decided[0], of.page.t) or evidence.reason(decided[0], of.page.t, of.page.f)


def colours(of: Subject) -> None:
    """The colours, the evidence of one where the address asks for it, and the manager's words."""
    t, f = of.page.t, of.page.f
    if of.colours:
        currency = of.status.now["currency"]
        html = clicks.kept(
            "project_cards", lambda: words.cards_html(of.colours, of.id, currency, t, f), of.id
        )
        clicks.show(html, SCREEN, key="project_cards")
    chosen = evidence.chosen()
    if chosen:
        evidence.panel(of.id, chosen[1], screen=SCREEN)
    said = words.report_html(of.status, t, f)
    if said:
        frame.section(t.t("project.report"))
        st.html(said)


def changed(of: Subject) -> None:
    """What is different from the comparison date, and what happened since."""
    t, f, against = of.page.t, of.page.f, of.page.scope.compared_with
    if against is None:
        frame.section(t.t("project.changed.title"))
        frame.empty(t.t("project.changed.no_date"), t.t("project.changed.no_date.do"))
        return
    frame.section(t.t("project.changed", date=f.date(against)))
    if of.status.before is None:
        frame.empty(t.t("project.changed.new", date=f.date(against)))
        return
    facts, happened = words.changed(of.status, t, f), of.told["events"]
    if not facts and happened.empty:
        frame.empty(t.t("project.changed.nothing"))
    if facts:
        st.html(words.facts_html(facts, t, f, against))
    if not happened.empty:
        st.html(words.events_html(happened, t, f))


def curve(of: Subject) -> bool:
    """The S-curve with its forecasts as a cone."""
    t, f = of.page.t, of.page.f
    found, outlook = of.told["curve"], of.told["outlook"]
    if found.empty:
        return False
    title = words.curve_title(outlook, of.status.now, t, f)
    base.show(
        _drawn(of, "curve", charts.s_curve, found, outlook, of.page.scope.as_of), title, title, found,
        key="project_curve", columns=_curve_columns(of), definition="eac",
    )  # fmt: skip
    if outlook:
        st.caption(marks.escape_md(words.curve_facts(outlook, of.status.money_in, t, f)))
    return True


def _drawn(
    of: Subject, name: str, draw: Callable[..., go.Figure], *args: Any, key: Hashable = None
) -> go.Figure:
    """A figure of this project, drawn once for what it is asked for."""
    page = of.page
    return kept(f"project_{name}", lambda: draw(*args, page.palette, page.t, page.f), of.id, key)


def _curve_columns(of: Subject) -> dict[str, Any]:
    t = of.page.t
    return {
        "period_end": tables.day(t.t("column.period_end")),
        "planned_value": tables.number(t.t("project.curve.planned")),
        "planned_value_original": tables.number(t.t("project.curve.original")),
        "earned_value": tables.number(t.t("project.curve.earned")),
        "actual_cost": tables.number(t.t("project.curve.actual")),
        "money_in": t.t("column.currency"),
        "percent_planned": tables.percent(t.t("metric.percent_planned.name")),
        "percent_complete": tables.percent(t.t("metric.percent_complete.name")),
    }


def milestones(of: Subject) -> bool:
    """The milestones: how their dates moved from report to report, and all of them with both baselines."""
    t, f = of.page.t, of.page.f
    found, lines = of.told["milestones"], of.told["milestone_trend"]
    if found.empty:
        return False
    frame.section(t.t("project.milestones"), words.milestones_title(found, t, f))
    left, right = st.columns(2, gap="large")
    with left:
        if lines.empty:
            frame.empty(t.t("project.trend.none"))
        elif lines["rank"].iloc[-1] == 1 and not lines["moved_days"].iloc[0]:
            frame.empty(words.trend_title(lines, t, f))
        else:
            title = words.trend_title(lines, t, f)
            base.show(
                _drawn(of, "trend", schedule_charts.trend, lines, of.page.scope.as_of), title, title,
                lines, key="project_trend", columns=_trend_columns(of), definition="forecast_finish",
            )  # fmt: skip
    with right:
        st.html(words.list_html(found, words.MILESTONES, of.status, t, f))
        picked = _all_rows(of, "milestones", len(found), _milestone_rows)
        if picked is not None:
            evidence.sources(of.id, found["refs"].iloc[picked], key="milestone")
    return True


def _milestone_rows(of: Subject) -> Listing:
    found, t = of.told["milestones"], of.page.t
    shown = found.drop(columns="refs").assign(kind=[t.label("value", str(kind)) for kind in found["kind"]])
    return Listing("", found, words.MILESTONES, shown, _milestone_columns(of))


def _trend_columns(of: Subject) -> dict[str, Any]:
    t = of.page.t
    return {
        "name": t.t("value.milestone"),
        "status_date": tables.day(t.t("column.status_date")),
        "forecast_finish": tables.day(t.t("column.forecast_date")),
        "moved_days": tables.number(t.t("project.milestones.moved")),
    }


def _milestone_columns(of: Subject) -> dict[str, Any]:
    t = of.page.t
    return {
        "name": t.t("value.milestone"),
        "expected_date": tables.day(t.t("project.milestones.expected")),
        "slip_days_original": tables.number(t.t("project.milestones.slip_original")),
        "slip_days": tables.number(t.t("project.milestones.slip")),
        "moved_days": tables.number(t.t("project.milestones.moved")),
        "contract_date": tables.day(t.t("column.contract_date")),
        "first_slipped_on": tables.day(t.t("project.milestones.first_slipped")),
        "original_date": tables.day(t.t("column.original_date")),
        "baseline_date": tables.day(t.t("column.baseline_date")),
        "kind": t.t("column.kind"),
        "days_excusable": tables.number(t.t("column.days_granted")),
        "ld_probable": tables.number(t.t("metric.ld_probable.name")),
        "money_in": t.t("column.currency"),
    }


def gantt(of: Subject) -> bool:
    """The schedule against both baselines, rolled up; what its checks say beside it."""
    t, f, as_of = of.page.t, of.page.f, of.page.scope.as_of
    plan = of.told["plan"]
    if plan is None:
        return False
    frame.section(t.t("project.gantt"), t.t("project.gantt.as_of", date=f.date(plan.status_date)))
    offered = words.gantt_shows(plan, t)
    show = url_choice(
        "tasks", t.t("project.gantt.show"), offered, words.gantt_default(plan, offered), width=300
    )
    drawn = st.container()
    found, number = _task_page(of, show)
    title = words.gantt_title(plan, t, f)
    with drawn:
        if found.empty:
            frame.empty(t.t("project.gantt.none"), t.t("project.gantt.none.do"))
        else:
            st.caption(t.t("project.gantt.key"))
            links = of.ask(queries.dependencies, tuple(found["task_uid"]))
            base.show(
                _drawn(of, "gantt", charts.gantt, found, links, as_of, key=(show, number)), title, title,
                found, key="project_gantt", columns=_task_columns(of), definition="slip_days",
            )  # fmt: skip
    quality = of.told["quality"]
    if quality:
        names = [schedule_words.check_name(check, t) for check in quality.failed]
        st.caption(marks.escape_md(words.quality_line(quality, names, t, f)))
    return True


def _task_page(of: Subject, show: str) -> tuple[pd.DataFrame, int]:
    """The page of tasks that the viewer chose, and its number; the choice only where there is more than one."""
    first: pd.DataFrame = of.ask(queries.tasks, show, 1)
    pages = tables.pages(int(first["of"].iloc[0]) if len(first) else 0, queries.GANTT_ROWS)
    number = int(st.pagination(pages, key=f"tasks_page_{of.id}_{show}")) if pages > 1 else 1
    return (first if number == 1 else of.ask(queries.tasks, show, number)), number


def _task_columns(of: Subject) -> dict[str, Any]:
    t = of.page.t
    return {
        "wbs": t.t("column.wbs"),
        "name": t.t("project.gantt.task"),
        "start_on": tables.day(t.t("column.start")),
        "finish_on": tables.day(t.t("column.finish")),
        "baseline_finish": tables.day(t.t("column.baseline_finish")),
        "original_finish": tables.day(t.t("project.gantt.original")),
        "slip_days": tables.number(t.t("project.milestones.slip")),
        "percent_complete": tables.percent(t.t("column.percent_complete")),
        "total_slack_days": tables.number(t.t("column.total_slack_days")),
        "is_critical": t.t("column.is_critical"),
        "row": tables.number(t.t("project.sources.row")),
    }


def sites(of: Subject) -> bool:
    """The rollout's burn-up."""
    page, found, now = of.page, of.told["sites"], of.status.now
    t, f = page.t, page.f
    if found.empty:
        return False
    frame.section(t.t("project.sites"))
    title = t.t(
        "project.sites.title",
        on_air=f.number(now["sites_on_air"]),
        planned=f.number(now["sites_planned"]),
        accepted=f.number(now["sites_accepted"]),
    )
    fig = kept(
        "project_sites", lambda: site_charts.burn_up(found, page.scope.as_of, t, f, page.palette), of.id
    )
    base.show(fig, title, title, found, key="project_sites", definition="sites_on_air")
    return True


def margin(of: Subject) -> bool:
    """The margin bridge, and the money that stands beside it."""
    t, f = of.page.t, of.page.f
    found, facts = of.told["bridge"], words.money_facts(of.status, t, f)
    if found.empty and not facts:
        return False
    frame.section(t.t("project.margin"))
    left, right = st.columns((62, 38), gap="large")
    with left:
        if found.empty:
            frame.empty(t.t("project.bridge.none"))
        else:
            title = words.bridge_title(found, t, f)
            base.show(
                _drawn(of, "bridge", margin_charts.waterfall, found, "points"), title, title,
                found.assign(step=[margin_charts.step_name(str(step), t) for step in found["step"]]),
                key="project_bridge", columns=_bridge_columns(of), definition="margin_erosion_pp",
            )  # fmt: skip
    with right:
        st.html(words.pairs_html(facts))
    return True


def _bridge_columns(of: Subject) -> dict[str, Any]:
    t = of.page.t
    return {
        "step": t.t("project.bridge.step"),
        "amount": tables.number(t.t("project.bridge.amount")),
        "pp": tables.number(t.t("project.bridge.points"), digits=2),
        "margin_after": tables.number(t.t("project.bridge.after")),
        "currency": t.t("column.currency"),
    }


def people(of: Subject) -> bool:
    """Hours by month, and by role as its table."""
    t, f = of.page.t, of.page.f
    found = of.told["hours"]
    if found.empty:
        return False
    title = words.hours_title(found, t, f)
    frame.section(t.label("table", "resources"), t.t("project.hours.key"))
    base.show(
        _drawn(of, "hours", charts.hours, found, of.page.scope.as_of), title, title, of.told["roles"],
        key="project_hours",
        columns={
            "role": t.t("column.role"),
            "hours_planned": tables.number(t.t("column.hours_planned")),
            "hours_actual": tables.number(t.t("column.hours_actual")),
            "hours_forecast": tables.number(t.t("column.hours_forecast")),
        },
    )  # fmt: skip
    return True


@dataclass(frozen=True)
class Listing:
    """A register: its message, the rows and columns in sight, and all of it to unfold (columns by name)."""

    title: str
    top: pd.DataFrame
    in_sight: Sequence[Shown]
    rows: pd.DataFrame
    columns: Sequence[str] | dict[str, Any]


def changes(of: Subject) -> Listing:
    """The change register; what waits for a decision first."""
    found = of.told["changes"]
    title = words.changes_title(found, of.status, of.page.t, of.page.f)
    return Listing(title, found, words.CHANGES, found, (
        "change_id", "title", "status", "origin", "revenue_impact", "cost_impact", "currency",
        "schedule_impact_days", "raised_on", "notice_due_on", "work_started_on", "decided_on",
    ))  # fmt: skip


def risks(of: Subject) -> Listing:
    """Risks and opportunities with their expected value; the open ones in sight."""
    t = of.page.t
    found = of.told["risks"]
    shown, columns = words.listing(
        found, ("kind", "title", "status", "probability", "owner", "response", "due_on"), t
    )
    columns |= {
        "impact": tables.number(t.t("project.risks.impact")),
        "emv_pre": tables.number(t.t("project.risks.before")),
        "emv_post": tables.number(t.t("project.risks.after")),
        "money_in": t.t("column.currency"),
    }
    title = words.risks_title(found, of.status, t, of.page.f)
    return Listing(title, found[found["is_open"]], words.RISKS, shown, columns)


def actions(of: Subject) -> Listing:
    """Issues, actions and decisions; the open ones in sight."""
    found = of.told["actions"]
    title = words.actions_title(found, of.page.scope.as_of, of.page.t, of.page.f)
    names = ("kind", "title", "owner", "priority", "opened_on", "due_on", "closed_on")
    return Listing(title, found[found["closed_on"].isna()], words.ACTIONS, found, names)


def delays(of: Subject) -> Listing:
    """Delay events: whose, how long, claimed and granted, notice given or missed."""
    found = of.told["delays"]
    title = words.delays_title(found, of.status, of.page.t)
    return Listing(title, found, words.DELAYS, found, (
        "title", "cause", "milestone_id", "days", "notice_due_on", "notified_on", "days_claimed",
        "days_granted",
    ))  # fmt: skip


def cash(of: Subject) -> Listing:
    """From order to payment, item by item; what is not paid in sight."""
    t, f = of.page.t, of.page.f
    found = of.told["cash"]
    shown = found.assign(
        stage=[t.label("cash.stage", str(stage)) for stage in found["stage"]],
        with_whom=[None if is_missing(whom) else t.label("cash.with", whom) for whom in found["with_whom"]],
    )
    columns = {
        "description": t.t("project.cash.item"),
        "stage": t.t("project.cash.stage"),
        "days_in_stage": tables.number(t.t("project.cash.days")),
        "with_whom": t.t("project.cash.with"),
        "value": tables.number(t.t("column.value")),
        "net_due": tables.number(t.t("project.cash.due")),
        "money_in": t.t("column.currency"),
        "submitted_on": tables.day(t.t("column.submitted_on")),
        "rejected_on": tables.day(t.t("column.rejected_on")),
        "accepted_on": tables.day(t.t("column.accepted_on")),
        "invoiced_on": tables.day(t.t("column.invoiced_on")),
        "paid_on": tables.day(t.t("column.paid_on")),
    }
    title = words.cash_title(found, t, f)
    return Listing(title, shown[found["stage"] != "paid"], words.CASH, shown, columns)


def handovers(of: Subject) -> Listing:
    """The gates Sell to Execute and Delivery to Care; what is not done in sight."""
    found = of.told["handovers"]
    title = words.handovers_title(found, of.status, of.page.t, of.page.f)
    names = ("gate", "title", "mandatory", "owner", "due_on", "done_on")
    return Listing(title, found[found["done_on"].isna()], words.HANDOVERS, found, names)


def suppliers(of: Subject) -> Listing:
    """Subcontracts by how far the forecast is above the commitment."""
    found = of.told["subcontracts"]
    return Listing(of.page.t.n("project.suppliers.title", len(found)), found, words.SUPPLIERS, found, (
        "supplier_name", "supplier_id", "scope", "committed", "forecast", "received", "invoiced", "currency",
    ))  # fmt: skip


def customer(of: Subject) -> Listing:
    """What the customer answered, survey by survey."""
    found = of.told["satisfaction"]
    title = words.customer_title(of.status, of.page.t, of.page.f)
    names = ("surveyed_on", "score", "complaints_open", "comment")
    return Listing(title, found, words.SURVEYS, found, names)


def safety(of: Subject) -> Listing:
    """Incidents by interval and supplier; those with an incident in sight."""
    found = of.told["safety"]
    title = words.safety_title(of.status, of.page.t, of.page.f)
    harmed = found[found["lost_time_incidents"].fillna(0) + found["fatalities"].fillna(0) > 0]
    return Listing(title, harmed, words.SAFETY, found, (
        "status_date", "supplier_id", "hours_worked", "lost_time_incidents", "fatalities",
        "recordable_incidents", "high_potential_events", "near_misses",
    ))  # fmt: skip


def upsell(of: Subject) -> Listing:
    """Upsell and cross-sell."""
    found = of.told["opportunities"]
    title = words.upsell_title(of.status, of.page.t, of.page.f)
    names = ("title", "kind", "stage", "probability", "value", "currency", "expected_close")
    return Listing(title, found, words.UPSELL, found, names)


LISTS: Mapping[str, Callable[[Subject], Listing]] = {
    "risks": risks,
    "changes": changes,
    "actions": actions,
    "cash": cash,
    "delays": delays,
    "handovers": handovers,
    "subcontracts": suppliers,
    "satisfaction": customer,
    "safety": safety,
    "opportunities": upsell,
}
ORDER = (
    "risks", "changes", "actions", "cash", "delays", "handovers", "people", "subcontracts", "satisfaction",
    "safety", "opportunities", "findings",
)  # fmt: skip


def registers(of: Subject) -> None:
    """The lists, in two columns without gaps: what has no data leaves its place to the next."""
    columns, drawn = st.columns(2, gap="large"), 0
    said = _lists_said(of.page.store.version, of.page.scope, of.page.t.language, of.id, of)
    for name in ORDER:
        with columns[drawn % 2]:
            if name == "people":
                drawn += people(of)
            elif name in said:
                html, rows = said[name]
                st.html(html)
                if rows:
                    _all_rows(of, name, rows, LISTS[name])
                drawn += 1


@st.cache_data(max_entries=256, show_spinner=False)
def _lists_said(
    version: str, scope: Scope, language: str, project_id: str, _of: Subject
) -> dict[str, tuple[str, int]]:
    """Every list that has rows: its heading, message and first rows as HTML, and how many there are."""
    t, f = _of.page.t, _of.page.f
    said: dict[str, tuple[str, int]] = {}
    for name, make in LISTS.items():
        if _of.told[name].empty:
            continue
        listing = make(_of)
        what = t.t("project.cash") if name == "cash" else t.label("table", name)
        top = listing.top.head(TOP)
        rows_ = words.list_html(top, listing.in_sight, _of.status, t, f) if len(top) else ""
        said[name] = (words.section_html(what, listing.title) + rows_, len(listing.rows))
    found = _of.told["findings"]
    if len(found):
        title = words.section_html(t.t("project.findings"), t.n("project.findings.title", len(found)))
        said["findings"] = (title + words.findings_html(found, t, f), 0)
    return said


def _all_rows(of: Subject, name: str, count: int, make: Callable[[Subject], Listing]) -> int | None:
    """The whole list to sort, search and download, made when it is unfolded; returns the row chosen."""
    t = of.page.t
    label = t.n("project.rows", count)
    unfolded = st.expander(label, key=f"project_{name}_more", on_change="rerun")
    if not unfolded.open:
        return None
    listing = make(of)
    shown, columns = listing.rows, listing.columns
    if not isinstance(columns, dict):
        if "currency" in shown:
            shown = shown.assign(currency=shown["currency"].fillna(of.status.now["currency"]))
        shown, columns = words.listing(shown, columns, t)
    with unfolded:
        return tables.table(
            shown, columns, key=f"project_{name}", file_name=name, alt=label, select=name == "milestones"
        )


def sources(of: Subject) -> None:
    """Where every number came from: files by table, and on choosing one its rows as they were loaded."""
    t = of.page.t
    found = of.told["sources"]
    frame.section(t.t("project.sources"), t.t("project.sources.note"))
    if found.empty:
        frame.empty(t.t("project.sources.none"))
        return
    shown = found.assign(table_name=[t.label("table", table) for table in found["table"]])
    picked = tables.table(
        shown,
        {
            "table_name": t.t("project.sources.table"),
            "file": t.t("project.sources.file"),
            "sheet": t.t("project.sources.sheet"),
            "rows": tables.number(t.t("project.sources.rows")),
            "status_date": tables.day(t.t("column.status_date")),
            "loaded_at": tables.day(t.t("project.sources.loaded")),
        },
        key="project_sources", file_name="sources", alt=t.t("project.sources"), select=True,
    )  # fmt: skip
    if picked is None:
        return
    row = found.iloc[picked]
    sheet = None if is_missing(row["sheet"]) else row["sheet"]
    loaded: pd.DataFrame = of.ask(queries.rows_of, row["table"], row["file"], sheet)
    st.html(f'<p class="at-would at-where">{marks.escape(row["file"])}</p>')
    columns = {"row": tables.number(t.t("project.sources.row"))} | evidence.source_columns(loaded, t)
    tables.table(loaded, columns, key="project_source_rows", file_name="source_rows", alt=str(row["file"]))


def missing(of: Subject) -> None:
    """What was never delivered for this project, in a sentence."""
    t = of.page.t
    delivered = set(of.told["sources"].get("table", ()))
    absent = [name for name in queries.EXPECTED if name not in delivered]
    if absent:
        st.html(f'<p class="at-soft">{marks.escape(words.missing_line(absent, t))}</p>')
