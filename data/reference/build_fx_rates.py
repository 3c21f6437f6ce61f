"""Rebuild fx_rates.csv beside this file from the two published series.

    python data/reference/build_fx_rates.py ECB_CSV TRM_CSV

ECB_CSV is the European Central Bank's euro reference rates (eurofxref-hist.csv), TRM_CSV the Colombian
Tasa de Cambio Representativa del Mercado as exported from datos.gov.co. See SOURCES.md.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

MONTHLY_FROM = date(2013, 1, 1)
DAILY_FROM = date(2023, 6, 1)
DAILY_TO = date(2025, 8, 31)
MONTHLY_ONLY_TO = date(2025, 12, 31)
MONTHLY_ONLY = ("GBP",)
DECIMALS = {"MXN": 4, "COP": 2, "EUR": 5, "GBP": 5}
PLAN_STEP = {"MXN": 0.1, "COP": 25.0, "EUR": 0.01, "GBP": 0.01}
PLAN_MONTH = 11

Series = Mapping[date, float]


def read_ecb(path: Path) -> dict[str, dict[date, float]]:
    """Units per US dollar, by currency and day, crossed from the euro's rates of the same day."""
    series: dict[str, dict[date, float]] = {"EUR": {}, "MXN": {}, "GBP": {}}
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["USD"] == "N/A":
                continue
            day, usd = date.fromisoformat(row["Date"]), float(row["USD"])
            series["EUR"][day] = 1 / usd
            for currency in ("MXN", "GBP"):
                if row[currency] != "N/A":
                    series[currency][day] = float(row[currency]) / usd
    return series


def read_trm(path: Path) -> dict[date, float]:
    """Pesos per US dollar by the day from which each rate is in force."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {
            datetime.strptime(row["VIGENCIADESDE"], "%d/%m/%Y").date(): float(
                row["VALOR"].replace("$", "").replace(",", "")
            )
            for row in csv.DictReader(handle)
        }


def actual_rates(currency: str, series: Series) -> dict[date, float]:
    """Month ends first, then every published day; month ends only for the currencies kept monthly."""
    monthly_only = currency in MONTHLY_ONLY
    last = MONTHLY_ONLY_TO if monthly_only else DAILY_TO
    days = sorted(day for day in series if MONTHLY_FROM <= day <= last)
    month_ends = [max(group) for _, group in groupby(days, key=lambda day: (day.year, day.month))]
    kept = {day for day in month_ends if monthly_only or day < DAILY_FROM}
    if not monthly_only:
        kept |= {day for day in days if day >= DAILY_FROM}
    return {day: round(series[day], DECIMALS[currency]) for day in sorted(kept)}


def plan_rates(currency: str, series: Series) -> dict[date, float]:
    """One planning rate a calendar year: the mean of the November before, rounded to a coarse step."""
    step = PLAN_STEP[currency]
    plans = {}
    for year in range(MONTHLY_FROM.year, DAILY_TO.year + 2):
        before = [rate for day, rate in series.items() if (day.year, day.month) == (year - 1, PLAN_MONTH)]
        published = date(year - 1, PLAN_MONTH, 30) <= DAILY_TO
        if before and published:
            plans[date(year, 1, 1)] = round(round(sum(before) / len(before) / step) * step, 2)
    return plans


def main(ecb: Path, trm: Path) -> None:
    """Write fx_rates.csv beside this script."""
    series: dict[str, dict[date, float]] = {"COP": read_trm(trm), **read_ecb(ecb)}
    target = Path(__file__).with_name("fx_rates.csv")
    with target.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["currency", "rate_date", "basis", "per_usd"])
        for currency in sorted(series):
            for basis, rates in (
                ("actual", actual_rates(currency, series[currency])),
                ("plan", plan_rates(currency, series[currency])),
            ):
                writer.writerows([currency, day.isoformat(), basis, rate] for day, rate in rates.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
