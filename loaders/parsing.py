"""SQL that turns the text of a cell into a contract type, or into the reason why it can't.

A sheet's own evidence decides what 1.234 or 03/04/2026 means: one cell that can be read in one way only
(1.234,50 or 31/04/2026) settles the sheet. What stays open is refused, never guessed. The macros: cells.sql.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from typing import Final

from loaders.contract import Column
from loaders.mapping import ColumnRule
from loaders.names import months

EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)
"""Dates that can be true in a programme's life."""
LARGEST = 10**12
"""Of a number that is no amount: hours, days and counts that are larger are typed wrong."""
LONGEST = {"text": 32_767, "id": 255}
"""Characters accepted: of a text as many as a cell of a spreadsheet holds."""
NOTHING = (
    *("n/a", "n.a.", "na", "n/d", "n.d.", "nd", "s/d", "-", "--", "–", "—", "null", "none", "nil"),
    *("tbc", "tbd", "por definir", "sin dato", "sin datos", "a definir", "sem dados"),
)
"""What people write for unknown, in any case, where a date, a number or a listed value is due."""
FORMULA_ERRORS = (
    *("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#CALC!", "#SPILL!"),
    *("#¡REF!", "#N/D", "#¡DIV/0!", "#¡VALOR!", "#¿NOMBRE?", "#¡NUM!", "#¡NULO!", "#¡CALC!", "#NOME?"),
)
"""What a formula without a result shows, in English, Spanish and Portuguese programs."""
PER_USD: Mapping[str, tuple[float, float]] = {
    "MXN": (2, 200), "COP": (300, 30_000), "CLP": (200, 5_000), "PEN": (1.2, 20), "BRL": (0.8, 30),
    "ARS": (0.9, 100_000), "GTQ": (4, 40), "CRC": (80, 3_000), "HNL": (5, 100), "NIO": (5, 200),
    "PYG": (1_000, 50_000), "UYU": (3, 200), "DOP": (8, 300), "BOB": (3, 50), "JPY": (70, 500),
    "INR": (15, 300), "CNY": (4, 20), "SEK": (4, 30), "NOK": (4, 20), "DKK": (4, 12), "ISK": (50, 300),
    "CZK": (10, 70), "PLN": (1.5, 10), "HUF": (60, 800), "RON": (1.8, 10), "TRY": (1.1, 300), "ILS": (1.6, 8),
    "ZAR": (2, 60), "EGP": (2, 200), "MAD": (6, 16), "KRW": (600, 3_000), "TWD": (20, 50), "HKD": (7, 9),
    "SGD": (1.1, 2), "MYR": (2, 8), "THB": (20, 80), "PHP": (20, 120), "IDR": (1_500, 40_000), "VND": (8_000, 60_000),
    "SAR": (3, 5), "AED": (3, 5), "QAR": (3, 5), "KWD": (0.2, 0.5), "BHD": (0.3, 0.5), "OMR": (0.3, 0.5),
    "JOD": (0.6, 0.9), "JMD": (6, 400), "TTD": (4, 10), "HTG": (4, 400), "NZD": (1.05, 2.8),
    "CAD": (0.9, 1.8), "AUD": (0.88, 2.2), "CHF": (0.65, 1.9), "EUR": (0.6, 1.06), "GBP": (0.45, 0.99),
}  # fmt: skip
"""Units for one US dollar since the nineties, widely; of euro and pound since 2003, of lei and liras since they are
new, and where a currency is near the dollar as near as the inverse allows. A rate outside whose inverse is inside is
quoted the other way round; outside both ways it is in thousands, or of another currency. What neither tells, as a franc
at its inverse, is a finding against the rate before (mart_data_quality)."""

_C1: Final = "".join(chr(c) for c in range(0x80, 0xA0) if c not in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
_C1_MEANT: Final = "".join(bytes([ord(c)]).decode("cp1252") for c in _C1)
_BETWEEN: Final = " \t\u00a0\u2009\u202f'’"
"""What stands between thousands besides a point or comma."""


@dataclass(frozen=True)
class Parsed:
    """A column as SQL in four steps, each of which may name the ones before it.

    `bare` becomes the column b_…, `text` t_…, `value` the column itself; of `reasons` the first that holds
    refuses the cell.
    """

    value: str
    reasons: Sequence[tuple[str, str]] = ()
    bare: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Cell:
    """A column on its way. `native` is the SQL that says whether the cell was no text in the file."""

    column: Column
    rule: ColumnRule
    native: str = "false"
    is_simple: bool = False
    lookup: Mapping[str, str] = field(default_factory=dict)

    @property
    def x(self) -> str:
        """The column's text as stated."""
        return f'"x_{self.column.name}"'

    @property
    def b(self) -> str:
        """Its first step."""
        return f'"b_{self.column.name}"'

    @property
    def t(self) -> str:
        """Its second step."""
        return self.x if self.is_simple else f'"t_{self.column.name}"'

    @property
    def v(self) -> str:
        """Its value."""
        return f'"{self.column.name}"'


def macros() -> str:
    """The statements that create what the SQL of this module calls."""
    pairs = ", ".join(f"{q(name)}: '{number}'" for name, number in months().items())
    named = (
        f"create temp macro month_number(word) as (map {{{pairs}}})[left(strip_accents(lower(word)), 3)];\n"
    )
    return named + (files("loaders") / "cells.sql").read_text(encoding="utf-8")


def steps(column: Column, rule: ColumnRule) -> list[str]:
    """What the mapping and good order make of a cell's text, step by step: SQL over the step before, `{x}`."""
    done = ["trimmed({x})"]
    if rule.pattern:
        done.append(
            f"nullif(regexp_extract({{x}}, {_held(rule.pattern)}, {int(has_group(rule.pattern))}), '')"
        )
    if rule.values:
        done += _translated(rule.values)
    if rule.slug:
        done.append("slug({x})")
    if words := nothing_words(column, rule):
        done.append(f"case when {among('{x}', words)} then null else {{x}} end")
    if column.type == "text":
        done.append(f"mended({{x}}, {q(_C1)}, {q(_C1_MEANT)})")
    if column.type == "id":
        done.append("single_spaced({x})")
    given = rule.value if rule.value is not None else rule.default
    return [*done, f"coalesce({{x}}, {_held(given)})"] if given is not None else done


def has_group(pattern: str) -> bool:
    """Whether a regular expression says in brackets which part of a match is meant."""
    return "(" in pattern.replace("\\(", "").replace("(?:", "")


def nothing_words(column: Column, rule: ColumnRule) -> tuple[str, ...]:
    """The words that mean nothing is known; in texts and ids only those that the column's own rule says."""
    return rule.empty if column.type in LONGEST else (*NOTHING, *rule.reading.empty, *rule.empty)


def among(text: str, words: Iterable[str]) -> str:
    """Whether a cell is one of some words, in any case; a word with * stands for all that fit."""
    said = [" ".join(word.split()).lower() for word in words]
    exact = ", ".join(_held(word) for word in said if "*" not in word)
    tests = [f"lower({text}) in ({exact})"] if exact else []
    tests += [f"folded({text}) glob {_held(word)}" for word in said if "*" in word]
    return " or ".join(tests)


def _translated(values: Mapping[str, str]) -> list[str]:
    """Two steps: what is written out, then what only fits a pattern; a translation to nothing is unknown."""
    exact = [f"when {_held(said)} then {_held(meant)}" for said, meant in values.items() if "*" not in said]
    cases = [
        f"when folded({{x}}) glob {_held(said)} then {_held(m)}" for said, m in values.items() if "*" in said
    ]
    done = [f"nullif(case folded({{x}}) {' '.join(exact)} else {{x}} end, '')"] if exact else []
    return [*done, f"nullif(case {' '.join(cases)} else {{x}} end, '')"] if cases else done


def number(cell: Cell) -> Parsed:
    """money, number, fraction, integer."""
    column, rule, t, v = cell.column, cell.rule, cell.t, cell.v
    has_sign = f"contains({cell.x}, '%')"
    value = f"try_cast({t} as double)"
    reasons = [("number", f"not coalesce(finite({t}), false)")]
    if column.type == "fraction":
        share = "100" if rule.percent else f"case when {has_sign} then 100 else 1 end"
        value = f"round({value} / {share}, 12)"
        reasons += [("percent" if rule.percent else "fraction", f"{v} > 1"), ("min", f"{v} < 0")]
    else:
        reasons.append(("percent_sign", has_sign))
        value = value if rule.scale is None else f"({value} * {rule.scale!r})"
        if column.type == "money":
            value = f"as_money({t})" if rule.scale is None else f"as_scaled_money({t}, {rule.scale!r})"
            reasons.append(("number_size", f"{v} is null"))
        elif column.type == "integer":
            reasons.append(("integer", f"{v} is null or {value} <> floor({value})"))
            value = f"try_cast({value} as bigint)"
        if column.type != "money":
            reasons.append(("number_size", f"abs({v}) > {LARGEST}"))
    bounds = (("min", column.min, "<"), ("max", column.max, ">"))
    reasons += [(name, f"{v} {sign} {bound}") for name, bound, sign in bounds if bound is not None]
    if cell.is_simple:
        return Parsed(value, reasons)
    return Parsed(value, [*_either(cell), *reasons], f"bare({cell.x})", _number_text(cell))


def _either(cell: Cell) -> list[tuple[str, str]]:
    """What refuses a number that can be a thousand, or a fraction of one."""
    if cell.rule.reading.decimal:
        return []
    unclear = (
        f"decimal_mark is null and is_either({cell.b}, '[.,]') or not is_proven and is_either({cell.b}, ',')"
    )
    return [("ambiguous_number", f"not {cell.native} and ({unclear})")]


def _number_text(cell: Cell) -> str:
    """A number's text with a decimal point; NULL where it is none."""
    b, reading = cell.b, cell.rule.reading
    mark = q(reading.decimal) if reading.decimal else f"mark_of({b}, decimal_mark)"
    with_point, with_comma = _grouped(b, ".", reading.thousands), _grouped(b, ",", reading.thousands)
    return (
        f"case when {cell.native} then {cell.x}"
        f" when {mark} = ',' then replace({with_comma}, ',', '.') else {with_point} end"
    )


def _grouped(b: str, mark: str, thousands: str | None) -> str:
    between = ("," if mark == "." else ".") + _BETWEEN if thousands is None else thousands
    between = _BETWEEN if between == " " else between
    listed = "".join(f"\\{sign}" if sign == "." else sign for sign in between)
    groups = f"(\\d+|\\d{{1,3}}([{listed}]\\d{{3}})+)" if between else "(\\d+)"
    shape = f"^[-+]?{groups}?(\\{mark}\\d*)?([eE][-+]?\\d+)?$"
    return f"grouped({b}, {q(shape)}, {q(between)})"


def day(cell: Cell) -> Parsed:
    """date. Where a day before a month can't be told from a month before a day, nothing is guessed."""
    x, v, formats = cell.x, cell.v, cell.rule.reading.date_format
    off = ("date_range", f"{v} not between date '{EARLIEST}' and date '{LATEST}'")
    if cell.is_simple:
        return Parsed(f"iso_day({x})", [off])
    ways = [f"iso_day({x})", *(f"formatted_day({x}, {q(f)})" for f in formats)]
    written = f"coalesce({', '.join(ways)})" if formats else f"any_day({x}, date_order)"
    unclear = f"not {cell.native} and {v} is null and is_either_day({x}, date_order)"
    return Parsed(
        f"case when {cell.native} then coalesce(iso_day({x}), serial_day({x})) else {written} end",
        [
            *([] if formats else [("ambiguous_date", unclear)]),
            ("date_serial", f"{v} is null and is_serial({x})"),
            ("date_impossible", f"{v} is null and is_no_day({x})"),
            ("date", f"{v} is null"),
            off,
        ],
    )


def word(cell: Cell) -> Parsed:
    """enum, boolean, currency, country: `lookup` has every text found that means one."""
    pairs = ", ".join(f"{q(found)}: {q(meant)}" for found, meant in cell.lookup.items())
    value = f"(map {{{pairs}}})[{cell.x}]" if pairs else "null::varchar"
    value = f"({value})::boolean" if cell.column.type == "boolean" else value
    return Parsed(value, [(cell.column.type, f"{cell.v} is null")])


def text(cell: Cell) -> Parsed:
    """text and id."""
    return Parsed(
        cell.x,
        [
            ("text_size", f"length({cell.x}) > {LONGEST[cell.column.type]}"),
            ("control_characters", f"has_control_characters({cell.x})"),
        ],
    )


def impossible_rate(currency: str, value: str) -> list[tuple[str, str]]:
    """What refuses a rate that is quoted the other way round, that is far from its currency's, or that is none."""
    far = {
        code: f"{currency} = '{code}' and {value} not between {low} and {high}"
        for code, (low, high) in PER_USD.items()
    }
    inverse = [
        f"({far[code]} and 1 / {value} between {low} and {high})" for code, (low, high) in PER_USD.items()
    ]
    return [
        ("zero_rate", f"{value} = 0"),
        ("inverse_rate", " or ".join(inverse)),
        ("far_rate", " or ".join(f"({case})" for case in far.values())),
        ("dollar_rate", f"{currency} = 'USD' and {value} <> 1"),
    ]


def moment(name: str) -> Parsed:
    """When a delivery was made."""
    x = f'"x_{name}"'
    return Parsed(f"as_moment({x})", [("moment", f'{x} is not null and "{name}" is null')])


def parsed(cell: Cell) -> Parsed:
    """The steps of a cell, by its column's type; a broken formula or a gap comes before all other reasons."""
    kind, x = cell.column.type, cell.x
    steps = {
        "date": day,
        **dict.fromkeys(("money", "number", "fraction", "integer"), number),
        **dict.fromkeys(LONGEST, text),
    }
    found = steps.get(kind, word)(cell)
    first = [("formula", f"{x} in ({', '.join(map(q, FORMULA_ERRORS))})")]
    if cell.column.required:
        first.append(("required", f"{x} is null"))
    others = [(reason, f"{x} is not null and ({condition})") for reason, condition in found.reasons]
    return replace(found, reasons=[*first, *others])


def _held(value: str) -> str:
    """A literal in a step."""
    return q(value).replace("{", "{{").replace("}", "}}")


def q(value: str | None) -> str:
    """A text as an SQL literal."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"
