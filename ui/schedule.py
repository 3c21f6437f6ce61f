"""What the Schedule screen says: its sentence, the message of each figure, the columns of its tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.schedule import AHEAD_DAYS, BANDS, Against, Headline
from metrics.scope import UNASSIGNED
from ui import tables
from ui.charts import rows
from ui.charts.schedule import BAND_TEXT, ROWS
from ui.filters import unknown
from ui.formats import Formats, is_missing
from ui.marks import escape

PASSED, FAILED = "✓", "✗"
AGAINST_TEXT: dict[Against, str] = {
    "original": "schedule.against.original",
    "current": "schedule.against.current",
    "contract": "schedule.against.contract",
}
_AGAINST: dict[str, str] = {str(key): text for key, text in AGAINST_TEXT.items()}
_MOST_TEXT: dict[str, str] = {
    "original": "schedule.ranking.title.original",
    "current": "schedule.ranking.title.current",
    "contract": "schedule.ranking.title.contract",
}
_SOURCE_TEXT = {
    "finish_milestone": "schedule.source.finish_milestone",
    "schedule": "schedule.source.schedule",
    "milestones": "schedule.source.milestones",
    "reported": "schedule.source.reported",
}

_CHECK_TEXT = {
    "logic": ("schedule.dcma.logic", "schedule.dcma.logic.meaning"),
    "leads": ("schedule.dcma.leads", "schedule.dcma.leads.meaning"),
    "lags": ("schedule.dcma.lags", "schedule.dcma.lags.meaning"),
    "relationship_types": ("schedule.dcma.relationship_types", "schedule.dcma.relationship_types.meaning"),
    "hard_constraints": ("schedule.dcma.hard_constraints", "schedule.dcma.hard_constraints.meaning"),
    "high_float": ("schedule.dcma.high_float", "schedule.dcma.high_float.meaning"),
    "negative_float": ("schedule.dcma.negative_float", "schedule.dcma.negative_float.meaning"),
    "high_duration": ("schedule.dcma.high_duration", "schedule.dcma.high_duration.meaning"),
    "invalid_dates": ("schedule.dcma.invalid_dates", "schedule.dcma.invalid_dates.meaning"),
    "resources": ("schedule.dcma.resources", "schedule.dcma.resources.meaning"),
    "missed_tasks": ("schedule.dcma.missed_tasks", "schedule.dcma.missed_tasks.meaning"),
    "critical_path": ("schedule.dcma.critical_path", "schedule.dcma.critical_path.meaning"),
    "cpli": ("schedule.dcma.cpli", "schedule.dcma.cpli.meaning"),
    "bei": ("schedule.dcma.bei", "schedule.dcma.bei.meaning"),
}
_REASON_TEXT = {
    "no_links": "schedule.reason.no_links",
    "no_constraints": "schedule.reason.no_constraints",
    "no_float": "schedule.reason.no_float",
    "no_durations": "schedule.reason.no_durations",
    "no_resources": "schedule.reason.no_resources",
    "no_baseline": "schedule.reason.no_baseline",
    "none_due": "schedule.reason.none_due",
    "no_critical": "schedule.reason.no_critical",
    "all_complete": "schedule.reason.all_complete",
    "no_finish": "schedule.reason.no_finish",
}


def sentence(said: Headline, t: Translator, f: Formats) -> str:
    """How many will miss their contract date, and what that costs in damages."""
    if not said.running:
        return t.t("schedule.sentence.none")
    if not said.contract_known:
        return t.n("schedule.sentence.unknown", said.running)
    running = t.n("format.projects", said.contract_known)
    if not said.late:
        return t.n("schedule.sentence.in_time", said.contract_known)
    first = t.n("schedule.sentence.late", said.late, running=running)
    if said.ld_probable is None:
        return first + " " + t.t("schedule.sentence.damages_unknown")
    damages = t.t(
        "schedule.sentence.damages",
        probable=f.money(said.ld_probable, said.currency),
        maximum=f.money(said.ld_maximum, said.currency),
    )
    if said.damages_known < said.late:
        damages += " " + t.n("schedule.sentence.damages_of", said.damages_known, late=f.number(said.late))
    return first + " " + damages


def late_change(said: Headline, before: str | None, t: Translator) -> str | None:
    """How many more or fewer projects are late against the contract than at the comparison date."""
    if said.late_before is None or before is None or not said.contract_known:
        return None
    change = said.late - said.late_before
    if not change:
        return t.t("schedule.tile.late.same", date=before)
    return t.n(
        "schedule.tile.late.more" if change > 0 else "schedule.tile.late.fewer", abs(change), date=before
    )


def tiles(said: Headline, before: str | None, t: Translator, f: Formats) -> list[tuple[str, str, str | None]]:
    """The tiles: label, value and what stands below it."""
    return [
        (
            t.t("schedule.tile.late"),
            f.number(said.late if said.contract_known else None),
            late_change(said, before, t),
        ),
        (
            t.t("schedule.tile.damages"),
            f.money(said.ld_probable, said.currency),
            t.t("schedule.tile.damages.max", maximum=f.money(said.ld_maximum, said.currency)),
        ),
        (
            t.t("schedule.tile.median"),
            f.days_short(said.median_original),
            t.t("schedule.tile.median.current", days=f.days_short(said.median_current)),
        ),
        (
            t.t("schedule.tile.worst"),
            f.days_short(said.worst_days),
            said.worst_name and rows.cut(said.worst_name),
        ),
    ]


def against_names(t: Translator) -> dict[str, str]:
    """The dates that slip can be measured against."""
    return {key: t.t(text) for key, text in AGAINST_TEXT.items()}


def no_movers(since: str | None, t: Translator) -> tuple[str, str | None]:
    """Why there is no mover, and what to do."""
    if since:
        return t.t("schedule.movers.none", date=since), None
    return t.t("schedule.movers.no_comparison"), t.t("schedule.movers.no_comparison.do")


def ranking_title(frame: pd.DataFrame, against: Against, t: Translator, f: Formats) -> str:
    """Who slips most against the chosen date."""
    first = frame.iloc[0]
    if first["ranked_days"] <= 0:
        return t.t("schedule.ranking.title.none", against=t.t(AGAINST_TEXT[against]))
    return t.t(_MOST_TEXT[against], name=rows.cut(first["name"]), days=f.days(first["ranked_days"]))


def left_out(frame: pd.DataFrame, t: Translator, f: Formats, shown: int | None = None) -> str | None:
    """What a ranked list leaves out; None when it shows everything."""
    shown, of = len(frame) if shown is None else shown, int(frame["of"].iloc[0])
    return t.t("schedule.shown_of", shown=f.number(shown), of=f.number(of)) if of > shown else None


def ranking_left_out(frame: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What the slip ranking leaves out of its figure."""
    return left_out(frame, t, f, min(ROWS, len(frame)))


def trend_left_out(frame: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What the milestone trend leaves out."""
    return left_out(frame, t, f, int(frame["rank"].max()))


def distribution_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many end a month or more late, and how many of those the current baseline does not show."""
    late = frame[frame["band"].isin(("to_89", "to_179", "from_180"))]
    original, current = int(late["original"].sum()), int(late["current"].sum())
    if original > current:
        return t.n("schedule.distribution.title.hidden", original, current=f.number(current))
    return t.n("schedule.distribution.title", current)


def banded(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The distribution with its bands in words."""
    return frame.assign(band=[t.t(BAND_TEXT[band]) for band in frame["band"]])


def pick_band(mark: list[Any]) -> dict[str, str | None]:
    """What a bar of the distribution stands for in the address: the baseline that it is measured by, and how late."""
    return {"bar": ".".join(mark) if mark else None}


def picked_band(t: Translator) -> tuple[str, str] | None:
    """The bar that the address asks for, as its baseline and band; one that there is not is said."""
    asked = st.query_params.get("bar")
    against, _, band = (asked or "").partition(".")
    there = against in _AGAINST and band in BANDS
    unknown("bar", t.t("schedule.col.band"), None if there else asked, asked if there else None)
    return (against, band) if there else None


def band_title(against: str, band: str, t: Translator) -> str:
    """What one bar of the distribution holds."""
    return t.t("schedule.band.title", against=t.t(_AGAINST[against]), band=t.t(BAND_TEXT[band]))


def trend_choices(frame: pd.DataFrame, t: Translator) -> dict[str, str]:
    """What the milestone trend can be of: all projects (""), or a programme by its id."""
    names = zip(frame["programme_id"], frame["name"], strict=True)
    named = {key: t.t("filter.unassigned") if key == UNASSIGNED else name for key, name in names}
    return {"": t.t("schedule.trend.all"), **named}


def heading_html(text: str) -> str:
    """A small heading above a table."""
    return f'<div class="at-figure-title">{escape(text)}</div>'


def trend_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which line moved most, and by how much."""
    if frame.empty:
        return t.t("schedule.trend.none")
    first = frame.iloc[0]
    if not first["moved_days"]:
        return t.t("schedule.trend.title.still")
    name = rows.cut(first["name"])
    if "milestone" in frame.columns:
        name = f"{name}: {rows.cut(first['milestone'])}"
    key = "schedule.trend.title.later" if first["moved_days"] > 0 else "schedule.trend.title.earlier"
    return t.t(key, name=name, days=f.days(abs(first["moved_days"])))


def calendar_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many contractual dates are next, how many of them late, and the damages at stake."""
    first = frame.iloc[0]
    dates = t.n("schedule.calendar.title", int(first["of"]), days=f.number(AHEAD_DAYS))
    late = t.n("schedule.calendar.late", int(first["late_of"]), overdue=f.number(first["overdue_of"]))
    if first["currencies"] > 1 or is_missing(first["maximum_of"]):
        return f"{dates} {late}"
    at_stake = t.t(
        "schedule.calendar.at_stake",
        maximum=f.money(first["maximum_of"], first["money_in"]),
        probable=f.money(first["probable_of"], first["money_in"]),
    )
    return f"{dates} {late} {at_stake}"


def movers_title(frame: pd.DataFrame, since: str, t: Translator, f: Formats) -> str:
    """How many forecast finishes moved since the comparison date, and which way."""
    first = frame.iloc[0]
    return t.n(
        "schedule.movers.title",
        int(first["of"]),
        later=f.number(first["later_of"]),
        earlier=f.number(first["earlier_of"]),
        date=since,
    )


def rebaselined_title(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Who hides most slip behind new baselines."""
    first = frame.iloc[0]
    if is_missing(first["hidden_days"]) or first["hidden_days"] <= 0:
        return t.n("schedule.rebaselined.title.nothing", int(first["of"]))
    everything = first["hidden_days"] >= first["slip_days_original"]
    return t.n(
        "schedule.rebaselined.title.all" if everything else "schedule.rebaselined.title",
        int(first["rebaseline_count"]),
        name=rows.cut(first["name"]),
        hidden=f.days(first["hidden_days"]),
        total=f.days(first["slip_days_original"]),
    )


def quality_note(frame: pd.DataFrame, running: int, t: Translator) -> str:
    """How many forecasts rest on a schedule that could be checked."""
    checked = 0 if frame.empty else int(frame["of"].iloc[0])
    return t.n("schedule.quality.note", running, checked=checked)


def checked_ids(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """The projects of the quality table, as their ids and names."""
    return list(zip(frame["project_id"], frame["name"], strict=True))


def checks_title(name: str, frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many checks one project's schedule passed."""
    applicable = frame[frame["applicable"] & frame["pass"].notna()]
    passed = int(applicable["pass"].sum())
    return t.n("schedule.checks.title", len(applicable), name=rows.cut(name), passed=f.number(passed))


def linked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with `project`, the address of each row's project."""
    return frame.assign(project=tables.project_links(frame))


def with_words(frame: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The quality table: linked, its checks passed as "11 of 13" and the failed ones by name."""
    return linked(frame).assign(
        source_word=[source_word(source, t) for source in frame["forecast_finish_source"]],
        passed_of=[
            t.t("schedule.quality.passed", passed=int(passed), applicable=int(applicable))
            for passed, applicable in zip(frame["passed"], frame["applicable"], strict=True)
        ],
        failed_names=[", ".join(check_name(check, t) for check in failed) for failed in frame["failed"]],
    )


def checks_words(frame: pd.DataFrame, t: Translator, f: Formats) -> pd.DataFrame:
    """The checks in words: name, outcome, value, threshold and the first offenders."""
    return frame.assign(
        check=[check_name(check, t) for check in frame["check_id"]],
        meaning=[check_meaning(check, t) for check in frame["check_id"]],
        outcome=[
            _outcome(applicable, passed, reason, t)
            for applicable, passed, reason in zip(
                frame["applicable"], frame["pass"], frame["reason_key"], strict=True
            )
        ],
        value_text=[
            _value(value, unit, f) for value, unit in zip(frame["value"], frame["unit"], strict=True)
        ],
        threshold_text=[
            _value(value, unit, f) for value, unit in zip(frame["threshold"], frame["unit"], strict=True)
        ],
        offender_names=[_offenders(names) for names in frame["offenders"]],
    )


def check_name(check: str, t: Translator) -> str:
    """A DCMA check's name in the viewer's language; its id where the catalogue has none."""
    keys = _CHECK_TEXT.get(check)
    return t.t(keys[0]) if keys else check


def check_meaning(check: str, t: Translator) -> str:
    """What a DCMA check counts."""
    keys = _CHECK_TEXT.get(check)
    return t.t(keys[1]) if keys else ""


def source_word(source: Any, t: Translator) -> str:
    """Where a forecast finish comes from."""
    key = _SOURCE_TEXT.get(source)
    return t.t(key) if key else t.t("format.missing") if is_missing(source) else str(source)


def _outcome(applicable: Any, passed: Any, reason: Any, t: Translator) -> str:
    if applicable and not is_missing(passed):
        return t.t("schedule.checks.passed" if passed else "schedule.checks.failed")
    key = _REASON_TEXT.get(reason)
    return t.t("schedule.checks.not_applicable", reason=t.t(key) if key else t.t("format.missing"))


def _value(value: Any, unit: Any, f: Formats) -> str:
    if is_missing(value):
        return f.missing()
    if unit == "pass":
        return PASSED if value else FAILED
    return f.by_unit(value, unit) if unit in {"ratio", "fraction", "count"} else f.ratio(value)


def _offenders(names: Iterable[Any] | None) -> str:
    return ", ".join(str(name) for name in names) if names is not None else ""


def ranking_columns(t: Translator) -> dict[str, Any]:
    """The columns of the slip ranking."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "original_baseline_finish": tables.day(t.t("schedule.col.original")),
        "baseline_finish": tables.day(t.t("schedule.col.current")),
        "contract_finish": tables.day(t.t("schedule.col.contract")),
        "forecast_finish": tables.day(t.t("schedule.col.forecast")),
        "slip_days_original": tables.number(t.t("schedule.col.slip_original")),
        "slip_days": tables.number(t.t("schedule.col.slip_current")),
        "days_late_contract": tables.number(t.t("schedule.col.late_contract")),
        "customer": t.t("filter.customer"),
        "ld_probable": tables.number(t.t("schedule.col.ld_probable")),
        "ld_maximum": tables.number(t.t("schedule.col.ld_maximum")),
        "money_in": t.t("filter.currency"),
        "passed": tables.number(t.t("schedule.col.passed")),
        "applicable": tables.number(t.t("schedule.col.applicable")),
        "project_manager": t.t("column.project_manager"),
    }


def band_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects of one bar."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "customer": t.t("filter.customer"),
        "slip": tables.number(t.t("schedule.col.slip")),
        "forecast_finish": tables.day(t.t("schedule.col.forecast")),
        "project_manager": t.t("column.project_manager"),
    }


def distribution_columns(t: Translator) -> dict[str, Any]:
    """The columns of the distribution."""
    return {
        "band": t.t("schedule.col.band"),
        "original": tables.number(t.t("schedule.against.original")),
        "current": tables.number(t.t("schedule.against.current")),
        "contract": tables.number(t.t("schedule.against.contract")),
    }


def trend_columns(frame: pd.DataFrame, t: Translator) -> dict[str, Any]:
    """The columns of the milestone trend."""
    named = {"milestone": t.t("schedule.col.milestone")} if "milestone" in frame.columns else {}
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        **named,
        "status_date": tables.day(t.t("column.status_date")),
        "forecast_finish": tables.day(t.t("schedule.col.forecast")),
        "moved_days": tables.number(t.t("schedule.col.moved")),
    }


def calendar_columns(t: Translator) -> dict[str, Any]:
    """The columns of the contractual dates."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "milestone": t.t("schedule.col.milestone"),
        "due_on": tables.day(t.t("schedule.col.due"), help=t.t("schedule.col.due.help")),
        "expected_date": tables.day(t.t("schedule.col.forecast")),
        "days_late": tables.number(t.t("schedule.col.late_contract")),
        "ld_probable": tables.number(t.t("schedule.col.ld_probable")),
        "ld_maximum": tables.number(t.t("schedule.col.ld_maximum")),
        "money_in": t.t("filter.currency"),
        "project_manager": t.t("column.project_manager"),
    }


def movers_columns(t: Translator) -> dict[str, Any]:
    """The columns of the movers."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "finish_was": tables.day(t.t("schedule.col.was")),
        "finish_now": tables.day(t.t("schedule.col.now")),
        "moved_days": tables.number(t.t("schedule.col.moved")),
        "baseline_moved_days": tables.number(t.t("schedule.col.baseline_moved")),
        "customer": t.t("filter.customer"),
        "project_manager": t.t("column.project_manager"),
    }


def rebaselined_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects with new baselines."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "rebaseline_count": tables.number(t.t("schedule.col.rebaselines")),
        "original_baseline_finish": tables.day(t.t("schedule.col.original")),
        "baseline_finish": tables.day(t.t("schedule.col.current")),
        "forecast_finish": tables.day(t.t("schedule.col.forecast")),
        "slip_days": tables.number(t.t("schedule.col.slip_current")),
        "slip_days_original": tables.number(t.t("schedule.col.slip_original")),
        "hidden_days": tables.number(t.t("schedule.col.hidden")),
    }


def event_columns(t: Translator) -> dict[str, Any]:
    """The columns of the re-baseline history."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "approved_on": tables.day(t.t("column.approved_on")),
        "baseline_no": tables.number(t.t("column.baseline_no")),
        "finish_before": tables.day(t.t("schedule.col.was")),
        "baseline_finish": tables.day(t.t("schedule.col.now")),
        "moved_days": tables.number(t.t("schedule.col.moved")),
        "slip_before": tables.number(
            t.t("schedule.col.slip_before"), help=t.t("schedule.col.slip_before.help")
        ),
        "reason": t.t("column.reason"),
    }


def quality_columns(t: Translator) -> dict[str, Any]:
    """The columns of the schedule quality table."""
    return {
        "project": tables.link_column(t.t("schedule.col.project")),
        "forecast_finish": tables.day(t.t("schedule.col.forecast")),
        "source_word": t.t("schedule.col.source"),
        "slip_days_original": tables.number(t.t("schedule.col.slip_original")),
        "passed_of": t.t("schedule.col.checks"),
        "failed_names": t.t("schedule.col.failed"),
        "checked_on": tables.day(t.t("schedule.col.checked_on")),
    }


def checks_columns(t: Translator) -> dict[str, Any]:
    """The columns of one project's checks."""
    return {
        "no": tables.number(t.t("schedule.col.no")),
        "check": t.t("schedule.col.check"),
        "outcome": t.t("schedule.col.outcome"),
        "meaning": t.t("schedule.col.meaning"),
        "value_text": t.t("schedule.col.value"),
        "threshold_text": t.t("schedule.col.threshold"),
        "counted": tables.number(t.t("schedule.col.counted")),
        "total": tables.number(t.t("schedule.col.total")),
        "offender_names": t.t("schedule.col.offenders"),
    }
