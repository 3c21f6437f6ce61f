"""What the command line says at the end of a load, a check or an export: sentences and tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from loaders.arrivals import FileResult, TableChange, reject_rows
from loaders.batch import Reject
from loaders.errors import LoadError
from loaders.pipeline import IdleOverride, LoadResult, RuleEffect
from locales import Translator

SHOWN = 20
"""Refusals and notes that are printed; the rest is counted."""
RANGES = 6
"""Stretches of rows that are named in one refusal."""
NARROWEST = 100
"""Columns of a table where there is no terminal to measure."""


def console(*, to_error: bool = False) -> Console:
    """Where to print: the terminal as wide as it is, a file or pipe wide enough to read."""
    made = Console(stderr=to_error, highlight=False, emoji=False)
    if not made.is_terminal:
        made.width = max(made.width, NARROWEST)
    return made


def say_load(out: Console, result: LoadResult, folder: Path, t: Translator) -> None:
    """The end of a load."""
    if result.version:
        _line(out, t.t("cli.loaded", version=result.version, folder=folder))
    else:
        _line(out, t.t("cli.nothing_new", folder=folder))
    _say_contents(out, result, t)


def say_check(out: Console, result: LoadResult, folder: Path, t: Translator) -> None:
    """The end of a check."""
    _line(out, t.t("cli.would", folder=folder))
    _say_contents(out, result, t)
    if result.effects:
        out.print(_effects(result.effects, t))
    for override in result.idle:
        _line(out, _idle(override, t))


def say_refusals(out: Console, rejects: Sequence[Reject], t: Translator, written: Path | None = None) -> None:
    """The first refusals, each with its place, and how many there are."""
    if not rejects:
        return
    _line(out, t.n("cli.refusals", len(rejects)))
    alike: dict[tuple[str, str | None, str], list[Reject]] = {}
    for reject in rejects:
        alike.setdefault((reject.file, reject.sheet, reject.sentence(t)), []).append(reject)
    groups = list(alike.values())
    for group in groups[:SHOWN]:
        _line(out, f"  {sentence_of(group, t)}")
    hidden = sum(map(len, groups[SHOWN:]))
    if written:
        _line(out, t.t("cli.rejects_written", file=written))
    elif hidden:
        _line(out, t.t("cli.more_file", count=hidden))


def sentence_of(alike: Sequence[Reject], t: Translator) -> str:
    """What was refused in a sheet for the same reason, with its place before it."""
    first = alike[0]
    sentence = first.sentence(t)
    rows = sorted({reject.row for reject in alike if reject.row is not None})
    told = {"file": first.file, "sheet": first.sheet, "rows": _ranges(rows)}
    if not rows and first.sheet is None:
        return sentence if first.file in sentence else f"{first.file}: {sentence}"
    if not rows:
        return f"{t.t('cli.sheet', **told)}: {sentence}"
    place = (
        t.n("cli.place", len(rows), **told)
        if first.sheet is None
        else t.n("cli.place_sheet", len(rows), **told)
    )
    return f"{place}: {sentence}"


def _ranges(rows: Sequence[int]) -> str:
    """Row numbers as people write them: 3, 5–9, 12; after RANGES of them an ellipsis."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:RANGES]]
    return ", ".join([*shown, *(["…"] if len(spans) > RANGES else [])])


def write_refusals(path: Path, rejects: Iterable[Reject], t: Translator) -> None:
    """All refusals as a CSV file. Raises LoadError when it can't be written."""
    headings = ("source", "file", "sheet", "row", "column", "table_name", "value", "reason", "sentence")
    rows = reject_rows(rejects, t)
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, headings, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise LoadError.of("error.write", path=str(path), why=str(error.strerror)) from error


def _say_contents(out: Console, result: LoadResult, t: Translator) -> None:
    out.print(_files(result.files, t))
    if any(change.new + change.replaced + change.outdated for change in result.changes):
        out.print(_changes(result.changes, t))
    notes = [f"  {f.file}: {note}" for f in result.files for note in f.notes]
    if notes:
        _line(out, t.t("cli.notes"))
        for note in notes[:SHOWN]:
            _line(out, note)
        if len(notes) > SHOWN:
            _line(out, t.t("cli.more", count=len(notes) - SHOWN))
    if result.beside_demonstration:
        _line(out, t.t("cli.beside_demo"))


def _files(files: Sequence[FileResult], t: Translator) -> Table:
    table = _table(
        t.t("cli.files"),
        t.t("cli.source"),
        (t.t("cli.file_count"), t.t("cli.rows_in"), t.t("cli.kept"), t.t("cli.refused")),
    )
    for source in sorted({file.source for file in files}):
        _file_row(table, source, [file for file in files if file.source == source])
    table.add_section()
    _file_row(table, t.t("cli.total"), files)
    return table


def _file_row(table: Table, name: str, files: Sequence[FileResult]) -> None:
    counts = (
        len(files),
        sum(file.rows_in for file in files),
        sum(file.rows_kept for file in files),
        sum(file.rows_rejected for file in files),
    )
    table.add_row(Text(name), *(f"{count:,}" for count in counts))


def _changes(changes: Sequence[TableChange], t: Translator) -> Table:
    table = _table(
        t.t("cli.changes"),
        t.t("cli.table"),
        (t.t("cli.new"), t.t("cli.replaced"), t.t("cli.unchanged"), t.t("cli.outdated"), t.t("cli.rows")),
    )
    for c in changes:
        if not c.new + c.replaced + c.outdated:
            continue
        rows = f"{c.added:,}  {c.changed:,}  {c.removed:,}" if c.replaced else ""
        counts = (c.new, c.replaced, c.unchanged, c.outdated)
        table.add_row(t.label("table", c.table), *(f"{n:,}" if n else "" for n in counts), rows)
    return table


def _effects(effects: Sequence[RuleEffect], t: Translator) -> Table:
    colours = (t.t("rag.green"), t.t("rag.amber"), t.t("rag.red"), t.t("rag.unknown"))
    table = _table(t.t("cli.rules"), t.t("cli.rule"), (*colours, t.t("cli.decides")))
    for e in effects:
        table.add_row(e.rule, *(f"{n:,}" if n else "" for n in (e.green, e.amber, e.red, e.grey, e.decides)))
    return table


def _idle(override: IdleOverride, t: Translator) -> str:
    said = {"rule": override.rule, "programme": override.programme, "contract_type": override.contract_type}
    if override.programme is None:
        return t.t("cli.idle_contract_type", **said)
    return t.t("cli.idle_programme" if override.contract_type is None else "cli.idle_both", **said)


def _table(title: str, first: str, numbers: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column(first)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _line(out: Console, text: str) -> None:
    """A line as it is: names from the data are no markup, and a terminal may wrap it where it likes."""
    out.print(Text(text), soft_wrap=True)
