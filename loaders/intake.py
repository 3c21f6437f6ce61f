"""Sources in: which files there are, how each is read, and which table each of its sheets is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from loaders.batch import Batch, FileReport, Reject
from loaders.checks import Delivered, check_sheets, plain
from loaders.contract import contract
from loaders.errors import LoadError, UnreadableFile
from loaders.mapping import FILE_NAME, FileRule, Mapping, TableRule, read_mapping
from loaders.readers import excel, schedule, tabular
from loaders.readers.base import Sheet
from loaders.readers.pivots import transpose, unpivot
from locales import languages, translator

__all__ = ["Batch", "FileReport", "Reject", "read_sources"]

Progress = Callable[[str, int, int], None]
"""Called with what is being read, how many files are done, and how many there are."""

ENOUGH_ROWS = 1_000_000
"""Sheets laid out alike are checked together, until they hold this many rows."""
IGNORED = (".toml", ".md", ".json", ".license", ".notice", ".gitignore", ".ds_store")
READABLE = (
    tabular.CSV_SUFFIXES | tabular.PARQUET_SUFFIXES | excel.SUFFIXES | schedule.SUFFIXES
)  # fmt: skip


def read_sources(
    sources: Sequence[Path], mapping: Path | None = None, *, progress: Progress | None = None
) -> Iterator[FileReport | Batch]:
    """Every file of every source: its report, then a batch for each table in it.

    The mapping is `mapping`, else the mapping.toml in or beside a source, else none: sheets are then known by
    their names. Raises MappingError, and LoadError when a source is not there; everything else is a reject.
    """
    found = [(path, name, rules) for source in sources for path, name, rules in _files(source, mapping)]
    if not found:
        raise LoadError(
            f"There is nothing to load in {', '.join(str(s) for s in sources)}: no workbook, CSV, Parquet or schedule."
        )
    waiting: dict[tuple[FileRule, TableRule, tuple[str, ...]], list[Delivered]] = {}
    for done, (path, name, rules) in enumerate(found):
        if progress:
            progress(name, done, len(found))
        rule = rules.rule_for(name)
        report, pairs = _read(path, name, rule)
        yield report
        for sheet, table_rule in pairs:
            alike = (rule, table_rule, tuple(sheet.table.column_names))
            waiting.setdefault(alike, []).append(Delivered(sheet, report.sha256 or ""))
            if sum(d.sheet.table.num_rows for d in waiting[alike]) > ENOUGH_ROWS:
                yield check_sheets(waiting.pop(alike), table_rule, rule)
    for (rule, table_rule, _), delivered in waiting.items():
        if progress:
            progress(table_rule.table, len(found), len(found))
        yield check_sheets(delivered, table_rule, rule)


def _files(source: Path, mapping: Path | None) -> list[tuple[Path, str, Mapping]]:
    if not source.exists():
        raise LoadError(f"{source} does not exist: check the path.")
    folder = source if source.is_dir() else source.parent
    beside = folder / FILE_NAME
    chosen = mapping or (beside if beside.is_file() else None)
    rules = read_mapping(chosen) if chosen else Mapping()
    paths = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
    listed = [
        (path, path.relative_to(folder).as_posix(), rules) for path in paths if not _is_ignored(path, chosen)
    ]
    return [entry for entry in listed if not rules.rule_for(entry[1]).skip]


def _is_ignored(path: Path, mapping: Path | None) -> bool:
    hidden = path.name.startswith((".", "~$")) or (
        mapping is not None and path.resolve() == mapping.resolve()
    )
    return hidden or path.suffix.lower() in IGNORED or path.name.upper() in {"LICENSE", "NOTICE", "README"}


def _read(path: Path, file: str, rule: FileRule) -> tuple[FileReport, list[tuple[Sheet, TableRule]]]:
    sha256 = None
    try:
        sha256 = _sha256(path)
        sheets = _sheets(path, file, rule)
        if not sheets:
            raise UnreadableFile(f"{file} holds no table: its sheets are empty.")
    except UnreadableFile as error:
        return FileReport(file, rule.source, sha256, (_refused(file, rule, str(error)),)), []
    except OSError as error:
        reason = f"{file} cannot be opened ({error.strerror}): check that you may read it."
        return FileReport(file, rule.source, sha256, (_refused(file, rule, reason),)), []
    pairs, left_out = _matched(sheets, rule, file)
    rejects = () if pairs else (_unknown(file, rule, sheets),)
    return FileReport(file, rule.source, sha256, rejects, tuple(left_out)), pairs


def _sheets(path: Path, file: str, rule: FileRule) -> list[Sheet]:
    suffix = path.suffix.lower()
    if suffix in excel.SUFFIXES:
        named = {t.sheet for t in rule.tables if t.sheet}
        return excel.read_workbook(path, file, rule.header_row, named or None)
    if suffix in tabular.PARQUET_SUFFIXES:
        return [tabular.read_parquet(path, file)]
    if suffix in tabular.CSV_SUFFIXES:
        options = tabular.CsvOptions(rule.encoding, rule.delimiter, rule.header_row or 1)
        sheet = tabular.read_csv(path, file, options)
        return [replace(sheet, table=transpose(sheet.table)) if rule.transpose else sheet]
    if suffix in schedule.SUFFIXES:
        return schedule.read_schedule(path, file, rule.project_id)
    kinds = ", ".join(sorted(READABLE))
    raise UnreadableFile(
        f"{file} is of a kind that cannot be read ({suffix or 'no suffix'}): use one of {kinds}."
    )


def _matched(
    sheets: Sequence[Sheet], rule: FileRule, file: str
) -> tuple[list[tuple[Sheet, TableRule]], list[str]]:
    """Which sheet is which table, and the names of sheets that are none."""
    pairs: list[tuple[Sheet, TableRule]] = []
    left_out: list[str] = []
    if rule.tables and not any(sheet.target for sheet in sheets):
        by_name = {plain(sheet.sheet): sheet for sheet in sheets if sheet.sheet}
        for table_rule in rule.tables:
            sheet = by_name.get(plain(table_rule.sheet)) if table_rule.sheet else sheets[0]
            if sheet is None:
                left_out.append(f"no sheet {table_rule.sheet!r} for {table_rule.table}")
            else:
                pairs.append((_unpivoted(sheet, table_rule), table_rule))
        return pairs, left_out
    for sheet in sheets:
        table = (
            sheet.target
            or _table_named(sheet.sheet or "")
            or (_table_named(Path(file).stem) if len(sheets) == 1 else None)
        )
        if table:
            pairs.append((sheet, _by_name(table)))
        else:
            left_out.append(f"sheet {sheet.sheet!r} is named after no table and was left out")
    return pairs, left_out


@cache
def _by_name(table: str) -> TableRule:
    """The rule of a sheet whose headings are the contract's own."""
    return TableRule(table)


def _unpivoted(sheet: Sheet, rule: TableRule) -> Sheet:
    """The sheet with its period columns turned into rows."""
    return replace(sheet, table=unpivot(sheet.table, rule.unpivot)) if rule.unpivot else sheet


def _table_named(name: str) -> str | None:
    """The table that a sheet or file is named after, in any language; "financials_2024" is financials."""
    wanted = plain(name)
    for table in contract():
        names = {plain(table), *(plain(translator(code).label("table", table)) for code in languages())}
        if wanted in names:
            return table
    starts = [t for t in contract() if re.match(rf"{re.escape(plain(t))}\b", wanted)]
    return max(starts, key=len, default=None)


def _refused(file: str, rule: FileRule, sentence: str) -> Reject:
    return Reject(file=file, reason="file", params={"sentence": sentence}, source=rule.source)


def _unknown(file: str, rule: FileRule, sheets: Sequence[Sheet]) -> Reject:
    names = ", ".join(sheet.sheet for sheet in sheets if sheet.sheet) or Path(file).stem
    return Reject(file=file, reason="no_table", params={"names": names}, source=rule.source)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
