from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from locales import translator
from ui.formats import Formats, shared_out

EN, ES = Formats(translator("en")), Formats(translator("es"))


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), pd.NA, pd.NaT, np.nan, Decimal("NaN")])
def test_missing_is_never_a_number(value: object) -> None:
    shown = [
        EN.number(value), EN.short(value), EN.money(value, "MXN"), EN.amount(value, "MXN"), EN.percent(value),
        EN.pp(value), EN.ratio(value), EN.days_short(value), EN.days(value), EN.span(value), EN.date(value),
        EN.month(value), EN.by_unit(value, "fraction"),
    ]  # fmt: skip
    assert set(shown) == {"n/a"}
    assert ES.money(value, "MXN") == "n/d"


def test_missing_with_its_reason() -> None:
    assert EN.missing("no order") == "n/a: no order"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "currency", "signed", "en", "es"),
    [
        (12_412_233, "MXN", False, "MXN 12.4 M", "MXN 12.4 M"),
        (Decimal("999950"), "USD", False, "USD 1 M", "USD 1 M"),
        (999_499, "USD", False, "USD 999 k", "USD 999 mil"),
        (45_210_000_000, "COP", False, "COP 45.2 bn", "COP 45.2 mil M"),
        (0, "USD", True, "USD 0", "USD 0"),
        (-1_234_567, "EUR", True, "−EUR 1.23 M", "−EUR 1.23 M"),
        (1_234_567, "EUR", True, "+EUR 1.23 M", "+EUR 1.23 M"),
        (87.654, "USD", False, "USD 87.7", "USD 87.7"),
    ],
)
def test_money_has_three_figures(value: object, currency: str, signed: bool, en: str, es: str) -> None:
    assert plain(EN.money(value, currency, signed=signed)) == en
    assert plain(ES.money(value, currency, signed=signed)) == es


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (EN.pp(-3.24), "−3.2 pp"),
        (EN.pp(0.04), "0.0 pp"),
        (EN.pp(-0.04), "0.0 pp"),
        (EN.days_short(42), "+42 d"),
        (EN.days_short(-3), "−3 d"),
        (EN.days(1), "1 day"),
        (ES.days(42), "42 días"),
        (EN.percent(0.1234), "12.3 %"),
        (EN.percent(-0.5, 0), "−50 %"),
        (EN.percent(0.021, signed=True), "+2.1 %"),
        (EN.ratio(0.9), "0.90"),
        (EN.amount(Decimal("12412233.1"), "MXN"), "MXN 12,412,233.10"),
        (EN.number(-0.4), "0"),
        (EN.span(5), "5 days"),
        (EN.span(36), "5 weeks"),
        (ES.span(213), "7 meses"),
        (EN.span(800), "2 years"),
        (EN.by_unit(0.05, "fraction"), "5.0 %"),
        (EN.by_unit(7.25, "score"), "7.2"),
        (EN.by_unit(2_000_000, "money", "USD"), "USD 2 M"),
    ],
)
def test_units(shown: str, text: str) -> None:
    assert plain(shown) == text


@pytest.mark.parametrize("value", [date(2026, 9, 30), datetime(2026, 9, 30, 5), pd.Timestamp("2026-09-30")])
def test_dates(value: object) -> None:
    assert EN.date(value) == "30 Sep 2026"
    assert ES.date(value) == "30 sep 2026"
    assert ES.month(value) == "sep 2026"
    assert EN.day(value) == "30 Sep"


@pytest.mark.parametrize(
    ("total", "parts", "digits", "shown"),
    [
        (-0.29, (-0.066, 0.038, -0.262), 2, [-0.07, 0.04, -0.26]),
        (1.0, (1 / 3, 1 / 3, 1 / 3), 2, [0.34, 0.33, 0.33]),
        (13.954e6, (3.814e6, 10.14e6), -5, [3.8e6, 10.2e6]),
        (0.0, (0.004, -0.004), 2, [0.0, 0.0]),
        (5.0, (1.04, 2.04), 1, [1.0, 2.0]),
        (0.0, (), 1, []),
    ],
    ids=["signs", "thirds", "places before the point", "nothing", "parts of another total", "no parts"],
)
def test_parts_add_up_to_what_is_shown(
    total: float, parts: tuple[float, ...], digits: int, shown: list[float]
) -> None:
    assert shared_out(total, parts, digits) == pytest.approx(shown)


@pytest.mark.parametrize(
    ("total", "parts", "shown"),
    [
        (13_954_000, (3_814_000, 10_140_000), ["USD 3.8 M", "USD 10.2 M"]),
        (3_612_000, (432_000, 3_180_000), ["USD 430 k", "USD 3.18 M"]),
        (None, (432_000, None), ["USD 432 k", "n/a"]),
        (0, (0, 0), ["USD 0", "USD 0"]),
    ],
)
def test_money_parts(total: object, parts: tuple[object, ...], shown: list[str]) -> None:
    assert [plain(text) for text in EN.money_parts(total, parts, "USD")] == shown
