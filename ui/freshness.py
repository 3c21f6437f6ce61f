"""What Freshness & rejects says: its sentence, who owes what, what was refused and how to repair it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st
from babel import Locale

from loaders.batch import Reject
from loaders.template import write_template
from locales import MissingTextError, Translator, languages
from metrics.queries import freshness as queries
from metrics.queries.freshness import Headline, all_refused
from ui import frame, quality, tables, theme
from ui.charts.rows import each
from ui.context import Context
from ui.formats import Formats, is_missing
from ui.marks import escape, mark_text
from ui.store import cursor_of

CAUSE_TEXT = {
    "unreadable": "freshness.cause.unreadable",
    "no_table": "freshness.cause.no_table",
    "layout": "freshness.cause.layout",
    "missing_column": "freshness.cause.missing_column",
    "required": "freshness.cause.required",
    "formula": "freshness.cause.formula",
    "duplicate": "freshness.cause.duplicate",
    "date": "freshness.cause.date",
    "number": "freshness.cause.number",
    "fraction": "freshness.cause.fraction",
    "value": "freshness.cause.value",
    "code": "freshness.cause.code",
    "range": "freshness.cause.range",
    "rate": "freshness.cause.rate",
    "more": "freshness.cause.more",
}
"""What a cause is called; another one is named by its first sentence."""


class Gap(NamedTuple):
    """A list of what is missing: its key, title, note, query, rows and columns."""

    key: str
    title: str
    note: str
    query: Callable[..., pd.DataFrame]
    listed: Callable[[pd.DataFrame, Translator], pd.DataFrame]
    columns: Callable[[Translator], dict[str, Any]]


SHORT = 10
"""Rows of a table that is shown whole."""
SEVERITY_TEXT = {
    "error": "freshness.severity.error",
    "warning": "freshness.severity.warning",
    "info": "freshness.severity.info",
}


def style() -> None:
    """The style sheet of the refused rows; once per run of the page."""
    st.html(theme.ASSETS / "freshness.css")


def sentence(said: Headline, owing: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Who owes what, and what stands refused."""
    if not said.loads:
        return t.t("freshness.sentence.nothing")
    return f"{_owing(said, owing, t, f)} {_refused(said, t, f)}"


def _owing(said: Headline, owing: pd.DataFrame, t: Translator, f: Formats) -> str:
    if not said.running:
        return t.t("freshness.sentence.none")
    days = f.number(said.within_days)
    if owing.empty:
        return t.n("freshness.sentence.all", said.running, days=days)
    first = owing.iloc[0]
    manager = t.t("freshness.nobody") if is_missing(first["project_manager"]) else first["project_manager"]
    who = {"running": t.n("format.projects", said.running), "name": first["name"], "manager": manager}
    if is_missing(first["last_on"]):
        return t.n("freshness.sentence.never", said.owing, **who)
    return t.n("freshness.sentence.owing", said.owing, **who, date=f.date(first["last_on"]))


def _refused(said: Headline, t: Translator, f: Formats) -> str:
    if not said.refused:
        return t.n("freshness.sentence.kept", said.files)
    return t.n("freshness.sentence.refused", said.refused, files=files_of(said.refused_files, t))


def tiles(said: Headline, found: pd.DataFrame, findings: pd.DataFrame, page: Context) -> None:
    """The four tiles: who reported, what was kept, what stands refused, what looks wrong."""
    t, f = page.t, page.f
    frame.tile(
        t.t("freshness.tile.reported"),
        t.t("freshness.of", part=f.number(said.running - said.owing), whole=f.number(said.running)),
        t.t("freshness.tile.reported.note", days=f.number(said.within_days)),
    )
    frame.tile(
        t.t("freshness.tile.kept"),
        f.short(said.rows_kept),
        t.t(
            "freshness.tile.kept.note",
            files=files_of(said.files, t),
            sources=t.n("freshness.sources_of", int(found["of"].iloc[0]) if len(found) else 0),
        ),
    )
    frame.tile(
        t.t("freshness.tile.refused"), f.number(said.refused),
        t.n("freshness.tile.refused.note", said.refused_rows, files=files_of(said.refused_files, t)),
    )  # fmt: skip
    count = findings["of"].iloc[0] if len(findings) else 0
    frame.tile(t.t("freshness.tile.findings"), f.number(count), loaded_note(said, t, f))


def files_of(count: int, t: Translator) -> str:
    """ "3 files"."""
    return t.n("freshness.files_of", count)


def loaded_note(said: Headline, t: Translator, f: Formats) -> str:
    """When the newest load was, and which it is."""
    return t.n("freshness.loaded", said.loads, at=loaded_at(said.loaded_at, t, f))


def refused_note(said: Headline, t: Translator, f: Formats) -> str:
    """What stands refused, and how long it stays."""
    return t.t("freshness.refused.note") if said.refused else _refused(said, t, f)


def gaps() -> tuple[Gap, ...]:
    """The lists of what is missing around the data: names no register knows, projects nothing is known of."""
    return (
        Gap("stubs", "freshness.stubs", "freshness.stubs.note", queries.stubs, stubs_listed, stubs_columns),
        Gap(
            "unknown", "freshness.unknown", "freshness.unknown.note", queries.nothing_but_a_name,
            unknown_listed, unknown_columns,
        ),
    )  # fmt: skip


def template_labels(t: Translator) -> list[tuple[str, str]]:
    """The languages that there is a template in, each with its button's label; the viewer's first."""
    found = sorted(languages(), key=lambda language: language != t.language)
    return [
        (language, t.t("freshness.template", language=Locale.parse(language).get_display_name(t.language)))
        for language in found
    ]


def loaded_at(when: datetime | None, t: Translator, f: Formats) -> str:
    """When something was loaded: date and time, UTC."""
    if is_missing(when) or when is None:
        return f.missing()
    return t.t("freshness.at", date=f.date(when), time=f"{when:%H:%M}")


def owing_listed(owing: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The projects that owe a report, linked, with the colour they last had in words."""
    return owing.assign(
        project=tables.project_links(owing), was_said=[mark_text(t, colour) for colour in owing["was"]]
    )


def owing_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects that owe a report."""
    return {
        "project": tables.link_column(t.t("freshness.col.project")),
        "project_manager": t.t("column.project_manager"),
        "last_on": tables.day(t.t("freshness.col.last")),
        "days_since_status": tables.number(t.t("freshness.col.silent")),
        "was_said": t.t("freshness.col.was"),
        "customer": t.t("column.customer"),
        "programme_name": t.t("filter.programme"),
    }


def owing_title(said: Headline, owing: pd.DataFrame, t: Translator, f: Formats) -> str:
    """How many projects owe a report."""
    if owing.empty:
        return t.n("freshness.sentence.all", said.running, days=f.number(said.within_days))
    return t.n("freshness.owing.note", said.owing, days=f.number(said.within_days))


def height(found: pd.DataFrame) -> tables.Height:
    """A short table is shown whole, a long one scrolls."""
    return "content" if len(found) <= SHORT else "auto"


def arrivals_title(found: pd.DataFrame, t: Translator, f: Formats) -> str:
    """Which source is behind, if any."""
    late = found[(found["expected"] - found["arrived"]) > 0]
    if late.empty:
        return t.n("freshness.arrivals.all", int(found["expected"].notna().sum()))
    first = late.iloc[0]
    return t.n(
        "freshness.arrivals.late", len(late), source=first["source"],
        missing=f.number(first["expected"] - first["arrived"]), expected=t.n("format.projects", int(first["expected"])),
    )  # fmt: skip


def arrivals_notes(arrivals: pd.DataFrame, found: pd.DataFrame, t: Translator, f: Formats) -> list[str]:
    """Beside each source of the figure: how many of the expected projects arrived, and the newest date."""
    told = {row.source: row for row in each(found)}
    notes = []
    for source in dict.fromkeys(arrivals["source"]):
        row = told.get(source)
        notes.append(
            ""
            if row is None or is_missing(row.expected)
            else t.n(
                "freshness.arrivals.note",
                int(row.expected),
                arrived=f.number(row.arrived),
                date=f.day(row.newest_on),
            )
        )
    return notes


def arrivals_columns(t: Translator) -> dict[str, Any]:
    """The columns of the arrivals by month."""
    return {
        "source": t.t("freshness.col.source"),
        "month": tables.day(t.t("freshness.col.month")),
        "projects": tables.number(t.t("freshness.col.projects")),
        "most": tables.number(t.t("freshness.col.most")),
    }


def sources_listed(found: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The sources with who owes them in words."""
    return found.assign(
        source=found["source"].fillna(t.t("freshness.no_source")),
        owed=pd.Series([_owed(row, t) for row in each(found)], index=found.index, dtype=object),
    )


def _owed(row: Any, t: Translator) -> str | None:
    if not row.managers:
        return None
    names = ", ".join(str(name) for name in row.owed_by)
    more = int(row.managers) - len(row.owed_by)
    return t.n("freshness.owed_more", more, names=names) if more > 0 else names


def sources_columns(t: Translator, days: int) -> dict[str, Any]:
    """The columns of the sources; what a source delivered within `days` has arrived."""
    return {
        "source": t.t("freshness.col.source"),
        "expected": tables.number(t.t("freshness.col.expected"), help=t.t("freshness.col.expected.help")),
        "arrived": tables.number(
            t.t("freshness.col.arrived"), help=t.t("freshness.col.arrived.help", days=days)
        ),
        "newest_on": tables.day(t.t("freshness.col.newest")),
        "owed": t.t("freshness.col.owed"),
        "rows_kept": tables.number(t.t("freshness.col.kept")),
        "refused": tables.number(t.t("freshness.tile.refused")),
        "files": tables.number(t.t("freshness.col.files")),
        "loaded_at": tables.day(t.t("freshness.col.loaded")),
    }


def files_columns(t: Translator) -> dict[str, Any]:
    """The columns of the files."""
    return {
        "file": t.t("freshness.col.file"),
        "source": t.t("freshness.col.source"),
        "rows_in": tables.number(t.t("freshness.col.rows")),
        "rows_kept": tables.number(t.t("freshness.col.kept")),
        "rows_rejected": tables.number(t.t("freshness.col.refused")),
        "loaded_at": tables.day(t.t("freshness.col.loaded")),
        "notes": t.t("freshness.col.notes"),
    }


def refused_html(found: pd.DataFrame, t: Translator, f: Formats) -> str:
    """What was refused, by cause, then by file: each cell with the sentence that repairs it."""
    parts = []
    for number, (why, part) in enumerate(found.groupby("cause", sort=False)):
        first = each(part)[0]
        where = files_of(int(first.files_of_cause), t)
        count = t.t("freshness.refused.in_files", count=f.number(first.of_cause), files=where)
        files = "".join(
            _refused_file(own, t, f) for _, own in part.groupby(["source", "file"], sort=False, dropna=False)
        )
        hidden = int(first.files_of_cause) - part[["source", "file"]].drop_duplicates().shape[0]
        more = _more(t.n("freshness.refused.more_files", hidden)) if hidden > 0 else ""
        parts.append(
            f"<details{'' if number else ' open'}><summary><b>{escape(cause(str(why), first, t))}</b> "
            f'<span class="at-soft">{escape(count)}</span></summary>{files}{more}</details>'
        )
    return f'<div class="at-refused">{"".join(parts)}</div>'


def cause(why: str, row: Any, t: Translator) -> str:
    """What a group of refusals has in common."""
    return t.t(CAUSE_TEXT[why]) if why in CAUSE_TEXT else reject_sentence(row, t)


def reject_sentence(row: Any, t: Translator) -> str:
    """What is wrong with a refused cell and what to do, in the viewer's language; else as it was stored."""
    reject = Reject(
        file=str(row.file), reason=str(row.reason), row=None if is_missing(row.row) else int(row.row),
        column=_text(row.column), value=_text(row.value), params=json.loads(_text(row.params) or "{}"),
    )  # fmt: skip
    try:
        return reject.sentence(t)
    except MissingTextError:
        return str(row.sentence)


def place(sheet: Any, numbers: Sequence[int], t: Translator, f: Formats) -> str:
    """Where refused cells are: their sheet and rows; empty for a whole file."""
    parts = [] if is_missing(sheet) else [t.t("freshness.place.sheet", sheet=sheet)]
    if numbers:
        shown = ", ".join(f.number(number) for number in numbers)
        parts.append(t.n("freshness.place.rows", len(numbers), rows=shown))
    return ", ".join(parts)


def refused_table(found: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """Everything refused as a table to repair by, headings and sentences in the viewer's language."""
    return pd.DataFrame(
        {
            t.t("freshness.col.source"): found["source"],
            t.t("freshness.col.file"): found["file"],
            t.t("freshness.col.sheet"): found["sheet"],
            t.t("freshness.col.row"): found["row"],
            t.t("freshness.col.column"): found["column"],
            t.t("freshness.col.value"): found["value"],
            t.t("freshness.col.repair"): [reject_sentence(row, t) for row in each(found)],
        }
    )


def refused_file(page: Context, suffix: str) -> Callable[[], bytes]:
    """Makes the file of everything refused, when it is asked for."""
    store, t, write = page.store, page.t, tables.FILES[suffix][1]

    def make() -> bytes:
        with cursor_of(store) as con:
            return write(refused_table(all_refused(con), t))

    return make


def template_file(language: str) -> Callable[[], bytes]:
    """Makes the workbook template of a language, when it is asked for."""

    def make() -> bytes:
        with TemporaryDirectory(prefix="atalaya-") as folder:
            path = Path(folder) / "template.xlsx"
            write_template(path, language)
            return path.read_bytes()

    return make


def findings_title(found: pd.DataFrame, t: Translator) -> str:
    """How many findings, in how many projects."""
    if found.empty:
        return t.t("freshness.findings.none")
    first = found.iloc[0]
    projects = t.n("overview.projects", int(first["projects_of"]))
    return t.n("freshness.findings.note", int(first["of"]), projects=projects)


def findings_listed(found: pd.DataFrame, t: Translator, f: Formats) -> pd.DataFrame:
    """The findings, linked to their projects, in words."""
    return found.assign(
        project=tables.project_links(found),
        severity_said=[t.t(SEVERITY_TEXT[s]) if s in SEVERITY_TEXT else s for s in found["severity"]],
        said=[quality.sentence(row, t, f) for row in each(found)],
    )


def findings_columns(t: Translator) -> dict[str, Any]:
    """The columns of the findings."""
    return {
        "project": tables.link_column(t.t("freshness.col.project")),
        "severity_said": t.t("freshness.col.severity"),
        "said": t.t("freshness.col.finding"),
        "project_manager": t.t("column.project_manager"),
        "status_date": tables.day(t.t("column.status_date")),
        "file": t.t("freshness.col.file"),
        "sheet": t.t("freshness.col.sheet"),
        "row": tables.number(t.t("freshness.col.row")),
    }


def stubs_listed(found: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """What no register knows, its tables in words."""
    return found.assign(
        kind=[t.label("table", kind) for kind in found["kind"]],
        named_by=[t.label("table", table) for table in found["named_by"]],
    )


def stubs_columns(t: Translator) -> dict[str, Any]:
    """The columns of what no register knows."""
    return {
        "id": t.t("freshness.col.id"),
        "kind": t.t("freshness.col.missing_in"),
        "project_id": t.t("column.project_id"),
        "named_by": t.t("freshness.col.named_by"),
        "file": t.t("freshness.col.file"),
        "sheet": t.t("freshness.col.sheet"),
        "row": tables.number(t.t("freshness.col.row")),
    }


def unknown_listed(found: pd.DataFrame, t: Translator) -> pd.DataFrame:
    """The projects of which no colour is known, linked."""
    return found.assign(project=tables.project_links(found))


def unknown_columns(t: Translator) -> dict[str, Any]:
    """The columns of the projects of which no colour is known."""
    return {
        "project": tables.link_column(t.t("freshness.col.project")),
        "project_manager": t.t("column.project_manager"),
        "last_on": tables.day(t.t("freshness.col.last")),
        "customer": t.t("column.customer"),
    }


def shown_of(found: pd.DataFrame, t: Translator, f: Formats) -> str | None:
    """What a list leaves out; None when it holds everything."""
    if found.empty or int(found["of"].iloc[0]) <= len(found):
        return None
    return t.t("freshness.shown_of", shown=f.number(len(found)), of=f.number(found["of"].iloc[0]))


def _refused_file(part: pd.DataFrame, t: Translator, f: Formats) -> str:
    """A file's refused cells; those that one sentence repairs are told together."""
    told: dict[tuple[str | None, str], list[int]] = {}
    for row in each(part):
        numbers = told.setdefault((_text(row.sheet), reject_sentence(row, t)), [])
        if not is_missing(row.row):
            numbers.append(int(row.row))
    items = "".join(
        f'<li><span class="at-place">{escape(place(sheet, numbers, t, f))}</span> {escape(said)}</li>'
        for (sheet, said), numbers in told.items()
    )
    of = int(part["of_file"].iloc[0])
    hidden = of - len(part)
    more = f'<li class="at-soft">{escape(t.n("freshness.refused.more", hidden))}</li>' if hidden > 0 else ""
    count = t.n("freshness.refused.cells", of)
    name = f'{escape(part["file"].iloc[0])} <span class="at-soft">{escape(count)}</span>'
    return f'<div class="at-refused-file"><h4>{name}</h4><ul>{items}{more}</ul></div>'


def _more(text: str) -> str:
    return f'<p class="at-soft">{escape(text)}</p>'


def _text(value: Any) -> str | None:
    return None if is_missing(value) else str(value)
