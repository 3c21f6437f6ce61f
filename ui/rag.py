"""What the RAG screen says in words, and its band and matrix as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries.definitions import Rule, rules_in_force
from metrics.queries.evidence import DIMENSIONS
from metrics.queries.quality import findings
from metrics.queries.rag import PAGE, SHOWS, SORTS, Headline
from ui import clicks, evidence, marks, quality, tables
from ui.charts.rows import each
from ui.context import current
from ui.filters import unknown
from ui.formats import Formats, is_missing
from ui.quality import Finding
from ui.store import ask

BAND_SHOWN = 6
"""Projects of the band in sight; the rest unfold."""

FIRST = ("overall", *DIMENSIONS[:-1])
"""The columns of the matrix: what decides first."""


def sentence(said: Headline, t: Translator, f: Formats) -> str:
    """How many of those reported green are not."""
    if not said.running:
        return t.t("rag.sentence.none")
    if not said.reported:
        return t.n("rag.sentence.no_reports", said.running)
    wrong = said.green_but_red + said.green_but_amber
    if not said.reported_green:
        first = t.n("rag.sentence.no_green", said.reported)
    elif not wrong:
        first = t.n("rag.sentence.all_green", said.reported_green)
    else:
        first = t.n(
            "rag.sentence",
            said.reported_green,
            wrong=f.number(wrong),
            split=_split(said, t),
        )
    if said.amber_but_red:
        first += " " + t.n("rag.sentence.amber", said.amber_but_red)
    return first


def _split(said: Headline, t: Translator) -> str:
    parts = [
        t.n(key, count)
        for key, count in (
            ("rag.sentence.red", said.green_but_red),
            ("rag.sentence.amber_now", said.green_but_amber),
        )
        if count
    ]
    return t.t("rag.sentence.and", first=parts[0], second=parts[1]) if len(parts) > 1 else parts[0]


def band_title(frame: pd.DataFrame, t: Translator) -> str:
    """How many projects are in the band."""
    return t.n("rag.band", int(frame["of"].iloc[0])) if len(frame) else t.t("rag.band.title")


def band_html(frame: pd.DataFrame, t: Translator, f: Formats) -> str:
    """The projects that report better than they are: reported, computed, and which test says so."""
    items = [_melon(row, t, f) for row in each(frame)]
    shown, folded = items[:BAND_SHOWN], items[BAND_SHOWN:]
    html = f'<ul class="at-band">{"".join(shown)}</ul>'
    if folded:
        more = marks.escape(t.n("rag.band.more", len(folded)))
        html += (
            f'<details class="at-more"><summary>{more}</summary><ul class="at-band">{"".join(folded)}</ul>'
        )
        html += "</details>"
    of = int(frame["of"].iloc[0]) if len(frame) else 0
    if of > len(frame):
        limit = t.t(
            "rag.band.limited", shown=f.number(len(frame)), of=f.number(of), show=t.t("rag.show.better")
        )
        html += f'<p class="at-soft at-would">{marks.escape(limit)}</p>'
    return html


def _melon(row: Any, t: Translator, f: Formats) -> str:
    name = clicks.anchor(marks.escape(row.name), "project", css="at-name", project_id=row.project_id)
    who = " · ".join(str(x) for x in (row.customer, row.project_manager) if not is_missing(x))
    tests = "".join(
        f"<li>{marks.escape(test_text(test['test'], test['since'], row, t, f))}</li>" for test in row.tests
    )
    is_reported = not is_missing(row.reported_overall)
    colours = (
        marks.mark_html(t, row.reported_overall, "reported")
        if is_reported
        else marks.mark_html(t, row.shown_overall)
    )
    if is_reported and marks.colour_name(row.reported_overall) != marks.colour_name(row.shown_overall):
        arrow = '<span class="at-soft" aria-hidden="true">→</span>'
        colours += arrow + marks.mark_html(t, row.shown_overall)
    label = t.t("rag.evidence.open", project=row.name)
    opened = evidence.anchor(colours, row.project_id, "overall", label=label)
    return (
        f'<li><div class="at-melon">{opened}{name}<span class="at-soft">{marks.escape(who)}</span></div>'
        f"<ul>{tests}</ul></li>"
    )


def test_text(test: str, since: Any, row: Any, t: Translator, f: Formats) -> str:
    """A watermelon test as a sentence, with the date since which it has held; its key where the catalogue has none.

    The figures and colours are those of the row's date: the test has held since, not they.
    """
    key = f"watermelon.{test}"
    if test == "reported_better" and is_missing(row.reported_overall):
        return t.t("watermelon.reported_better.parts", parts=_better_parts(row, t), since=f.date(since))
    if key not in t:
        return f"{test}, {t.t('rag.since', date=f.date(since))}"
    return t.t(
        key,
        since=f.date(since),
        spi_t=f.ratio(row.spi_t),
        cpi=f.ratio(row.cpi),
        lost=f.pp(row.margin_lost_pp, signed=False),
        slip=f.days_short(row.slip_days),
        finish=f.date(row.forecast_finish),
        progress=f.percent(row.percent_complete, 0),
        reported=marks.word(t, row.reported_overall),
        computed=marks.word(t, row.shown_overall),
    )


def _better_parts(row: Any, t: Translator) -> str:
    """The dimensions that are reported better than computed, where no overall colour was reported."""
    pairs = ((d, getattr(row, f"reported_{d}"), getattr(row, f"shown_{d}")) for d in DIMENSIONS[:-1])
    return "; ".join(
        t.t(
            "watermelon.reported_better.part",
            dimension=evidence.dimension_name(d, t),
            reported=marks.word(t, reported),
            computed=marks.word(t, computed),
        )
        for d, reported, computed in pairs
        if reported in evidence.RAG
        and computed in evidence.RAG
        and evidence.RAG.index(reported) > evidence.RAG.index(computed)
    )


Doubts = Mapping[tuple[str, str], str]
"""Marks of data quality by project and dimension, as HTML."""


def asked_doubts(shown: pd.DataFrame) -> Doubts:
    """`doubts` of the projects in these rows of the matrix."""
    page = current()
    found = ask(findings, page.scope, tuple(shown["project_id"]))
    return doubts(found, ask(rules_in_force, page.scope), page.t, page.f)


def doubts(found: pd.DataFrame, rules: Iterable[Rule], t: Translator, f: Formats) -> Doubts:
    """The marks beside each colour of the matrix: the findings that touch a figure which a rule of it judges."""
    judged: dict[str, list[str]] = {}
    for rule in rules:
        judged.setdefault(rule.dimension, []).append(rule.metric)
    told: Mapping[str, Sequence[Finding]] = quality.by_project(found, t, f)
    return {
        (project, dimension): quality.away_html(doubted, metrics, project, t)
        for project, doubted in told.items()
        for dimension, metrics in judged.items()
    }


def matrix_html(
    frame: pd.DataFrame,
    sort: str,
    chosen: tuple[str, str] | None,
    doubted: Doubts,
    t: Translator,
    f: Formats,
) -> str:
    """The matrix as a table of links: the name opens the project, a colour its evidence, a heading sorts."""
    heads = [_head("name", t.t("rag.col.project"), sort, t)]
    heads += [_head("worst" if d == "overall" else d, evidence.dimension_name(d, t), sort, t) for d in FIRST]
    heads.append(_head("value", t.t("rag.col.contract"), sort, t, css="at-num"))
    body = "".join(_project(row, chosen, doubted, t, f) for row in each(frame))
    return (
        f'<table class="at-matrix"><thead><tr>{"".join(heads)}</tr></thead><tbody>{body}</tbody></table>'
        f'<p class="at-soft at-legend">{marks.escape(t.t("rag.matrix.key"))}</p>'
    )


def _head(by: str, label: str, sort: str, t: Translator, css: str = "") -> str:
    link = clicks.anchor(marks.escape(label), "rag", label=t.t("rag.sort_by", what=label), sort=by)
    is_sorted = ' aria-sort="other"' if by == sort else ""
    return f'<th scope="col" class="{css}"{is_sorted}>{link}</th>'


def _project(row: Any, chosen: tuple[str, str] | None, doubted: Doubts, t: Translator, f: Formats) -> str:
    name = clicks.anchor(marks.escape(row.name), "project", css="at-name", project_id=row.project_id)
    who = " · ".join(str(x) for x in (row.customer, row.project_manager) if not is_missing(x))
    under = f'<span class="at-soft">{marks.escape(who)}</span>'
    if not is_missing(row.days_since_status) and row.days_since_status > 0:
        last = t.t("rag.last_report", date=f.date(row.status_date))
        under += f'<span class="at-soft">{marks.escape(last)}</span>'
    cells = "".join(
        _cell(row, d, chosen == (row.project_id, d), doubted.get((row.project_id, d), ""), t, f)
        for d in FIRST
    )
    money, label = f.money(row.value, row.money_in), marks.escape(t.t("rag.col.contract"))
    return (
        f'<tr><th scope="row">{name}{under}</th>{cells}'
        f'<td class="at-num" data-label="{label}">{marks.escape(money)}</td></tr>'
    )


def _cell(row: Any, dimension: str, is_chosen: bool, doubt: str, t: Translator, f: Formats) -> str:
    computed, reported = getattr(row, f"shown_{dimension}"), getattr(row, f"reported_{dimension}")
    history = getattr(row, f"history_{dimension}")
    name = evidence.dimension_name(dimension, t)
    decided = _decided(row, t, f) if dimension == "overall" and computed in evidence.RAG else {}
    label = t.t(
        "rag.cell.decided" if decided else "rag.cell",
        project=row.name,
        dimension=name,
        computed=marks.word(t, computed),
        reported=marks.word(t, reported),
        **decided,
    )
    by = t.t("rag.decided", dimension=decided["by"], rule=decided["rule"]) if decided else ""
    inner = (
        f'<span class="at-pair">{marks.mark_html(t, computed)}{reported_html(t, computed, reported)}</span>'
        f"{marks.history_strip(t, list(history))}"
        + (f'<span class="at-soft at-decided">{marks.escape(by)}</span>' if by else "")
    )
    css = ' class="at-chosen"' if is_chosen else ""
    link = evidence.anchor(inner, row.project_id, dimension, label=label)
    return f'<td{css} data-label="{marks.escape(name)}">{link}{doubt}</td>'


def _decided(row: Any, t: Translator, f: Formats) -> dict[str, str]:
    """What gave a project its overall colour and since when; empty where nothing decided it."""
    if is_missing(row.deciding_dimension) or is_missing(row.deciding_rule):
        return {}
    return {
        "by": evidence.dimension_name(row.deciding_dimension, t),
        "rule": evidence.rule_name(row.deciding_rule, None, t),
        "since": f.date(row.since),
    }


def reported_html(t: Translator, computed: Any, reported: Any, *, spell: bool = False) -> str:
    """What was reported beside the computed mark: the shape alone where they agree, unless all is to be spelt."""
    if is_missing(reported):
        return f'<span class="at-soft at-silent" title="{marks.escape(t.t("rag.not_reported"))}">–</span>'
    same = marks.colour_name(computed) == marks.colour_name(reported)
    return marks.mark_html(t, reported, "reported", label="" if same and not spell else None)


def shows(t: Translator) -> dict[str, str]:
    """What the matrix can be narrowed to."""
    return {show: t.t(f"rag.show.{show}") for show in SHOWS}


def sorts(t: Translator) -> dict[str, str]:
    """What the matrix can be sorted by."""
    return {sort: t.t(f"rag.sort.{sort}") for sort in SORTS}


def page_number(total: int) -> int:
    """The page of the matrix that the viewer chose, drawn only where there is more than one."""
    pages, t = tables.pages(total, PAGE), current().t
    asked = st.query_params.get("page", "")
    is_there = asked in map(str, range(1, pages + 1))
    unknown("page", t.t("rag.page"), None if not asked or is_there else asked, "1")
    if st.session_state.get("page", 1) > pages:
        st.session_state["page"] = 1
    return int(st.pagination(pages, key="page", bind="query-params")) if pages > 1 else 1


def print_html(shown: int, total: int, page: int, t: Translator, f: Formats) -> str:
    """What paper says in place of the pages to choose from; nothing where the matrix is whole."""
    if shown == total:
        return ""
    numbers = {"shown": shown, "of": total, "page": page, "pages": tables.pages(total, PAGE)}
    said = t.t("rag.print.page", **{name: f.number(number) for name, number in numbers.items()})
    return f'<p class="at-print at-soft">{marks.escape(said)}</p>'


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The matrix as a table to download: without the histories, which are lists."""
    return frame.drop(columns=[name for name in frame.columns if "history" in str(name)])
