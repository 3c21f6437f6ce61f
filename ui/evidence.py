"""The evidence behind a colour, in place: rule, value on its scale, what would change it, and source rows.

`panel` draws it for a project and a dimension; `anchor` and `href` lead to it on the RAG screen, and `reason`
says in a sentence what decided. The address carries project_id, dimension and, where chosen, the rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from locales import Translator
from metrics.queries import evidence as queries
from metrics.queries.definitions import rules_in_force
from metrics.queries.evidence import DIMENSIONS, Colour, Dimension, Ref, SourceTable
from metrics.queries.project import findings
from ui import clicks, frame, links, marks, quality, tables, theme
from ui.charts import base, rows
from ui.charts import evidence as charts
from ui.charts.kept import kept
from ui.columns import heading
from ui.context import Context, current
from ui.definitions import rule_source
from ui.filters import unknown
from ui.formats import Formats, is_missing
from ui.store import ask

PROJECT, DIMENSION, RULE = "project_id", "dimension", "rule"
"""The parameters of the address."""

RAG = ("red", "amber", "green")

ROWS_SPELT = 2
"""Source rows spelt out column by column; more stand in a table."""

ROWS_TOLD = 6
"""Source rows named one by one; more are counted."""


def href(project_id: str, dimension: str) -> str:
    """The address of a colour's evidence on the RAG screen."""
    return links.href("rag", project_id=project_id, dimension=dimension)


def anchor(
    inner: str, project_id: str, dimension: str, *, screen: str = "rag", label: str | None = None
) -> str:
    """A link (for `clicks.show`) that opens a colour's evidence; `inner` is escaped HTML."""
    return clicks.anchor(
        inner, screen, label=label, css="at-cell", project_id=project_id, dimension=dimension, rule=None
    )


def chosen() -> tuple[str, Dimension] | None:
    """The project and dimension that the address asks for; None when it asks for neither or for nonsense."""
    project_id, asked = st.query_params.get(PROJECT), st.query_params.get(DIMENSION)
    dimension = next((dimension for dimension in DIMENSIONS if dimension == asked), None)
    return (project_id, dimension) if project_id and dimension else None


def say_unknown() -> None:
    """Say it where the address asks for the evidence of a dimension that there is not."""
    asked, t = st.query_params.get(DIMENSION), current().t
    if asked and asked not in DIMENSIONS:
        unknown(DIMENSION, t.t("rag.dimension"), asked, None)


def style() -> None:
    """The style sheet of marks in tables, cards and panels; once per run of a page that uses them."""
    st.html(theme.ASSETS / "evidence.css")


def dimension_name(dimension: str, t: Translator) -> str:
    """A dimension in the viewer's language."""
    return t.t(f"rag.dimension.{dimension}")


def rule_name(rule_id: str, metric: Any, t: Translator) -> str:
    """A rule's short name; its metric's name, or the rule's id, where a PMO added it."""
    for key in (f"rag.rule.{rule_id}", f"metric.{metric}.name"):
        if key in t:
            return t.t(key)
    return rule_id


def reason(row: Any, t: Translator, f: Formats) -> str:
    """A rule's outcome as a sentence with its number: "SPI(t) is 0.85, below 0.90." """
    name, key = rule_name(row.rule_id, row.metric, t), str(row.sentence_key)
    if row.colour not in RAG:
        why = t.t(row.reason_key) if row.reason_key in t else t.t("format.missing")
        return t.t("rag.reason.none", rule=name, why=why)
    fields = {
        "value": charts.value_text(row, f),
        "bound": f.by_unit(row.bound, row.unit, row.currency),
        "distance": charts.distance_text(row.distance_to_next, row, f),
    }
    return t.t(key, **fields) if key in t else t.t("rag.reason", rule=name, **fields)


def held(row: Any, t: Translator) -> str | None:
    """Why a dimension keeps a colour that its rules no longer give; None where it does not."""
    if not row.decided or not row.is_held or is_missing(row.improve_after):
        return None
    return t.n("rag.evidence.held", int(row.improve_after))


def would_change(row: Any, t: Translator, f: Formats) -> list[str]:
    """What value would turn the rule to its next colours, and how far that is."""
    said = []
    for way in ("better", "worse"):
        colour, at, by = (getattr(row, name) for name in (way, f"{way}_at", f"{way}_by"))
        if isinstance(colour, str) and not is_missing(at):
            said.append(
                t.t(
                    f"rag.would.{way}",
                    colour=marks.word(t, colour),
                    bound=f.by_unit(at, row.unit, row.currency),
                    distance=charts.distance_text(by, row, f),
                )
            )
    return said


def since_text(colour: Colour, t: Translator, f: Formats) -> str:
    """From which report on the colour holds, and what it was before; what it was, where that is too old."""
    if colour.since is None or marks.colour_name(colour.was) == "unknown":
        return ""
    if colour.computed != colour.was:
        return t.t("rag.was", colour=marks.word(t, colour.was), date=f.date(colour.reported_on))
    if colour.before in RAG:
        return t.t("rag.since.before", date=f.date(colour.since), before=marks.word(t, colour.before))
    return t.t("rag.since", date=f.date(colour.since))


def panel(project_id: str, dimension: Dimension, *, screen: str) -> None:
    """Draw the evidence of one colour of a project on `screen`, which keeps it open by the address."""
    page = current()
    t = page.t
    name = ask(queries.name_of, page.scope, project_id)
    colours = {c.dimension: c for c in ask(queries.colours, page.scope, project_id)}
    with st.container(key="evidence_panel", border=True):
        if name is None or dimension not in colours:
            frame.empty(t.t("rag.evidence.none"), t.t("rag.evidence.none.do"))
            return
        clicks.show(
            _heading_html(project_id, name, colours[dimension], screen, page), screen, key="evidence_heading"
        )
        found = ask(queries.evidence, page.scope, project_id, dimension)
        if found.empty:
            frame.empty(t.t("rag.evidence.no_rules"), t.t("rag.evidence.none.do"))
            return
        if said := decided(colours[dimension], found, t, page.f):
            st.html(f'<p class="at-would">{marks.escape(said)}</p>')
        _rules(found, project_id, dimension, page)


def decided(colour: Colour, found: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which dimension and rule gave a project its overall colour, and since when; nothing for a dimension of its own.

    `found` are the rules that decided the dimensions.
    """
    if colour.dimension != "overall" or colour.computed not in RAG or colour.since is None:
        return ""
    first = next((row for row in rows.each(found) if row.rule_id == row.deciding_rule), None)
    if first is None:
        return ""
    return t.t(
        "rag.evidence.decided",
        dimension=dimension_name(first.dimension, t),
        rule=rule_name(first.rule_id, first.metric, t),
        colour=marks.word(t, colour.computed),
        date=f.date(colour.since),
    )


def _heading_html(project_id: str, name: str, colour: Colour, screen: str, page: Context) -> str:
    t, f = page.t, page.f
    title = t.t("rag.evidence.title", project=name, dimension=dimension_name(colour.dimension, t))
    close = clicks.anchor(
        "×", screen, label=t.t("rag.evidence.close"), css="at-close", dimension=None, rule=None
    )
    others = " ".join(
        f'<span class="at-here">{marks.escape(dimension_name(d, t))}</span>'
        if d == colour.dimension
        else anchor(marks.escape(dimension_name(d, t)), project_id, d, screen=screen)
        for d in DIMENSIONS
    )
    said = since_text(colour, t, f)
    if colour.was != colour.computed:
        said += " " + t.t("rag.evidence.stale")
    kinds: dict[marks.Kind, tuple[str | None, ...]] = {
        "computed": colour.computed_history,
        "reported": colour.reported_history,
    }
    strips = "".join(
        f'<span class="at-soft">{marks.escape(t.t(f"rag.strip.{kind}"))}</span>'
        f"{marks.history_strip(t, history, kind=kind)}"
        for kind, history in kinds.items()
    )
    now, then = marks.mark_html(t, colour.computed), marks.mark_html(t, colour.reported, "reported")
    return (
        f'<div class="at-evidence-head"><h2 class="at-section">{marks.escape(title)}</h2>{close}</div>'
        f'<div class="at-dims">{others}</div>'
        f'<p class="at-evidence-now">{marks.escape(t.t("rag.computed"))} {now} '
        f'<span class="at-soft">{marks.escape(said)}</span> · {marks.escape(t.t("rag.reported"))} {then}</p>'
        f'<div class="at-strips">{strips}</div>'
    )


def _rules(found: pd.DataFrame, project_id: str, dimension: Dimension, page: Context) -> None:
    t, f = page.t, page.f
    told = {row.rule_id: row for row in rows.each(found)}
    doubts = quality.told(ask(findings, page.scope, project_id), t, f)
    names = {rule_id: rule_name(rule_id, row.metric, t) for rule_id, row in told.items()}
    signed = {rule_id: quality.signed(names[rule_id], doubts, row.metric) for rule_id, row in told.items()}
    deciding = next(iter(told))
    drawn = charts.drawn(found)
    title = reason(told[deciding], t, f)
    if drawn.empty:
        st.html(f'<div class="at-figure-title">{marks.escape(title)}</div>')
    else:
        base.show(
            kept(
                "evidence",
                lambda: charts.scales(found, signed, page.palette, t, f),
                project_id,
                dimension,
            ),
            title,
            " ".join([title, *would_change(told[deciding], t, f), *charts.said(drawn, names, t, f)]),
            listed(drawn, signed, t, f),
            key=f"evidence_{dimension}",
            columns=columns(t),
            definition=str(told[deciding].metric),
        )
    below = _silent_html(found, t, f) + quality.lines_html(doubts, _touched(told.values(), names), t)
    if below:
        st.html(below)
    chosen = _choose_rule(list(told), names, f"{project_id}_{dimension}", deciding, t)
    row = told[chosen]
    said = [] if chosen == deciding else [reason(row, t, f)]
    said += would_change(row, t, f)
    if (kept_back := held(row, t)) is not None:
        said.append(kept_back)
    if not is_missing(row.since):
        said.append(t.t("rag.rule_since", colour=marks.word(t, row.colour), date=f.date(row.since)))
    threshold = {r.id: rule_source(r, t) for r in ask(rules_in_force, page.scope)}.get(chosen)
    if threshold:
        said.append(t.t("rag.threshold_from", source=threshold))
    if said:
        st.html("".join(f"<p class='at-would'>{marks.escape(line)}</p>" for line in said))
    sources(project_id, row.refs, key=f"evidence_{dimension}")


def _touched(rules: Iterable[Any], names: dict[str, str]) -> list[tuple[str, str]]:
    """The metric of each rule, and the rule's name."""
    return [(str(row.metric), names[row.rule_id]) for row in rules]


def _choose_rule(rules: Sequence[str], names: dict[str, str], of: str, deciding: str, t: Translator) -> str:
    """The rule whose change and sources are shown: the address's, else the deciding one."""
    if len(rules) == 1:
        return deciding
    key = f"rule_of_{of}"
    if key not in st.session_state:
        asked = st.query_params.get(RULE)
        st.session_state[key] = asked if asked in rules else deciding
        if asked not in rules:
            unknown(RULE, t.t("rag.rule.choose"), asked, names[deciding])
    chosen = st.pills(
        t.t("rag.rule.choose"), list(rules), key=key, format_func=lambda rule: marks.escape_md(names[rule]),
        required=True,
    )  # fmt: skip
    wanted = "" if chosen is None or chosen == deciding else chosen
    if st.query_params.get(RULE, "") != wanted:
        st.query_params.update({RULE: wanted or []})
    return chosen or deciding


def _silent_html(found: pd.DataFrame, t: Translator, f: Formats) -> str:
    """The rules without a colour, each with why."""
    said = [reason(row, t, f) for row in rows.each(found) if row.colour not in RAG]
    return "".join(f'<p class="at-soft at-would">{marks.escape(line)}</p>' for line in said)


def listed(frame: pd.DataFrame, names: dict[str, str], t: Translator, f: Formats) -> pd.DataFrame:
    """The rules as a table in words: name, colour, value, bounds, since."""
    return frame.assign(
        rule=[names[rule] for rule in frame["rule_id"]],
        colour_said=[marks.mark_text(t, colour) for colour in frame["colour"]],
        value_said=[charts.value_text(row, f) for row in rows.each(frame)],
        change_said=[" ".join(would_change(row, t, f)) for row in rows.each(frame)],
    )


def columns(t: Translator) -> dict[str, Any]:
    """The columns of the rules' table."""
    return {
        "rule": t.t("rag.col.rule"),
        "colour_said": t.t("rag.col.colour"),
        "value_said": t.t("rag.col.value"),
        "change_said": t.t("rag.col.change"),
        "since": tables.day(t.t("rag.col.since")),
    }


def sources(project_id: str, refs: tuple[Ref, ...], *, key: str) -> None:
    """The source rows behind a number: where each was read, and the row as it was loaded."""
    page = current()
    t = page.t
    st.html(f'<h3 class="at-label">{marks.escape(t.t("rag.sources"))}</h3>')
    if not refs:
        st.html(f'<p class="at-soft at-would">{marks.escape(t.t("rag.sources.none"))}</p>')
        return
    found: tuple[SourceTable, ...] = ask(queries.source_rows, page.scope, project_id, refs)
    for source in found:
        st.html(f'<p class="at-would at-where">{marks.escape(where(source, t))}</p>')
        shown, of, file = (
            source_columns(source.rows, t),
            f"{key}_{source.table}",
            f"{source.table}_source_rows",
        )
        if len(source.rows) <= ROWS_SPELT:
            st.html("".join(row_html(row, shown, page) for _, row in source.rows.iterrows()))
            tables.download(source.rows, file, key=of, columns=shown)
        else:
            tables.table(source.rows, shown, key=of, file_name=file, alt=where(source, t))
    missing = [ref for ref in refs if ref.table not in {source.table for source in found}]
    if missing:
        said = ", ".join(f"{ref.file} {ref.row or ''}".strip() for ref in missing[:ROWS_TOLD])
        st.html(f'<p class="at-soft at-would">{marks.escape(t.t("rag.sources.gone", rows=said))}</p>')


_PLACE = ("file", "sheet", "row", "source", "project_id")
"""Said above the rows, so not again in each."""


def where(source: SourceTable, t: Translator) -> str:
    """A source table's rows by file, sheet and row, as a person would look them up."""
    sheets = source.rows["sheet"] if "sheet" in source.rows else pd.Series([None] * len(source.rows))
    numbers: dict[tuple[str, Any], list[int]] = {}
    for file, sheet, row in zip(source.rows["file"], sheets, source.rows["row"], strict=True):
        numbers.setdefault((file, None if is_missing(sheet) else sheet), []).append(int(row))
    places = []
    for (file, sheet), found in numbers.items():
        said = ", ".join(map(str, sorted(found)[:ROWS_TOLD])) + (" …" if len(found) > ROWS_TOLD else "")
        place = t.n("rag.place.rows", len(found), file=file, rows=said)
        if sheet:
            place = t.n("rag.place.sheet_rows", len(found), file=file, sheet=sheet, rows=said)
        places.append(place)
    return t.t("rag.place", table=t.label("table", source.table), places="; ".join(places))


def row_html(row: pd.Series, columns_: dict[str, Any], page: Context) -> str:
    """One source row as loaded: each column that the file filled, with its value."""
    told = [
        (heading(name, how), _spelt(row[name], page)) for name, how in columns_.items()
        if not is_missing(row[name])
    ]  # fmt: skip
    pairs = "".join(f"<div><dt>{marks.escape(a)}</dt><dd>{marks.escape(b)}</dd></div>" for a, b in told)
    return f'<dl class="at-row">{pairs}</dl>'


def _spelt(value: Any, page: Context) -> str:
    """A loaded value in the viewer's formats, in full."""
    if isinstance(value, bool | np.bool_):
        return page.t.t("rag.yes" if value else "rag.no")
    if isinstance(value, date):
        return page.f.date(value)
    if isinstance(value, int | float | np.number):
        number = float(value)
        return page.f.number(number, 0 if number.is_integer() else 4 if abs(number) < 1 else 2)
    return page.t.label("value", str(value))


def source_columns(rows_: pd.DataFrame, t: Translator) -> dict[str, Any]:
    """The columns of source rows under their labels; dates as dates."""
    shown: dict[str, Any] = {}
    for name in rows_.columns:
        if name in _PLACE:
            continue
        label = t.label("column", str(name))
        if pd.api.types.is_datetime64_any_dtype(rows_[name]):
            shown[str(name)] = tables.day(label)
        elif pd.api.types.is_float_dtype(rows_[name]):
            shown[str(name)] = tables.number(label, digits=2)
        else:
            shown[str(name)] = label
    return shown
