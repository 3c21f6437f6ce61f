"""Working days of each country, as a table that the marts join: weekends and statutory holidays left out."""

from __future__ import annotations

from datetime import date

import duckdb
import holidays
import pyarrow as pa

FIRST_YEAR = 1980
LAST_YEAR = 2080
ALWAYS = ("CO", "MX")
NO_COUNTRY = ""
"""The calendar of a project whose country is unknown: Monday to Friday, no holidays."""

_SATURDAY, _SUNDAY = 5, 6

_WRITE = """
create or replace table work.working_day as
with day as (
    select unnest(generate_series($first::date, $last::date, interval 1 day))::date as "day"
), calendar as (
    select
        c.country,
        d."day",
        coalesce(e.is_working, not list_contains(c.weekend, isodow(d."day") - 1)) as is_working
    from given_country c
    cross join day d
    left join given_exception e on e.country = c.country and e."day" = d."day"
)
select
    country,
    "day",
    is_working,
    (sum(is_working::int) over (partition by country order by "day"))::int as number
from calendar
order by country, "day"
"""


def write_calendars(con: duckdb.DuckDBPyConnection) -> None:
    """Write `work.working_day`: one row per country × day from 1980 to 2080.

    Columns: `country` (ISO 3166-1 alpha-2), `day`, `is_working`, and `number`, the count of working days up
    to and including the day, so that the working days in (a, b] are number(b) - number(a), signed. Holds
    Mexico, Colombia, every country that `timeline.projects` or `timeline.programmes` names, and "" for a
    project without a country or in one whose holidays are not known: Monday to Friday.
    Holidays are the public ones of the `holidays` library, with Colombia's moved to their Mondays.

    Raises duckdb.Error if the timeline's registers are missing.
    """
    named = con.execute(
        "select country from timeline.projects where country is not null "
        "union select country from timeline.programmes where country is not null"
    ).fetchall()
    countries = sorted({NO_COUNTRY, *ALWAYS, *(country for (country,) in named)})
    weekends: list[list[int]] = []
    exceptions: dict[str, list[object]] = {"country": [], "day": [], "is_working": []}
    for country in countries:
        weekend, days = calendar(country)
        weekends.append(weekend)
        for day, is_working in days.items():
            exceptions["country"].append(country)
            exceptions["day"].append(day)
            exceptions["is_working"].append(is_working)
    columns = {"country": pa.string(), "weekend": pa.list_(pa.int64())}
    con.execute("create schema if not exists work")
    con.register("given_country", pa.table({"country": countries, "weekend": weekends}, pa.schema(columns)))
    con.register(
        "given_exception",
        pa.table(
            exceptions,
            pa.schema({"country": pa.string(), "day": pa.date32(), "is_working": pa.bool_()}),
        ),
    )
    con.execute(_WRITE, {"first": date(FIRST_YEAR, 1, 1), "last": date(LAST_YEAR, 12, 31)})
    con.unregister("given_country")
    con.unregister("given_exception")


def calendar(country: str) -> tuple[list[int], dict[date, bool]]:
    """A country's weekend (0 = Monday), and the days that differ from it with whether they are worked."""
    if country not in holidays.list_supported_countries():
        return [_SATURDAY, _SUNDAY], {}
    known = holidays.country_holidays(country, years=range(FIRST_YEAR, LAST_YEAR + 1))
    worked = {day for day in known.weekend_workdays if FIRST_YEAR <= day.year <= LAST_YEAR}
    days = {day: False for day in known if day not in worked}
    return sorted(known.weekend), {**days, **dict.fromkeys(worked, True)}
