"""Which heading of a sheet is which column of a table, and the sheet as text under the contract's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import DELIVERY_DATE, Table, contract
from loaders.mapping import ColumnRule, FileRule, TableRule, folded
from loaders.names import closest, headings_of, plain
from loaders.readers.base import OVERFLOW, ROW, Sheet

DELIVERED = "delivered_at"
"""A column of this name dates the delivery of each row, in any table."""
LISTED = 12
"""Headings that a note names before it says how many more there are."""
LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Bound:
    """One sheet under the names of one table: `columns` are texts by contract column, `native` their marks.

    `sheet` keeps nothing but its rows' numbers: many wait to be checked together.

    `shown` is the heading of each column as the file has it; `lacking` the columns that a row needs and nothing
    gives, with the heading looked for; `repeated` headings that stand there twice; `used` headings as compared.
    """

    sheet: Sheet
    columns: Mapping[str, pa.ChunkedArray]
    native: Mapping[str, pa.Array]
    rows: pa.ChunkedArray
    overflow: pa.ChunkedArray | None
    shown: Mapping[str, str]
    lacking: Mapping[str, str] = field(default_factory=dict)
    repeated: Sequence[str] = ()
    used: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Rows that are not blank."""
        return len(self.rows)


def rule_of(name: str, rule: TableRule, file_rule: FileRule) -> ColumnRule:
    """How a column of a sheet reads: as its mapping says, else by the formats of its sheet."""
    stamp = {DELIVERY_DATE: file_rule.status_date, DELIVERED: file_rule.delivered_at}.get(name)
    if name in rule.columns or stamp is None or not stamp.column:
        return rule.columns.get(name) or ColumnRule(reading=rule.reading)
    formats = stamp.rule.reading.date_format or rule.reading.date_format
    return replace(stamp.rule, reading=replace(rule.reading, date_format=formats))


def bind(sheet: Sheet, rule: TableRule, file_rule: FileRule) -> Bound:
    """The sheet under the contract's names, blank rows left out."""
    table = contract()[rule.table]
    sheet = _without_blank_rows(sheet)
    sheet, unmet = _filtered(sheet, rule)
    found = {plain(heading): heading for heading in sheet.headings}
    notes: list[str] = []
    columns: dict[str, pa.ChunkedArray] = {}
    native: dict[str, pa.Array] = {}
    shown: dict[str, str] = {}
    asked = _asked(sheet, table, rule, file_rule, found)
    for name, (headings, column_rule) in asked.items():
        there = list(dict.fromkeys(h for heading in headings for h in _meant(heading, found)))
        if there:
            columns[name], marks = _together(sheet, there, column_rule)
            shown[name] = " / ".join(there)
            if marks is not None:
                native[name] = marks
        elif rule.columns and headings and column_rule.default is None and not _repeated(headings, found):
            notes.append(f"no heading {' or '.join(map(repr, headings))} for {name}")
    repeated = sorted({h for headings, _ in asked.values() for h in _repeated(headings, found)})
    return Bound(
        sheet=replace(sheet, table=sheet.table.select([ROW]), native={}),
        columns=columns,
        native=native,
        rows=sheet.table[ROW],
        overflow=sheet.table[OVERFLOW] if OVERFLOW in sheet.table.column_names else None,
        shown=shown,
        lacking=_lacking(table, rule, file_rule, sheet, columns) | unmet,
        repeated=repeated,
        used=frozenset(_used(sheet, rule, asked)),
        notes=tuple(notes),
    )


def _asked(
    sheet: Sheet, table: Table, rule: TableRule, file_rule: FileRule, found: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], ColumnRule]]:
    """Column → the headings that may hold it, and how it reads."""
    asked: dict[str, tuple[tuple[str, ...], ColumnRule]] = {}
    if sheet.target or not rule.columns:
        known = headings_of(table.name)
        for word in sorted(found, key=lambda w: plain(known.get(w, "")) != w):
            if word in known:
                headings, column_rule = asked.get(known[word], ((), rule_of(known[word], rule, file_rule)))
                asked[known[word]] = ((*headings, found[word]), column_rule)
        for word in found:
            twice = word.removesuffix(" 1")
            if twice != word and twice in known and f"{twice} 2" in found:
                column_rule = rule_of(known[twice], rule, file_rule)
                asked.setdefault(known[twice], ((found[word].removesuffix(" (1)"),), column_rule))
    else:
        asked = {name: (given.headings, given) for name, given in rule.columns.items()}
    for name, stamp in ((DELIVERY_DATE, file_rule.status_date), (DELIVERED, file_rule.delivered_at)):
        if stamp.column and (name == DELIVERED or name in table.accepted) and name not in rule.columns:
            asked[name] = ((stamp.column,), rule_of(name, rule, file_rule))
    if plain(DELIVERED) in found and DELIVERED not in asked:
        asked[DELIVERED] = ((found[plain(DELIVERED)],), ColumnRule(reading=rule.reading))
    return {name: asked[name] for name in (*table.accepted, DELIVERED) if name in asked}


def _meant(heading: str, found: Mapping[str, str]) -> list[str]:
    """The heading that a mapping means: the one of that name, or the first that fits its asterisks."""
    if plain(heading) in found:
        return [found[plain(heading)]]
    if "*" not in heading:
        return []
    pattern = ".*".join(re.escape(plain(piece)) for piece in heading.split("*"))
    return [name for word, name in found.items() if re.fullmatch(pattern, word)][:1]


def _repeated(headings: Sequence[str], found: Mapping[str, str]) -> list[str]:
    """Headings that stand in the sheet more than once: the reader numbered them, the bare one is not there."""
    return [h for h in headings if plain(h) not in found and plain(f"{h} (2)") in found]


def _together(
    sheet: Sheet, headings: Sequence[str], rule: ColumnRule
) -> tuple[pa.ChunkedArray, pa.Array | None]:
    """The column out of one heading, the first of several that has a value, or several joined."""
    parts = [sheet.table[heading] for heading in headings]
    if len(parts) == 1:
        return parts[0], sheet.native.get(headings[0])
    if rule.join is not None:
        return pc.binary_join_element_wise(*parts, rule.join, null_handling="skip"), None
    together = pc.coalesce(*parts)
    if not any(heading in sheet.native for heading in headings):
        return together, None
    marks = pa.array([False] * sheet.table.num_rows, pa.bool_())
    for heading, part in reversed([*zip(headings, parts, strict=True)]):
        mark = sheet.native.get(heading, pa.array([False] * sheet.table.num_rows, pa.bool_()))
        marks = pc.if_else(pc.is_valid(part), mark, marks)
    return together, marks.combine_chunks() if isinstance(marks, pa.ChunkedArray) else marks


def _lacking(
    table: Table, rule: TableRule, file_rule: FileRule, sheet: Sheet, columns: Mapping[str, pa.ChunkedArray]
) -> dict[str, str]:
    """Required column → the heading looked for, where neither the sheet nor the mapping gives it."""
    given = {name for name, r in rule.columns.items() if r.value is not None or r.default is not None}
    if file_rule.project_id:
        given.add("project_id")
    if rule.each_period or file_rule.status_date.of(sheet.file, sheet.sheet):
        given.add(DELIVERY_DATE)
    return {
        name: " / ".join(rule.columns[name].headings) if name in rule.columns else name
        for name in table.required
        if name not in given and (name not in columns or _is_empty(columns[name]))
    }


def _is_empty(cells: pa.ChunkedArray) -> bool:
    return len(cells) > 0 and cells.null_count == len(cells)


def _used(
    sheet: Sheet, rule: TableRule, asked: Mapping[str, tuple[tuple[str, ...], ColumnRule]]
) -> Iterator[str]:
    found = {plain(heading): heading for heading in sheet.headings}
    named = [heading for headings, _ in asked.values() for heading in headings]
    for heading in (*named, *rule.headings):
        yield plain(heading)
        yield from map(plain, _meant(heading, found))


def left_out(sheet: Sheet, bound: Sequence[Bound], rules: Sequence[TableRule]) -> list[str]:
    """Notes on the headings that none of a sheet's tables uses, with the column that each looks most like."""
    used = frozenset().union(*(b.used for b in bound))
    turned = [turn.columns for rule in rules for turn in rule.unpivot]
    left = [
        heading
        for heading in sheet.headings
        if plain(heading) not in used
        and not re.fullmatch(r"column \d+", heading)
        and not any(re.fullmatch(columns, heading) for columns in turned)
    ]
    if not left or not bound or sheet.target:
        return []
    where = f"sheet {sheet.sheet!r}: " if sheet.sheet else ""
    more = f" and {len(left) - LISTED} more" if len(left) > LISTED else ""
    shown = [h if len(h) <= LONGEST_SHOWN else f"{h[:LONGEST_SHOWN]}…" for h in left[:LISTED]]
    if any(rule.columns for rule in rules):
        return [f"{where}not mapped: {', '.join(shown)}{more}"]
    tables = [rule.table for rule in rules]
    columns = [name for table in tables for name in contract()[table].accepted]
    hints = [(heading, closest(heading, columns)) for heading in shown]
    said = [
        f"{heading!r} (the closest column is {near})" if near else repr(heading) for heading, near in hints
    ]
    return [f"{where}no columns of {' or '.join(tables)}, so left out: {', '.join(said)}{more}"]


def _without_blank_rows(sheet: Sheet) -> Sheet:
    cells = [sheet.table[name] for name in sheet.table.column_names if name != ROW]
    if not cells or not sheet.table.num_rows:
        return sheet
    blank = pc.equal(pc.utf8_trim_whitespace(pc.coalesce(cells[0].cast(pa.string()), "")), "")
    for cell in cells[1:]:
        if not pc.any(blank).as_py():
            return sheet
        blank = pc.and_(blank, pc.equal(pc.utf8_trim_whitespace(pc.coalesce(cell.cast(pa.string()), "")), ""))
    return _kept(sheet, pc.invert(blank)) if pc.any(blank).as_py() else sheet


def _filtered(sheet: Sheet, rule: TableRule) -> tuple[Sheet, dict[str, str]]:
    """The rows that `where` and `where_not` leave, blanks filled from above; and headings named in vain."""
    found = {plain(heading): heading for heading in sheet.headings}
    missing = {
        f"where {h}": h for h in (*rule.where, *rule.where_not, *rule.fill_down) if plain(h) not in found
    }
    if missing:
        return sheet, missing
    for heading in rule.fill_down:
        name = found[plain(heading)]
        filled = pc.fill_null_forward(sheet.table[name].combine_chunks())
        table = sheet.table.set_column(sheet.table.column_names.index(name), name, filled)
        sheet = replace(sheet, table=table)
    for conditions, is_kept in ((rule.where, True), (rule.where_not, False)):
        for heading, words in conditions.items():
            patterns = [re.escape(folded(w)).replace(r"\*", ".*") for w in words]
            texts = pc.coalesce(pc.utf8_trim_whitespace(sheet.table[found[plain(heading)]]), "")
            cells = pc.utf8_lower(pc.replace_substring_regex(texts, r"\s+", " "))
            fits = pc.match_substring_regex(cells, f"^(?:{'|'.join(patterns)})$")
            sheet = _kept(sheet, fits if is_kept else pc.invert(fits))
    return sheet, {}


def _kept(sheet: Sheet, mask: pa.ChunkedArray) -> Sheet:
    marks = mask.combine_chunks() if isinstance(mask, pa.ChunkedArray) else mask
    return replace(
        sheet,
        table=sheet.table.filter(marks),
        native={name: cells.filter(marks) for name, cells in sheet.native.items()},
    )
