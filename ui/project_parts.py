"""The parts of the One project screen, top to bottom. A part without data draws nothing.

Each returns whether it drew; what was never delivered is said at the end of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from metrics.queries import project as queries
from metrics.queries.evidence import Colour
from metrics.queries.project import Status
from ui import clicks, evidence, frame, links, marks, quality, tables
from ui import project as words
from ui import schedule as schedule_words
from ui.charts import base, paper, rows
from ui.charts import margin as margin_charts
from ui.charts import project as charts
from ui.charts import schedule as schedule_charts
from ui.charts import sites as site_charts
from ui.charts.kept import kept
from ui.context import Context
from ui.filters import url_choice
from ui.formats import is_missing
from ui.project import Shown
from ui.quality import Finding
from ui.store import ask, remembered_as

SCREEN = "project"
TOP = 5
"""Rows of a register in sight; all of them unfold."""
MOST = 64
"""Projects remembered with all their answers and words."""


@dataclass(frozen=True)
class Known:
    """What the store tells of a project, and the words for it: made once, for every viewer. Nobody may change it."""

    status: Status
    colours: tuple[Colour, ...]
    told: Mapping[str, Any]
    """The answers of metrics.queries.project.everything."""
    found: tuple[Finding, ...]
    """The data-quality findings, as numbered on the page."""
    words: Mapping[str, str]
    """Sentences and HTML by the name of their place."""
    lists: Mapping[str, tuple[str, int]]
    """Every list that has rows: its heading, message and first rows as HTML, and how many there are."""


@dataclass(frozen=True)
class Subject:
    """The project that the page is about, as of the scope's date."""

    page: Context
    id: str
    known: Known

    @property
    def status(self) -> Status:
        """How it stands."""
        return self.known.status

    @property
    def told(self) -> Mapping[str, Any]:
        """The answers of metrics.queries.project.everything."""
        return self.known.told

    def said(self, name: str) -> str:
        """The words of a place; empty where there is nothing to say."""
        return self.known.words.get(name, "")

    def once(self, name: str, make: Callable[[], Any], *args: Hashable) -> Any:
        """What `make()` returns, remembered like the rest. Nobody may change it."""
        return _once(key=_key(self.page, name, self.id, args), _make=make)


def subject(page: Context) -> Subject | None:
    """The project that the address names, else the one that needs attention first; None when there is none.

    The address then carries its id, so that it can be copied.
    """
    project_id = st.query_params.get(evidence.PROJECT) or ask(queries.worst, page.scope)
    if not project_id:
        return None
    known = _once(key=_key(page, "known", project_id), _make=lambda: _known(page, project_id))
    if known is None:
        return None
    if st.query_params.get(evidence.PROJECT) != project_id:
        st.query_params[evidence.PROJECT] = project_id
    return Subject(page, project_id, known)


def nobody(page: Context) -> str:
    """Why there is no project to show: the address names one that there is not, or the filters leave none."""
    asked = st.query_params.get(evidence.PROJECT)
    if not asked:
        return page.t.t("project.none.filters")
    return page.t.t("project.none.id", id=rows.cut(asked), date=page.f.date(page.scope.as_of))


def _key(page: Context, *parts: Hashable) -> str:
    return remembered_as(page.store.version, page.scope, page.t.language, links.href(SCREEN), parts)


@st.cache_resource(max_entries=MOST, show_spinner=False)
def _once(*, key: str, _make: Callable[[], Any]) -> Any:
    return _make()


def forget() -> None:
    """Drop what is remembered of projects, as if nobody had opened one yet."""
    _once.clear()


def _known(page: Context, project_id: str) -> Known | None:
    told = ask(queries.everything, page.scope, project_id)
    if told is None:
        return None
    found = quality.told(told["findings"], page.t, page.f)
    known = Known(told["status"], told["colours"], told, found, {}, {})
    of = Subject(page, project_id, known)
    return replace(known, words=_words(of), lists=_lists(of))


def _words(of: Subject) -> dict[str, str]:
    """Everything that the page says outside its lists and figures, by place; a part without data says nothing."""
    t, f, told, found = of.page.t, of.page.f, of.told, of.known.found
    status, against = of.status, of.page.scope.compared_with
    overall = next((c.computed for c in of.known.colours if c.dimension == "overall"), None)
    said = {
        "heading": words.heading_html(status, told["place"], overall, found, t, f),
        "sentence": words.sentence(status, of.known.colours, _reason(of), t, f),
        "basis": quality.place_html(found, "report", t),
        "summary": quality.summary_html(found, t),
        "report": words.report_html(status, t, f),
        "money": words.money_html(status, found, t, f),
        "curve_doubts": quality.place_html(found, "curve", t),
        "bridge_doubts": quality.place_html(found, "bridge", t),
    }
    if of.known.colours:
        said["cards"] = words.cards_html(of.known.colours, of.id, status.now["currency"], found, t, f)
    facts = words.changed(status, t, f)
    if facts and against:
        said["facts"] = words.facts_html(facts, found, t, f, against)
    if not told["events"].empty:
        said["events"] = words.events_html(told["events"], t, f)
    if not told["curve"].empty:
        said["curve"] = words.curve_title(told["outlook"], status.now, t, f)
    if told["outlook"]:
        said["curve_facts"] = words.curve_facts_html(told["outlook"], status.money_in, found, t, f)
    if not told["milestones"].empty:
        said |= _milestone_words(of)
    if told["plan"]:
        said["gantt"] = words.section_html(
            t.t("project.gantt"),
            t.t("project.gantt.as_of", date=f.date(told["plan"].status_date)),
            quality.place_html(found, "gantt", t),
        )
        said["gantt_title"] = words.gantt_title(told["plan"], t, f)
    if not told["sites"].empty:
        doubts = quality.place_html(found, "sites", t)
        said["sites"] = words.section_html(t.t("project.sites"), words.sites_title(status, t, f), doubts)
        said["sites_title"] = words.sites_title(status, t, f)
    if not told["bridge"].empty:
        said["bridge"] = words.bridge_title(told["bridge"], t, f)
    if not told["hours"].empty:
        said["hours"] = words.hours_title(told["hours"], t, f)
    return said


def _milestone_words(of: Subject) -> dict[str, str]:
    t, f, found = of.page.t, of.page.f, of.known.found
    rows_, lines = of.told["milestones"], of.told["milestone_trend"]
    title, doubts = words.milestones_title(rows_, t, f), quality.place_html(found, "milestones", t)
    return {
        "milestones": words.section_html(t.t("project.milestones"), title, doubts),
        "milestone_list": words.list_html(
            rows_, words.MILESTONES, of.status, t, f, words.milestone_doubts(rows_, found, t)
        ),
        "trend": "" if lines.empty else words.trend_title(lines, t, f),
    }


def heading(of: Subject) -> None:
    """Who and what it is, the sentence, and the way to its neighbours within the filters."""
    clicks.show(of.said("heading"), SCREEN, key="project_heading")
    frame.sentence(of.said("sentence"), words.basis(of.status), doubts=of.said("basis"))
    _draw(of, "summary")


def _draw(of: Subject, *places: str) -> bool:
    """Draw the words of these places; whether there are any."""
    html = "".join(of.said(place) for place in places)
    if html:
        st.html(html)
    return bool(html)


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
    if of.said("cards"):
        clicks.show(of.said("cards"), SCREEN, key="project_cards")
    chosen = evidence.chosen()
    evidence.say_unknown()
    if chosen:
        evidence.panel(of.id, chosen[1], screen=SCREEN)
    if of.said("report"):
        frame.section(of.page.t.t("project.report"))
        _draw(of, "report")


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
    elif not _draw(of, "facts", "events"):
        frame.empty(t.t("project.changed.nothing"))


def curve(of: Subject) -> bool:
    """The S-curve with its forecasts as a cone."""
    found, outlook, title = of.told["curve"], of.told["outlook"], of.said("curve")
    if found.empty:
        return False
    base.show(
        _drawn(of, "curve", charts.s_curve, found, outlook, of.page.scope.as_of), title, title, found,
        key="project_curve", columns=partial(_curve_columns, of), definition="eac", beside=of.said("curve_doubts"),
    )  # fmt: skip
    _draw(of, "curve_facts")
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
    t, found, lines, title = of.page.t, of.told["milestones"], of.told["milestone_trend"], of.said("trend")
    if found.empty:
        return False
    _draw(of, "milestones")
    left, right = frame.columns(1, 1)
    with left:
        if lines.empty:
            frame.empty(t.t("project.trend.none"))
        elif lines["rank"].iloc[-1] == 1 and not lines["moved_days"].iloc[0]:
            frame.empty(title)
        else:
            base.show(
                _drawn(of, "trend", schedule_charts.trend, lines, of.page.scope.as_of), title, title,
                lines, key="project_trend", columns=partial(_trend_columns, of), definition="forecast_finish",
            )  # fmt: skip
    with right:
        _draw(of, "milestone_list")
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
    _draw(of, "gantt")
    offered = words.gantt_shows(plan, t)
    show = url_choice(
        "tasks", t.t("project.gantt.show"), offered, words.gantt_default(plan, offered), width=300
    )
    drawn = st.container()
    found, links_, number = _task_page(of, show)
    title = of.said("gantt_title")
    with drawn:
        if found.empty:
            frame.empty(t.t("project.gantt.none"), t.t("project.gantt.none.do"))
        else:
            st.caption(words.gantt_key(plan, t))
            base.show(
                _drawn(of, "gantt", charts.gantt, found, links_, as_of, key=(show, number)), title, title,
                found, key="project_gantt", columns=partial(_task_columns, of), definition="slip_days",
            )  # fmt: skip
            st.html(of.once("gantt_paper", lambda: paper.gantt(found, links_, as_of, title, f), show, number))
    checked = of.told["quality"]
    if checked:
        names = [schedule_words.check_name(check, t) for check in checked.failed]
        st.caption(marks.escape_md(words.quality_line(checked, names, t, f)))
    return True


def _task_page(of: Subject, show: str) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """The page of tasks that the viewer chose, their links, and its number; the choice only where there are more."""

    def page(number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        scope = of.page.scope
        return of.once(  # type: ignore[no-any-return]
            "tasks", lambda: ask(queries.task_page, scope, of.id, show, number), show, number
        )

    first, links_ = page(1)
    pages = tables.pages(int(first["of"].iloc[0]) if len(first) else 0, queries.GANTT_ROWS)
    number = int(st.pagination(pages, key=f"tasks_page_{of.id}_{show}")) if pages > 1 else 1
    return (first, links_, 1) if number == 1 else (*page(number), number)


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
    page, found, title = of.page, of.told["sites"], of.said("sites_title")
    if found.empty:
        return False
    _draw(of, "sites")
    fig = kept(
        "project_sites",
        lambda: site_charts.burn_up(found, page.scope.as_of, page.t, page.f, page.palette),
        of.id,
    )
    base.show(fig, "", title, found, key="project_sites", definition="sites_on_air")
    return True


def margin(of: Subject) -> bool:
    """The margin bridge, and the money that stands beside it."""
    t, found, title = of.page.t, of.told["bridge"], of.said("bridge")
    if found.empty and not of.said("money"):
        return False
    frame.section(t.t("project.margin"))
    left, right = frame.columns(62, 38)
    with left:
        if found.empty:
            frame.empty(t.t("project.bridge.none"))
        else:
            base.show(
                _drawn(of, "bridge", margin_charts.waterfall, found, "points"), title, title,
                partial(_bridge_rows, of),
                key="project_bridge", columns=partial(_bridge_columns, of), definition="margin_erosion_pp",
                beside=of.said("bridge_doubts"),
            )  # fmt: skip
    with right:
        _draw(of, "money")
    return True


def _bridge_rows(of: Subject) -> pd.DataFrame:
    t, found = of.page.t, pd.DataFrame(of.told["bridge"])
    return found.assign(step=[margin_charts.step_name(str(step), t) for step in found["step"]])


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
    t, found, title = of.page.t, of.told["hours"], of.said("hours")
    if found.empty:
        return False
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
    columns, drawn, said = frame.columns(1, 1), 0, of.known.lists
    for name in ORDER:
        with columns[drawn % 2]:
            if name == "people":
                drawn += people(of)
            elif name in said:
                html, rows_ = said[name]
                st.html(html)
                if rows_:
                    _all_rows(of, name, rows_, LISTS[name])
                drawn += 1


def _lists(of: Subject) -> dict[str, tuple[str, int]]:
    """Every list that has rows, in words; the findings last."""
    t, f, found = of.page.t, of.page.f, of.known.found
    said: dict[str, tuple[str, int]] = {}
    for name, make in LISTS.items():
        if of.told[name].empty:
            continue
        listing = make(of)
        what = t.t("project.cash") if name == "cash" else t.label("table", name)
        doubts = quality.place_html(found, name, t) if name in quality.PLACES else ""
        top = listing.top.head(TOP)
        shown = words.list_html(top, listing.in_sight, of.status, t, f) if len(top) else ""
        said[name] = (words.section_html(what, listing.title, doubts) + shown, len(listing.rows))
    if found:
        title = words.section_html(t.t("project.findings"), t.n("project.findings.title", len(found)))
        said["findings"] = (title + quality.list_html(found, t), 0)
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
    loaded: pd.DataFrame = ask(queries.rows_of, of.page.scope, of.id, row["table"], row["file"], sheet)
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
