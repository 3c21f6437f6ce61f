"""SQL that turns the text of a cell into a contract type, or into the reason why it can't.

A sheet's own evidence decides what 1.234 or 03/04/2026 means: one cell that can be read in one way only (1.234,50 or
31/04/2026) settles the sheet. What stays open is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from loaders.contract import Column
from loaders.mapping import ColumnRule
from loaders.names import months

EARLIEST, LATEST = date(1970, 1, 1), date(2100, 12, 31)
"""Dates that can be true in a programme's life."""
FIRST_SERIAL, LAST_SERIAL = 25_569, 73_415
"""Days as a spreadsheet numbers them, 1970 to 2100: what a date in a workbook shows once its format is lost."""
LONGEST_TEXT = 32_767
"""Characters that a cell of a spreadsheet can hold."""
LONGEST_ID = 255
NOTHING = (
    *("n/a", "n.a.", "na", "n/d", "n.d.", "nd", "s/d", "-", "--", "–", "—", "null", "none", "nil"),
    *("tbc", "tbd", "por definir", "sin dato", "sin datos", "a definir", "sem dados"),
)
"""What people write for unknown, in any case, where a date, a number or a listed value is due."""
FORMULA_ERRORS = (
    *(
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "#VALUE!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#CALC!",
        "#SPILL!",
        "#GETTING_DATA",
    ),
    *(
        "#¡REF!",
        "#N/D",
        "#¡DIV/0!",
        "#¡VALOR!",
        "#¿NOMBRE?",
        "#¡NUM!",
        "#¡NULO!",
        "#¡CALC!",
        "#DIV/0!",
        "#NOME?",
    ),
)
PER_USD: Mapping[str, tuple[float, float]] = {
    "MXN": (2, 200), "COP": (300, 30_000), "CLP": (200, 5_000), "PEN": (1.5, 20), "BRL": (1.2, 30), "ARS": (3, 100_000),
    "GTQ": (4, 40), "CRC": (80, 3_000), "HNL": (5, 100), "NIO": (5, 200), "PYG": (1_000, 50_000), "UYU": (5, 200),
    "DOP": (8, 300), "BOB": (3, 50), "JPY": (70, 500), "INR": (15, 300), "CNY": (4, 20), "SEK": (4, 30),
}  # fmt: skip
"""Units for one US dollar since the nineties: outside, and inside once inverted, is a rate quoted the other way round."""

_BLANKS: Final = " \u00a0\u202f\u2009\t"
_EDGES: Final = " \t\r\n\u00a0\u202f\u2009\u200b\ufeff"
_SIGNS: Final = "$€£¥₡"
_C1: Final = "".join(chr(c) for c in range(0x80, 0xA0) if c not in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
_C1_MEANT: Final = "".join(bytes([ord(c)]).decode("cp1252") for c in _C1)
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"


@dataclass(frozen=True)
class Parsed:
    """A column as SQL in four steps, each of which may name the ones before it.

    `bare` becomes the column b_…, `text` t_…, `value` the column itself; `reasons` refuse a cell, the first that holds.
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
        return f'"t_{self.column.name}"'

    @property
    def v(self) -> str:
        """Its value."""
        return f'"{self.column.name}"'


def text_of(raw: str, column: Column, rule: ColumnRule) -> str:
    """The text of a cell once the mapping has had its say."""
    text = f"nullif(trim({raw}, {q(_EDGES)}), '')"
    if rule.pattern:
        group = 1 if "(" in rule.pattern.replace("\\(", "").replace("(?", "") else 0
        text = f"nullif(regexp_extract({text}, {q(rule.pattern)}, {group}), '')"
    if rule.values:
        text = _translated(text, rule.values)
    if rule.slug:
        text = (
            f"nullif(trim(regexp_replace(lower(strip_accents({text})), '[^\\pL\\pN]+', '-', 'g'), '-'), '')"
        )
    if words := nothing_words(column, rule):
        text = f"case when {among(text, words)} then null else {text} end"
    if column.type == "text":
        text = f"case when regexp_matches({text}, '[\\x{{80}}-\\x{{9f}}]') then translate({text}, {q(_C1)}, {q(_C1_MEANT)}) else {text} end"
    if column.type == "id":
        text = f"regexp_replace({text}, '\\s+', ' ', 'g')"
    given = rule.value if rule.value is not None else rule.default
    return f"coalesce({text}, {q(given)})" if given is not None else text


def nothing_words(column: Column, rule: ColumnRule) -> tuple[str, ...]:
    """The words that mean nothing is known, in a column; in texts and ids only those that its own rule says."""
    return rule.empty if column.type in ("text", "id") else (*NOTHING, *rule.reading.empty, *rule.empty)


def among(text: str, words: Iterable[str]) -> str:
    """Whether a cell is one of some words, in any case; a word with * stands for all that fit."""
    folded = f"lower(regexp_replace({text}, '\\s+', ' ', 'g'))"
    exact = [q(" ".join(w.split()).lower()) for w in words if "*" not in w]
    fitting = [f"{folded} glob {q(' '.join(w.split()).lower())}" for w in words if "*" in w]
    tests = ([f"{folded} in ({', '.join(exact)})"] if exact else []) + fitting
    return f"({' or '.join(tests)})" if tests else "false"


def _translated(text: str, values: Mapping[str, str]) -> str:
    folded = f"lower(regexp_replace({text}, '\\s+', ' ', 'g'))"
    exact = [f"when {folded} = {q(k)} then nullif({q(v)}, '')" for k, v in values.items() if "*" not in k]
    fitting = [f"when {folded} glob {q(k)} then nullif({q(v)}, '')" for k, v in values.items() if "*" in k]
    return f"case {' '.join([*exact, *fitting])} else {text} end"


# -- numbers -----------------------------------------------------------------------------------------------------------


def is_plain_number(x: str) -> str:
    """Whether a cell reads as a number as it stands."""
    return f"(isfinite(try_cast({x} as double)) and not contains({x}, '_'))"


def bare(x: str) -> str:
    """A number's text without currency signs, brackets and per cent sign."""
    signless = f"trim(translate({x}, {q('−' + _SIGNS)}, '-'), {q(_BLANKS)})"
    return (
        f"case when regexp_matches({signless}, '^\\(.*\\)$|-$') "
        f"then '-' || trim({signless}, {q('()-' + _BLANKS)}) else rtrim({signless}, {q('%' + _BLANKS)}) end"
    )


def proves_point(b: str) -> str:
    """Whether a bare number can only have a decimal point."""
    return (
        f"(regexp_matches({b}, '^[-+]?\\d*\\.\\d*([eE].*)?$') and not regexp_matches({b}, '^[-+]?[1-9]\\d{{0,2}}\\.\\d{{3}}$')"
        f" or regexp_matches({b}, '^[-+]?\\d{{1,3}}(,\\d{{3}})+\\.\\d*$|^[-+]?\\d{{1,3}}(,\\d{{3}}){{2,}}$'))"
    )


def proves_comma(b: str) -> str:
    """Whether a bare number can only have a decimal comma."""
    return (
        f"(regexp_matches({b}, '^[-+]?\\d*,\\d*$') and not regexp_matches({b}, '^[-+]?[1-9]\\d{{0,2}},\\d{{3}}$')"
        f" or regexp_matches({b}, '^[-+]?\\d{{1,3}}(\\.\\d{{3}})+,\\d*$|^[-+]?\\d{{1,3}}(\\.\\d{{3}}){{2,}}$'))"
    )


def number(cell: Cell) -> Parsed:
    """money, number, fraction, integer."""
    x, column, rule, v = cell.x, cell.column, cell.rule, cell.v
    t = x if cell.is_simple else cell.t
    ambiguous = "false" if cell.is_simple else _ambiguous(cell)
    double = f"try_cast({t} as double)"
    reasons = [("ambiguous_number", ambiguous), ("number", f"not coalesce(isfinite({double}), false)")]
    if column.type == "fraction":
        share = "100" if rule.percent else f"case when contains({x}, '%') then 100 else 1 end"
        value = f"round({double} / {share}, 12)"
        reasons += [("percent" if rule.percent else "fraction", f"{v} > 1"), ("min", f"{v} < 0")]
    else:
        reasons.append(("percent_sign", f"contains({x}, '%')"))
        value = _scaled(double, rule.scale)
        if column.type == "money":
            value = _money(t, rule.scale)
            reasons.append(("number_size", f"{v} is null"))
        elif column.type == "integer":
            reasons.append(("integer", f"{v} is null or {value} <> floor({value})"))
            value = f"try_cast({value} as bigint)"
        reasons += _bounds(column, v)
    if cell.is_simple:
        return Parsed(value, reasons)
    return Parsed(value, reasons, bare(x), _number_text(cell))


def _decimal(cell: Cell) -> str:
    b, reading = cell.b, cell.rule.reading
    own = f"case when {proves_point(b)} then '.' when {proves_comma(b)} then ',' when not regexp_matches({b}, '[.,]') then '.' end"
    return q(reading.decimal) if reading.decimal else f"coalesce(decimal_mark, {own})"


def _ambiguous(cell: Cell) -> str:
    """Whether a number can be read in two ways: as a thousand, or as a fraction of one."""
    if cell.rule.reading.decimal:
        return "false"
    return (
        f"(not {cell.native} and (decimal_mark is null and regexp_matches({cell.b}, '^[-+]?[1-9]\\d{{0,2}}[.,]\\d{{3}}$')"
        f" or not is_proven and regexp_matches({cell.b}, '^[-+]?[1-9]\\d{{0,2}},\\d{{3}}$')))"
    )


def _number_text(cell: Cell) -> str:
    """A number's text with a decimal point; NULL where it is none."""
    b, thousands = cell.b, cell.rule.reading.thousands
    with_comma = f"replace({_grouped(b, ',', thousands)}, ',', '.')"
    return f"case when {cell.native} then {cell.x} when {_decimal(cell)} = ',' then {with_comma} else {_grouped(b, '.', thousands)} end"


def _grouped(b: str, decimal: str, thousands: str | None) -> str:
    """A bare number without what stands between its thousands; NULL where it is none."""
    between = thousands if thousands is not None else f"{',' if decimal == '.' else '.'}{_BLANKS}'’"
    between = _BLANKS if between == " " else between
    mark = "\\" + decimal
    listed = "".join(rf"\{c}" if c in ".-" else c for c in between)
    group = f"[{listed}]" if between else "x"
    shape = f"^[-+]?(\\d+|\\d{{1,3}}({group}\\d{{3}})+)?({mark}\\d*)?([eE][-+]?\\d+)?$"
    return f"case when regexp_matches({b}, {q(shape)}) then translate({b}, {q(between)}, '') end"


def _money(text: str, scale: float | None) -> str:
    if scale is None:
        return f"coalesce(try_cast({text} as decimal(18,4)), try_cast(try_cast({text} as double) as decimal(18,4)))"
    return f"try_cast(try_cast({text} as decimal(24,8)) * {scale!r}::decimal(14,4) as decimal(18,4))"


def _scaled(number: str, scale: float | None) -> str:
    return f"({number} * {scale!r})" if scale is not None else number


def _bounds(column: Column, value: str) -> list[tuple[str, str]]:
    bounds = (("min", column.min, "<"), ("max", column.max, ">"))
    return [(name, f"{value} {sign} {bound}") for name, bound, sign in bounds if bound is not None]


# -- dates -------------------------------------------------------------------------------------------------------------

_SLASHED = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:$|[ T])"
_DOTTED = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:$|[ T])"
_ISO = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[ T])"
_NAMED = r"^(\d{1,2})(?:[-/ .]|\s+de\s+|\.\s)(\pL{3,})\.?(?:[-/ .,]|\s+del?\s+)+(\d{4}|\d{2})(?:$|[ T])"
_NAMED_FIRST = r"^(\pL{3,})\.?\s+(\d{1,2}),?\s+(\d{4})(?:$|[ T])"


def is_iso_date(x: str) -> str:
    """Whether a cell reads as a date as it stands."""
    return f"({_quick_iso(x)} is not null)"


def _quick_iso(x: str) -> str:
    return (
        f"case when {x}[5] = '-' and {x}[8] = '-' and (length({x}) = 10 or {x}[11] in (' ', 'T'))"
        f" then try_cast(left({x}, 10) as date) end"
    )


def proves_day_first(x: str) -> str:
    """Whether a cell can only have the day before the month."""
    return _first_two(x, ">", "<=")


def proves_month_first(x: str) -> str:
    """Whether a cell can only have the month before the day."""
    return _first_two(x, "<=", ">")


def _first_two(x: str, first: str, second: str) -> str:
    one, two = (f"try_cast(regexp_extract({x}, {q(_SLASHED)}, {group}) as integer)" for group in (1, 2))
    return f"({one} {first} 12 and {two} {second} 12)"


def day(cell: Cell) -> Parsed:
    """date. Where a day before a month can't be told from a month before a day, nothing is guessed."""
    x, v, formats = cell.x, cell.v, cell.rule.reading.date_format
    off = ("date_range", f"{v} not between date '{EARLIEST}' and date '{LATEST}'")
    if cell.is_simple:
        return Parsed(_quick_iso(x), [off])
    ways = [_quick_iso(x), _made(x, _ISO, 1, 2, 3)]
    ambiguous = "false"
    if formats:
        ways += [
            f"coalesce(try_strptime({x}, {q(f)}), try_strptime(split_part({x}, ' ', 1), {q(f)}))::date"
            for f in formats
        ]
    else:
        day_first, month_first = _made(x, _SLASHED, 3, 2, 1), _made(x, _SLASHED, 3, 1, 2)
        ambiguous = (
            f"(not {cell.native} and {v} is null and date_order is null and {day_first} <> {month_first})"
        )
        ways += [
            f"case when regexp_matches({x}, '^\\d{{8}}$') then try_strptime({x}, '%Y%m%d')::date end",
            _made(x, _DOTTED, 3, 2, 1),
            _made(x, _NAMED, 3, 2, 1, is_named=True),
            _made(x, _NAMED_FIRST, 3, 1, 2, is_named=True),
            f"case when date_order = 'day' then {day_first} when date_order = 'month' then {month_first}"
            f" when {day_first} = {month_first} or {month_first} is null then {day_first} when {day_first} is null then {month_first} end",
        ]
    is_serial = f"try_cast({x} as double) between {FIRST_SERIAL} and {LAST_SERIAL}"
    native = f"coalesce({_quick_iso(x)}, case when {is_serial} then date '1899-12-30' + floor({x}::double)::integer end)"
    serial = f"{v} is null and {is_serial}"
    return Parsed(
        f"case when {cell.native} then {native} else coalesce({', '.join(ways)}) end",
        [
            ("ambiguous_date", ambiguous),
            ("date_serial", serial),
            ("date_impossible", f"{v} is null and {_never(x)}"),
            ("date", f"{v} is null"),
            off,
        ],
    )


def _never(x: str) -> str:
    """Whether a cell names a day that is in no calendar, whichever way it is read."""
    shapes = ((_ISO, 1, 2, 3), (_DOTTED, 3, 2, 1), (_SLASHED, 3, 2, 1))
    shaped = " or ".join(
        f"(regexp_matches({x}, {q(shape)}) and {_made(x, shape, y, m, d)} is null and {_made(x, shape, y, d, m)} is null)"
        for shape, y, m, d in shapes
    )
    return f"({shaped})"


def _month_number(word: str) -> str:
    pairs = ", ".join(f"{q(name)}: '{number}'" for name, number in months().items())
    return f"(map {{{pairs}}})[left(strip_accents(lower({word})), 3)]"


def _made(x: str, shape: str, year: int, month: int, of_month: int, *, is_named: bool = False) -> str:
    y, m, d = (f"regexp_extract({x}, {q(shape)}, {group})" for group in (year, month, of_month))
    if is_named:
        m = _month_number(m)
        y = f"case when length({y}) = 2 then (case when {y} >= '90' then '19' else '20' end) || {y} else {y} end"
    return f"case when regexp_matches({x}, {q(shape)}) then try_cast({y} || '-' || {m} || '-' || {d} as date) end"


# -- words -------------------------------------------------------------------------------------------------------------


def word(cell: Cell) -> Parsed:
    """enum, boolean, currency, country: `lookup` has every text found that means one."""
    value = "null::varchar"
    if cell.lookup:
        value = f"(map {{{', '.join(f'{q(found)}: {q(meant)}' for found, meant in cell.lookup.items())}}})[{cell.x}]"
    value = f"({value})::boolean" if cell.column.type == "boolean" else value
    return Parsed(value, [(cell.column.type, f"{cell.v} is null")])


def text(cell: Cell) -> Parsed:
    """text and id."""
    longest = LONGEST_ID if cell.column.type == "id" else LONGEST_TEXT
    return Parsed(
        cell.x,
        [
            ("text_size", f"length({cell.x}) > {longest}"),
            ("control_characters", f"regexp_matches({cell.x}, '{_CONTROL}')"),
        ],
    )


def inverted_rate(currency: str, value: str) -> list[tuple[str, str]]:
    """What refuses a rate that is quoted the other way round, or is none."""
    cases = " or ".join(
        f"({currency} = '{code}' and {value} not between {low} and {high} and 1 / {value} between {low} and {high})"
        for code, (low, high) in PER_USD.items()
    )
    return [
        ("zero_rate", f"{value} = 0"),
        ("inverse_rate", f"({cases})"),
        ("dollar_rate", f"{currency} = 'USD' and {value} <> 1"),
    ]


def moment(name: str) -> Parsed:
    """A day and time, in universal time where it says its zone."""
    x = f'"x_{name}"'
    zoned = f"regexp_matches({x}, '(Z|[+-]\\d\\d:?\\d\\d)$')"
    value = f"case when {zoned} then try_cast({x} as timestamptz) at time zone 'UTC' else try_cast({x} as timestamp) end"
    return Parsed(value, [("moment", f'{x} is not null and "{name}" is null')])


def parsed(cell: Cell) -> Parsed:
    """The steps of a cell, by its column's type; a broken formula or a gap comes before all other reasons."""
    kind, x = cell.column.type, cell.x
    if kind == "date":
        found = day(cell)
    elif kind in ("money", "number", "fraction", "integer"):
        found = number(cell)
    elif kind in ("text", "id"):
        found = text(cell)
    else:
        found = word(cell)
    before = [("formula", f"{x} in ({', '.join(map(q, FORMULA_ERRORS))})")]
    gap = [("required", f"{x} is null")] if cell.column.required else []
    after = [
        (reason, f"{x} is not null and ({condition})")
        for reason, condition in found.reasons
        if condition != "false"
    ]
    return replace(found, reasons=[*before, *gap, *after])


def q(value: str | None) -> str:
    """A text as an SQL literal."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"
