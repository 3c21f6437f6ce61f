"""Sources in: which files there are, how each is read, and which table each of its sheets is."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache, lru_cache
from pathlib import Path

from loaders.batch import Batch, FileReport, Part, Reject
from loaders.binding import Bound, bind, left_out
from loaders.checks import Delivered, Key, check_sheets, checking
from loaders.contract import contract
from loaders.errors import LoadError, MappingError, UnreadableFile
from loaders.mapping import FILE_NAME, FileRule, Mapping, TableRule, read_mapping
from loaders.names import all_headings, closest, headings_of, plain, table_named, table_names
from loaders.readers import excel, schedule, tabular
from loaders.readers.base import Heading, Refused, Sheet
from loaders.readers.pivots import unpivot
from locales import languages, translator

__all__ = ["Batch", "FileReport", "Part", "Reject", "read_sources"]

Progress = Callable[[str, int, int], None]
"""Called with what is being read, how many files are done, and how many there are."""

ENOUGH_CELLS = 20_000_000
"""Sheets laid out alike are checked together, until they hold this many cells."""
TABULAR = tabular.CSV_SUFFIXES | tabular.PARQUET_SUFFIXES | excel.SUFFIXES
READABLE = TABULAR | schedule.SUFFIXES
NO_DATA = frozenset(
    (
        *(".toml", ".md", ".json", ".py", ".pdf", ".docx", ".pptx"),
        *(".png", ".jpg", ".geojson", ".license", ".notice"),
    )
)
"""Kinds of files that lie beside data and are none."""

_Alike = tuple[int, int, str]


@dataclass
class _Waiting:
    """Sheets laid out alike that wait to be checked together."""

    rule: TableRule
    file_rule: FileRule
    source: str
    sheets: list[Delivered]
    cells: int = 0


def read_sources(
    sources: Sequence[Path], mapping: Path | None = None, *, progress: Progress | None = None
) -> Iterator[FileReport | Batch]:
    """Every file of every source: its report, and batches of the tables in them, after the reports of their files.

    The mapping is `mapping`, else the mapping.toml in or beside a source, else none: files and sheets are then
    known by their names. Raises MappingError, and LoadError when a source is not there or holds nothing; all else
    is a reject.
    """
    found = _listed(sources, mapping)
    waiting: dict[_Alike, _Waiting] = {}
    taken: set[Key] = set()
    with checking() as con:

        def checked(entry: _Waiting) -> list[Batch]:
            sheets, entry.sheets, entry.cells = entry.sheets, [], 0
            return (
                check_sheets(con, sheets, entry.rule, entry.file_rule, entry.source, taken) if sheets else []
            )

        for done, (path, name, rule) in enumerate(found):
            if progress:
                progress(name, done, len(found))
            is_schedule = path.suffix.lower() in schedule.SUFFIXES
            report, bound = _read(path, name, rule, rule.source_of(is_schedule=is_schedule))
            yield report
            for sheet, table_rule in bound:
                entry = _queue(waiting, sheet, table_rule, rule, report)
                if entry.cells > ENOUGH_CELLS:
                    yield from checked(entry)
        for entry in waiting.values():
            if progress:
                progress(entry.rule.table, len(found), len(found))
            yield from checked(entry)


def _queue(
    waiting: dict[_Alike, _Waiting], bound: Bound, rule: TableRule, file_rule: FileRule, report: FileReport
) -> _Waiting:
    """Let a bound sheet wait for others like it."""
    file, sheet = bound.sheet.file, bound.sheet.sheet
    dates = file_rule.status_date.of(file, sheet), file_rule.delivered_at.of(file, sheet)
    alike = (id(rule), id(file_rule), report.source)
    entry = waiting.setdefault(alike, _Waiting(rule, file_rule, report.source, []))
    entry.sheets.append(Delivered(bound, report.sha256 or "", *dates))
    entry.cells += bound.count * max(len(bound.columns), 1)
    return entry


def _listed(sources: Sequence[Path], mapping: Path | None) -> list[tuple[Path, str, FileRule]]:
    """Every file once, with the name that it goes by and how it reads.

    A name is the path within its source; where two sources have the same, the source's name comes before it.
    """
    rules, plainly = cache(read_mapping), Mapping()
    found: dict[Path, tuple[str, str, FileRule]] = {}
    claimed = False
    for source in sources:
        folder = source if source.is_dir() else source.parent
        beside = folder / FILE_NAME
        chosen = mapping or (beside if beside.is_file() else None)
        said = rules(chosen) if chosen else plainly
        for path, name in _files(source, folder):
            rule = said.rule_for(name)
            is_data = rule is not said.fallback or path.suffix.lower() not in NO_DATA
            claimed |= rule is not said.fallback
            if is_data and not said.ignores(name):
                found.setdefault(path.resolve(), (name, _shown(Path(folder.resolve().name)), rule))
    named = ", ".join(map(str, sources))
    if not found:
        raise LoadError.of("error.nothing_to_load", sources=named)
    if mapping and (looked_for := [m for rule in rules(mapping).files for m in rule.match]) and not claimed:
        raise MappingError(
            f"{mapping.name}: none of its sections matches a file in {named}:"
            f" they look for {', '.join(map(repr, looked_for))}."
        )
    times = Counter(name for name, _, _ in found.values())
    return [
        (path, f"{place}/{name}" if times[name] > 1 else name, rule)
        for path, (name, place, rule) in found.items()
    ]


def _files(source: Path, folder: Path) -> list[tuple[Path, str]]:
    if not source.exists():
        raise LoadError.of("error.no_source", source=str(source))
    try:
        paths = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
    except OSError as error:
        raise LoadError.of("error.source_read", source=str(source), why=str(error.strerror)) from error
    return [(path, _shown(path.relative_to(folder))) for path in paths if not _is_hidden(path, folder)]


def _shown(path: Path) -> str:
    """A path as text: what of it no text can be is replaced."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _is_hidden(path: Path, folder: Path) -> bool:
    """What a system or a program left behind: hidden files and folders, locks of open workbooks, notices."""
    parts = path.relative_to(folder).parts
    return any(p.startswith((".", "~$", "__MACOSX")) for p in parts) or path.stem.upper() in {
        "LICENSE",
        "NOTICE",
        "README",
    }


def _read(
    path: Path, file: str, rule: FileRule, source: str
) -> tuple[FileReport, list[tuple[Bound, TableRule]]]:
    """The report of one file, and its sheets bound to the table that each is."""
    sha256: str | None = None
    try:
        sha256 = _sha256(path, file)
        sheets, names, notes = _sheets(path, file, rule)
    except Refused as error:
        refused = Reject(file=file, reason=error.reason, params=error.params, source=source)
        return FileReport(file, source, sha256, (refused,)), []
    except UnreadableFile as error:
        refused = Reject(file=file, reason="file", params={"sentence": str(error)}, source=source)
        return FileReport(file, source, sha256, (refused,)), []
    bound: list[tuple[Bound, TableRule]] = []
    for sheet in sheets:
        rules = _rules_of(sheet, rule, file, is_only=len(sheets) == 1)
        here = [(bind(unpivot(sheet, r.unpivot) if r.unpivot else sheet, r, rule), r) for r in rules]
        bound += [(b, r) for b, r in here if not (r.optional and b.lacking)]
        notes += [*sheet.notes, *left_out(sheet, [b for b, _ in here], rules)]
        if not rules and sheet.sheet and not _is_guide(sheet.sheet):
            notes.append(_left_aside(sheet))
    rejects = [replace(reject, source=source) for reject in _missing_sheets(names, rule, file)]
    if not bound and not rejects:
        rejects, notes = [_no_table(sheets, file, source)], []
    return FileReport(file, source, sha256, tuple(rejects), tuple(dict.fromkeys(notes))), bound


def _sheets(path: Path, file: str, rule: FileRule) -> tuple[list[Sheet], list[str], list[str]]:
    """Everything that can be read of a file, the names of a workbook's sheets, and notes on what was left out."""
    suffix = path.suffix.lower()
    if suffix in excel.SUFFIXES:
        is_named = (
            (lambda name: any(_is_named(name, t) for t in rule.tables)) if _names_sheets(rule) else None
        )
        book = excel.read_workbook(path, file, lambda name: _heading(name, file, rule), is_named)
        hidden = [name for name in book.hidden if table_named(name)]
        if hidden and not rule.tables and not any(table_named(sheet.sheet or "") for sheet in book.sheets):
            raise Refused("hidden_sheet", file=file, sheet=hidden[0])
        notes = [f"hidden sheet {name!r} was left out" for name in hidden]
        if suffix in excel.SILENT:
            notes.append(f"errors of formulas look like empty cells in {suffix} files: .xlsx shows them")
        return book.sheets, book.names, notes
    if suffix in tabular.PARQUET_SUFFIXES:
        return [tabular.read_parquet(path, file)], [], []
    if suffix in tabular.CSV_SUFFIXES:
        options = tabular.CsvOptions(rule.encoding, rule.delimiter, rule.transposed)
        return [tabular.read_csv(path, file, options, _heading(None, file, rule))], [], []
    if suffix in schedule.SUFFIXES:
        return schedule.read_schedule(path, file, rule.project_id, rule.baseline), [], []
    raise Refused("unknown_kind", file=file, kind=suffix or "—", kinds=", ".join(sorted(READABLE)))


def _names_sheets(rule: FileRule) -> bool:
    return bool(rule.tables) and all(table.sheets for table in rule.tables)


def _heading(sheet: str | None, file: str, rule: FileRule) -> Heading:
    """Where a sheet's heading is: where the mapping says so, else where most of the names wanted stand."""
    tables = [t for t in rule.tables if not t.sheets or sheet is None or _is_named(sheet, t)]
    if not tables:
        table = table_named(sheet or "") or table_named(Path(file).stem, loosely=True)
        return Heading(frozenset(headings_of(table)) if table else all_headings(), rule.header_rows)
    rows = next((t.header_rows for t in tables if t.header_rows), rule.header_rows)
    wanted = [t.headings if t.columns else frozenset(headings_of(t.table)) for t in tables]
    return Heading(frozenset().union(*wanted), rows)


def _is_named(sheet: str, rule: TableRule) -> bool:
    return any(plain(sheet) == plain(name) or fnmatch(sheet, name) for name in rule.sheets)


def _rules_of(sheet: Sheet, rule: FileRule, file: str, *, is_only: bool) -> list[TableRule]:
    """The tables that a sheet is: those that the mapping says, else the one that it or its file is named after."""
    if rule.tables and not sheet.target:
        return [t for t in rule.tables if not t.sheets or _is_named(sheet.sheet or "", t)]
    name = sheet.target or table_named(sheet.sheet or "")
    if name is None and is_only:
        name = table_named(Path(file).stem, loosely=True)
    return [_by_name(name, rule)] if name else []


def _left_aside(sheet: Sheet) -> str:
    near = closest(sheet.sheet or "", (known for table in contract() for known in table_names(table)))
    hint = f"; the closest name is {near!r}" if near else ""
    return f"sheet {sheet.sheet!r} is named after no table and was left out{hint}"


@lru_cache(maxsize=1_000)
def _by_name(table: str, rule: FileRule) -> TableRule:
    """The rule of a sheet whose headings are the contract's own."""
    return TableRule(table, reading=rule.reading)


@lru_cache(maxsize=1_000)
def _is_guide(sheet: str) -> bool:
    """Whether a sheet is the template's page of explanations."""
    return plain(sheet) in {plain(translator(language).t("template.guide")) for language in languages()}


def _missing_sheets(names: Sequence[str], rule: FileRule, file: str) -> list[Reject]:
    """Sheets that the mapping names and the workbook lacks."""
    return [
        Reject(
            file=file,
            reason="missing_sheet",
            sheet=" / ".join(t.sheets),
            table=t.table,
            params={"sheet": " / ".join(t.sheets), "table": t.table},
        )
        for t in rule.tables
        if names and t.sheets and not t.optional and not any(_is_named(name, t) for name in names)
    ]


def _no_table(sheets: Sequence[Sheet], file: str, source: str) -> Reject:
    names = [sheet.sheet for sheet in sheets if sheet.sheet]
    near = closest(Path(file).stem, (known for table in contract() for known in table_names(table)))
    params: dict[str, str | int] = {"names": ", ".join(names) or Path(file).stem, "near": near or "projects"}
    return Reject(file=file, reason="no_table" if sheets else "no_rows", params=params, source=source)


def _sha256(path: Path, file: str) -> str:
    if _shown(path) != path.as_posix():
        raise Refused("file_name", file=file)
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise Refused("cannot_open", file=file, why=str(error.strerror)) from error
