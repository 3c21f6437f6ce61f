"""Numbers, money, dates and spans as people read them. A missing value is "n/a", never 0.

Tiles take `money` and its signed sister (three significant figures); tables take `amount` (in full).
Fractions are 0-1, `pp` takes percentage points, days are calendar days. Rounding happens only here.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pandas as pd
from babel.dates import format_date
from babel.numbers import format_decimal

from locales import NUMBER_LOCALES, Translator

MINUS = "\u2212"
NBSP = "\u00a0"
_SCALES = (
    (1e12, "format.trillion"),
    (1e9, "format.billion"),
    (1e6, "format.million"),
    (1e3, "format.thousand"),
)


def is_missing(value: Any) -> bool:
    """Whether a value is unknown: None, NaN, NaT, pd.NA or infinite."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, Decimal):
        return not value.is_finite()
    if isinstance(value, date):
        return False
    try:
        return not math.isfinite(value)
    except TypeError:
        return bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False


def as_date(value: Any) -> date:
    """A date from a date, datetime or pandas timestamp."""
    return value.date() if isinstance(value, datetime) else value


@dataclass(frozen=True)
class Formats:
    """The formats of one language. Every method returns plain text and says "n/a" for a missing value."""

    t: Translator

    @property
    def locale(self) -> str:
        """The CLDR locale whose separators and month names are used."""
        return NUMBER_LOCALES.get(self.t.language, self.t.language)

    @property
    def typed_date(self) -> str:
        """How a date is typed: ISO in English, whose readers do not agree on an order."""
        return "YYYY-MM-DD" if self.t.language == "en" else "DD/MM/YYYY"

    def missing(self, reason: str | None = None) -> str:
        """Unknown, with the reason where it is known."""
        return self.t.t("format.missing_because", reason=reason) if reason else self.t.t("format.missing")

    def number(self, value: Any, digits: int = 0, *, signed: bool = False) -> str:
        """Grouped, with exactly `digits` decimals."""
        if is_missing(value):
            return self.missing()
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = round(float(value), digits)
        return _sign(rounded, signed) + str(format_decimal(abs(rounded), pattern, self.locale))

    def short(self, value: Any, *, signed: bool = False) -> str:
        """Three significant figures with k, M … behind: 12.4 M."""
        if is_missing(value):
            return self.missing()
        rounded = _significant(float(value))
        size = abs(rounded)
        for scale, key in _SCALES:
            if size >= scale:
                shown = f"{self._three(size / scale)}{NBSP}{self.t.t(key)}"
                break
        else:
            shown = self._three(size)
        return _sign(rounded, signed) + shown

    def money(self, value: Any, currency: str | None, *, signed: bool = False) -> str:
        """Money in a tile or sentence: "MXN 12.4 M"; with `signed` a change, "+MXN 1.2 M"."""
        if is_missing(value):
            return self.missing()
        short = self.short(abs(value))
        return _sign(_significant(float(value)), signed) + (f"{currency}{NBSP}{short}" if currency else short)

    def money_parts(self, total: Any, parts: Sequence[Any], currency: str | None) -> list[str]:
        """The parts of a sum as money, to the places that `money` shows of the sum, so that they add up to it."""
        if is_missing(total) or not total or any(is_missing(part) for part in parts):
            return [self.money(part, currency) for part in parts]
        return [self.money(part, currency) for part in shared_out(total, parts, _places(float(total)))]

    def amount(self, value: Any, currency: str | None = None, digits: int = 2) -> str:
        """Money in full, for tables and evidence: "MXN 12,412,233.10"."""
        if is_missing(value):
            return self.missing()
        shown = self.number(value, digits)
        return f"{currency}{NBSP}{shown}" if currency else shown

    def percent(self, fraction: Any, digits: int = 1, *, signed: bool = False) -> str:
        """A fraction as a percentage: 0.123 is "12.3 %"."""
        if is_missing(fraction):
            return self.missing()
        return f"{self.number(float(fraction) * 100, digits, signed=signed)}{NBSP}%"

    def pp(self, points: Any, digits: int = 1, *, signed: bool = True) -> str:
        """Percentage points, a change: "−3.2 pp"."""
        if is_missing(points):
            return self.missing()
        return f"{self.number(points, digits, signed=signed)}{NBSP}{self.t.t('format.pp')}"

    def ratio(self, value: Any, digits: int = 2) -> str:
        """An index such as CPI: "0.93"."""
        return self.number(value, digits)

    def days_short(self, value: Any, *, signed: bool = True) -> str:
        """A span for tiles and table cells, signed because slip is a change: "+42 d"."""
        if is_missing(value):
            return self.missing()
        return f"{self.number(value, signed=signed)}{NBSP}{self.t.t('format.d')}"

    def days(self, value: Any) -> str:
        """A span in a sentence, in the right plural: "1 day", "42 days"."""
        if is_missing(value):
            return self.missing()
        return self.t.n("format.days", round(float(value)))

    def span(self, days: Any) -> str:
        """A rough span in the unit a person would choose: "12 days", "5 weeks", "7 months", "2 years"."""
        if is_missing(days):
            return self.missing()
        size = abs(float(days))
        if size < 21:
            return self.t.n("format.days", round(size))
        if size < 61:
            return self.t.n("format.weeks", round(size / 7))
        if size < 730:
            return self.t.n("format.months", round(size / 30.44))
        return self.t.n("format.years", round(size / 365.25))

    def date(self, value: Any) -> str:
        """ "30 Sep 2026" / "30 sep 2026"."""
        return self._date(value, "d MMM y")

    def day(self, value: Any) -> str:
        """Without the year: "30 Sep"."""
        return self._date(value, "d MMM")

    def month(self, value: Any) -> str:
        """ "Sep 2026"."""
        return self._date(value, "MMM y")

    def by_unit(self, value: Any, unit: str, currency: str | None = None, *, signed: bool = False) -> str:
        """A value in its unit: ratio, fraction, pp, days, count, money or score. Raises KeyError."""
        how: dict[str, Callable[[], str]] = {
            "ratio": lambda: self.ratio(value),
            "fraction": lambda: self.percent(value, signed=signed),
            "pp": lambda: self.pp(value, signed=signed),
            "days": lambda: self.days_short(value, signed=signed),
            "money": lambda: self.money(value, currency, signed=signed),
            "score": lambda: self.number(value, 1, signed=signed),
            "count": lambda: self.number(value, signed=signed),
        }
        return how[unit]()

    def _three(self, size: float) -> str:
        digits = 0 if size >= 100 else 1 if size >= 10 else 2
        pattern = "#,##0." + "#" * digits if digits else "#,##0"
        return str(format_decimal(round(size, digits), pattern, self.locale))

    def _date(self, value: Any, pattern: str) -> str:
        if is_missing(value):
            return self.missing()
        return _written(as_date(value), pattern, self.locale)


def shared_out(total: float, parts: Sequence[float], digits: int) -> list[float]:
    """The parts rounded so that they add up to the rounded total: what is lacking goes to the largest remainders.

    Parts of another total are rounded each by itself. `digits` below 0 are places before the point.
    """
    unit = 10.0**-digits
    counts = [math.floor(float(part) / unit) for part in parts]
    lacking = round(round(float(total), digits) / unit) - sum(counts)
    if not 0 <= lacking <= len(parts):
        return [round(float(part), digits) for part in parts]
    order = sorted(range(len(parts)), key=lambda i: counts[i] - float(parts[i]) / unit)
    for i in order[:lacking]:
        counts[i] += 1
    return [round(count * unit, digits) for count in counts]


def folded(text: str) -> str:
    """A text without case and accents, to find it by."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, locale: str) -> str:
    """Kept: the date filters alone write two years of dates on every run."""
    return format_date(day, pattern, locale).replace(".", "")


def _significant(value: float, figures: int = 3) -> float:
    if value == 0:
        return 0.0
    return round(value, _places(value, figures))


def _places(value: float, figures: int = 3) -> int:
    """The decimals, or places before the point below 0, that so many significant figures of a value have."""
    return figures - 1 - math.floor(math.log10(abs(value)))


def _sign(rounded: float, signed: bool) -> str:
    if rounded < 0:
        return MINUS
    return "+" if signed and rounded > 0 else ""
