"""Worked examples: a metric computed anew from the rows that it is made of, beside what the mart holds.

metrics/definitions.toml says how, in SQL over `own`, a row of the metric's mart; how to read it stands at its head. Here
is what such an example may read: rows of contract tables as they were in force on the day of that row, rows of marts, and
the projects of a roll-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from duckdb import DuckDBPyConnection

from metrics.calendars import NO_COUNTRY, calendar
from metrics.definitions import Definition, Rows
from metrics.scope import UNASSIGNED

ROLL_UP = "mart_rollup_status"
PORTFOLIO = "portfolio"
"""Rows of an example: the projects that a row of the roll-up is of, `usd` dollars for one unit of their money."""
RATES = "mart_exchange_rate"

_DAYS = {"mart_baseline": "valid_from", ROLL_UP: "month_end"}
"""The day of a mart's row, where it is not its status_date."""

_ITEMS = {
    "mart_cash": "item_id",
    "mart_currency_exposure": "currency",
    "mart_data_quality": "check_id",
    "mart_exchange_rate": "currency",
    "mart_exchange_variance": "measure",
    "mart_margin_bridge": "step",
    "mart_milestone_slip": "name",
    "mart_period_sales": "month",
    "mart_period_value": "period_end",
    "mart_rag_evidence": "rule_id",
    "mart_risk_exposure": "title",
    "mart_rollup_status": "level_name",
    "mart_schedule_quality": "check_id",
    "mart_site_progress": "week_end",
}
"""What tells a row from the others of its project and day."""


@dataclass(frozen=True)
class Held:
    """How rows of a contract table stand as of a day: one per `key` (None: all), the newest.

    `newest`: only those of the newest delivery of all. `ever`: also those that later ones have replaced. `extra` (columns
    more) and `where` are SQL over the rows `t` as of `p`.
    """

    key: tuple[str, ...] | None = ()
    newest: bool = False
    ever: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


_POINT = "partition by p.project_id, p.status_date"
_LINE = f"{_POINT}, t.scenario, t.line, t.currency"
HELD: Mapping[str, Held] = {
    "acceptances": Held(("acceptance_id",)),
    "baselines": Held(None),
    "changes": Held(("change_id",)),
    "delays": Held(("delay_id",)),
    "earned_value": Held(("period_end",), newest=True),
    "financials": Held(
        ("scenario", "line", "currency", "period_end"),
        extra={
            # where a line has an amount at completion, or to date, its months are no part of it
            "is_whole": f"t.period_end is null or not bool_or(t.period_end is null) over ({_LINE})",
            "is_last_of_month": f"t.slice_date = max(t.slice_date) over ({_POINT}, t.scenario, last_day(t.slice_date))",
            "age": f"dense_rank() over ({_POINT}, t.scenario order by t.slice_date desc)",
        },
    ),
    "handovers": Held(("gate", "check_id")),
    "invoices": Held(("invoice_id",)),
    "milestones": Held(("milestone_id",)),
    "opportunities": Held(("opportunity_id",)),
    "orders": Held(("order_id",)),
    "projects": Held(None),
    "quality": Held(),
    "risks": Held(("risk_id",)),
    "safety": Held(("slice_date", "supplier_id"), ever=True),
    "satisfaction": Held(
        None,
        extra={"surveyed": f"max(t.surveyed_on) over ({_POINT})"},
        where="t.surveyed_on <= p.status_date",
    ),
    "sites": Held(("site_id",)),
    "status_reports": Held(),
    "task_links": Held(("predecessor_uid", "successor_uid", "type"), newest=True),
    "tasks": Held(("source", "task_uid"), newest=True),
}
"""The contract tables that examples read."""

_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_OWN = re.compile(r"own\.([a-z_][a-z0-9_]*)")
_TEXT = re.compile(r"'[^']*'")
_BEFORE = re.compile(r"months_before\(([a-z_.]+), (\d+)\)")
_ON_AXIS = re.compile(r"on_axis\((own\.[a-z_0-9]+)\)")
_WORKED = re.compile(r"working_days\(([^,()]+(?:\([^()]*\))?[^,()]*), ([^()]+(?:\([^()]*\))?[^()]*)\)")

_KEYS = ("project_id", "status_date", "level", "level_id", "month_end", "basis")
"""Columns by which rows belong to `own`."""

Columns = Mapping[str, set[str]]
"""The columns of each mart of the store."""


def columns(con: DuckDBPyConnection) -> dict[str, set[str]]:
    """The columns of every mart, of the two tables beside them, and of every contract table that examples read."""
    found: dict[str, set[str]] = {}
    sql = """
        select table_name, column_name from duckdb_columns()
        where schema_name = 'main'
          and (starts_with(table_name, 'mart_') or table_name in ('project_timeline', 'fx_intervals'))
           or schema_name = 'timeline' and table_name = any($tables)
    """
    for table, column in con.execute(sql, {"tables": list(HELD)}).fetchall():
        found.setdefault(table, set()).add(column)
    return found


def is_there(metric: Definition, there: Columns) -> bool:
    """Whether the store holds the metric, and all that its example reads."""
    wanted = {metric.mart, *metric.example_with, *(rows.over for rows in metric.terms.values())} - {PORTFOLIO}
    if any(_reads_rates(rows) for rows in metric.terms.values()):
        wanted.add(RATES)
    return wanted <= there.keys() and metric.column in there[metric.mart]


def newest(mart: str, wheres: str) -> str:
    """A condition on a mart's rows: those of the newest day among `wheres`; of rows that hold for a while, as of a day."""
    for marts, _, until, _ in _INTERVALS:
        if mart in marts and until == "status_date_to":
            return "(status_date_to is null or status_date_to >= $status_date)"
    day = day_of(mart)
    return f"{day} = (select max({day}) from {mart} where {wheres})"


def item_of(mart: str) -> str | None:
    """The column that says which of several rows of a project and day a row of the mart is."""
    return _ITEMS.get(mart)


def day_of(mart: str) -> str:
    """The column with the day that a row of the mart is of."""
    return _DAYS.get(mart, "status_date")


def named(metric: Definition, there: Columns) -> tuple[str, ...]:
    """The columns of `own` and the terms that the metric's example names, in its order."""
    said = _TEXT.sub("", metric.example or "")
    words: Iterator[str] = iter(_WORD.findall(said))
    if len(metric.terms) == 1 and said in metric.terms:
        only = metric.terms[said]
        words = iter([] if only.over in HELD else _OWN.findall(_TEXT.sub("", only.value)))
    known = {*metric.terms, *(c for mart in (metric.mart, *metric.example_with) for c in there.get(mart, ()))}
    return tuple(dict.fromkeys(word for word in words if word in known and word != "project_id"))


def worked(metric: Definition, where: str, there: Columns) -> str:
    """A statement that works the example out for the rows of the metric's mart, as `m`, that `where` chooses.

    Columns: `stated`, what the mart holds; `computed`; `item`, which row it is; `currency`, if the mart has one; then
    those of `named`, and for each of the terms a struct `rows`, `files` (how many), `ref` (file, sheet and row of one of
    them). It takes the parameter `$calendars` where the example counts working days (see `parameters`).
    """
    terms = list(metric.terms)
    own = "own"
    for name in terms:
        term = _term(metric.terms[name], metric)
        own = (
            f'(select own.*, own."{name} of".value as "{name}" from'
            f' (select own.*, {term} as "{name} of" from {own} as own) as own)'
        )
    item = f'own."{item_of(metric.mart)}"' if item_of(metric.mart) else "null"
    shown = [
        f'own."{metric.column}" as stated',
        f"{_expanded(metric.example or 'null')} as computed",
        f"{item} as item",
        f"{'own.currency' if 'currency' in there[metric.mart] else 'null'} as currency",
        *(f'own."{name}"' for name in named(metric, there)),
        *(f'own."{name} of" as "{name} of"' for name in terms),
    ]
    return f"with {', '.join(_tables([metric], where, there))} select {', '.join(shown)} from {own} as own"


def is_plain(metric: Definition) -> bool:
    """Whether its terms say nothing of each other, and its example asks for no more than them: see `together`."""
    said = " ".join(f"{rows.value} {rows.where}" for rows in metric.terms.values())
    return "select" not in (metric.example or "") and not metric.terms.keys() & set(_OWN.findall(said))


def together(metrics: Sequence[Definition], where: str, there: Columns) -> str:
    """The statements of `worked` for plain metrics of one mart as one, which takes a fraction of their time.

    The metric's id stands behind `stated` and `computed`, and before what belongs to a term.
    """
    own, item = metrics[0].mart, item_of(metrics[0].mart)
    terms = [
        f'{_term(rows, metric)} as "{metric.id} {name} of"'
        for metric in metrics
        for name, rows in metric.terms.items()
    ]
    shown = [
        f"{f'own.{item}' if item else 'null'} as item",
        f"{'own.currency' if 'currency' in there[own] else 'null'} as currency",
        *(f'own."{metric.column}" as "stated {metric.id}"' for metric in metrics),
        *(f'{_of_terms(metric)} as "computed {metric.id}"' for metric in metrics),
        *(
            f'own."{metric.id} {name} of" as "{metric.id} {name} of"'
            for metric in metrics
            for name in metric.terms
        ),
        *(f'own."{name}"' for name in dict.fromkeys(_columns_named(metrics, there))),
    ]
    return (
        f"with {', '.join(_tables(metrics, where, there))} select {', '.join(shown)}"
        f" from (select {', '.join(['own.*', *terms])} from own) as own"
    )


def _of_terms(metric: Definition) -> str:
    """The example with the value in the place of each term."""
    return _WORD.sub(
        lambda word: f'own."{metric.id} {word[0]} of".value' if word[0] in metric.terms else word[0],
        _expanded(metric.example or "null"),
    )


def _columns_named(metrics: Sequence[Definition], there: Columns) -> Iterator[str]:
    for metric in metrics:
        yield from (name for name in named(metric, there) if name not in metric.terms)


def rolled_up(metric: Definition) -> Iterator[Definition]:
    """The metric as the roll-up holds it, worked out from the projects; none where it has none of its own there.

    Money is summed. Of what is `rolled` each part is the sum over the projects that have all of them; a `rolled` of one
    metric is that of the one project.
    """
    if ROLL_UP not in metric.also:
        return
    words = tuple(dict.fromkeys(_WORD.findall(metric.rolled or metric.column)))
    known = " and ".join(f"{word} * usd is not null" for word in words)
    terms = {f"{word}_sum": Rows(PORTFOLIO, f"sum({word} * usd)", known, unit="money") for word in words}
    example = _WORD.sub(lambda word: f"{word[0]}_sum", metric.rolled or metric.column)
    if metric.unit != "money" and len(words) == 1:
        terms = {f"{words[0]}_sum": Rows(PORTFOLIO, f"case when count(*) = 1 then any_value({words[0]}) end")}
    yield replace(
        metric, mart=ROLL_UP, currency="USD", example=example, terms=terms, by=None, examples={}, example_with=(),
        example_row=None,
    )  # fmt: skip


def parameters(con: DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """What a statement of `worked` needs besides: the calendars of the countries of all projects."""
    if "$calendars" not in sql:
        return {}
    found = con.execute("select distinct country from project_timeline where country is not null").fetchall()
    return {"calendars": [_calendar(country) for country in (NO_COUNTRY, *(name for (name,) in found))]}


def _calendar(country: str) -> dict[str, Any]:
    weekend, days = calendar(country)
    off, worked = ([day for day, is_working in days.items() if is_working is how] for how in (False, True))
    return {"country": country, "weekend": weekend, "off": off, "worked": worked}


def _tables(metrics: Sequence[Definition], where: str, there: Columns) -> Iterator[str]:
    yield f"own as ({_own(metrics, where, there)})"
    yield (
        "point as (select distinct project_id, status_date from own)"
        if metrics[0].mart != ROLL_UP
        else "point as (select null::varchar as project_id, null::date as status_date where false)"
    )
    words = {word for metric in metrics for word in _WORD.findall(_said(metric))}
    if "working_days" in words:
        yield "calendar as (select unnest($calendars, recursive := true))"
    if PORTFOLIO in words:
        yield f"{PORTFOLIO} as ({_PORTFOLIO})"
    for table, held in HELD.items():
        for name, ever in ((table, held.ever), (f"{table}_ever", True)):
            if name in words and table in there:
                yield f'"{name}" as ({_held(table, held, there[table], words, ever=ever)})'


def _own(metrics: Sequence[Definition], where: str, there: Columns) -> str:
    """The rows of the metrics' one mart, with the columns of it and of the marts beside it that the examples name."""
    own = metrics[0].mart
    day = day_of(own)
    words = {word for metric in metrics for word in _WORD.findall(_said(metric))}
    words |= {*(metric.column for metric in metrics), "currency", *_KEYS}
    words |= {name for name in (item_of(own), day) if name}
    words |= {"country"} if "working_days" in words else set()
    words |= {"baseline_start"} if "on_axis" in words else set()
    seen = words & there[own]
    shown = [f'm."{column}"' for column in sorted(seen)] + (
        [f'm."{day}" as status_date'] if day not in _KEYS else []
    )
    joins = []
    for mart in dict.fromkeys(mart for metric in metrics for mart in metric.example_with):
        wanted = (words & there[mart]) - seen
        seen |= wanted
        shown += [f'{mart}."{column}"' for column in sorted(wanted)]
        on = f"{mart}.status_date = m.{day}"
        if mart == "project_timeline":
            on = f"{mart}.valid_from <= m.{day} and ({mart}.valid_to is null or m.{day} < {mart}.valid_to)"
        joins.append(f"left join {mart} on {mart}.project_id = m.project_id and {on}")
    chosen = f"(select m.* from {own} m where {where}) m"
    return f"select {', '.join(shown)} from {' '.join([chosen, *joins])}"


def _said(metric: Definition) -> str:
    """All the SQL of a metric's example, without texts."""
    parts = [metric.example or ""]
    for rows in metric.terms.values():
        parts += [rows.over, rows.value, rows.where or "", rows.last or ""]
        parts += [f"{rows.over}_ever"] if rows.when == "ever" else []
    return _TEXT.sub("", " ".join(parts))


def _held(table: str, held: Held, there: set[str], words: set[str], *, ever: bool) -> str:
    """The rows of a contract table at every point, as they were known by then."""
    hidden = ", ".join(sorted({"project_id", "status_date"} & there))
    key = ("rowid",) if held.key is None else (*held.key, *(("slice_date",) if ever else ()))
    parts = [
        "p.project_id, p.status_date",
        f"t.* exclude ({hidden})",
        f"max(t.slice_date) over ({_POINT}) as reported_on",
        *(f"{sql} as {name}" for name, sql in held.extra.items() if name in words),
        f"row_number() over ({', '.join([_POINT, *(f't.{column}' for column in key)])}"
        ' order by t.slice_date desc, t.from_load desc, t.source, t."row") as place',
    ]
    join = ""
    if _wants_rates(words) and "currency" in there:
        parts += [
            f"case when r.currency is null then 1 else r.{rate} end as {rate}"
            for rate in ("closing", "as_sold")
        ]
        join = (
            f" left join {RATES} r on r.project_id = p.project_id and r.status_date = p.status_date"
            " and r.currency = t.currency"
        )
    shown = ", ".join(parts)
    if ever:
        shown, until, newest = shown.replace(_LINE, f"{_LINE}, t.slice_date"), "", ""
    else:
        until = " and (t.valid_to is null or p.status_date < t.valid_to)"
        newest = " and slice_date = reported_on" if held.newest else ""
    return (
        f"select * exclude (place) from (select {shown} from point p join timeline.{table} t"
        f" on t.project_id = p.project_id and t.slice_date <= p.status_date{until}{join} where {held.where})"
        f" where place = 1{newest}"
    )


_REF = "{'file': file, 'sheet': sheet, 'row': \"row\"}"


def _term(rows: Rows, metric: Definition) -> str:
    """What rows come to, and how many of how many files they are, as a struct; correlated with `own`."""
    table = rows.over if rows.when != "ever" or rows.over not in HELD else f"{rows.over}_ever"
    ref, files = (_REF, "count(distinct file)") if rows.over in HELD else ("null::varchar", "0")
    value = rows.value
    if rows.last:
        value, count = f"arg_max({{'v': {rows.value}}}, {rows.last}).v", "least(count(*), 1)"
        ref = f"arg_max({ref}, {rows.last})"
    else:
        count, ref = "count(*)", f"any_value({ref})"
    where = f" and ({_expanded(rows.where)})" if rows.where else ""
    return (
        f"(select {{'value': {_expanded(value)}, 'rows': {count}, 'files': {files}, 'ref': {ref}}}"
        f" from {table} as summed where {_joined(rows, metric)}{where})"
    )


def _joined(rows: Rows, metric: Definition) -> str:
    """What ties rows to `own`: the same project, and its day."""
    if rows.over == PORTFOLIO:
        return " and ".join(f"summed.{c} = own.{c}" for c in ("level", "level_id", "month_end", "basis"))
    if rows.over == "fx_intervals":
        return "true"
    return f"summed.project_id = own.project_id and {_at(rows)}"


def _at(rows: Rows) -> str:
    """Whether rows of a project are in force at the day of `own`."""
    if rows.over in HELD:
        return "summed.status_date = own.status_date"
    for marts, since, until, still in _INTERVALS:
        if rows.over in marts and rows.when == "now":
            ends = f"(summed.{until} is null or own.status_date {still} summed.{until})"
            return f"summed.{since} <= own.status_date and {ends}"
    if rows.when == "ever":
        return "summed.status_date <= own.status_date"
    before = "<" if rows.when == "before" else "<="
    return (
        f"summed.status_date = (select max(known.status_date) from {rows.over} as known"
        f" where known.project_id = own.project_id and known.status_date {before} own.status_date)"
    )


_INTERVALS = (
    (("mart_baseline", "project_timeline"), "valid_from", "valid_to", "<"),
    (("mart_rag_evidence",), "status_date", "status_date_to", "<="),
)
"""Tables whose rows hold from a day to another, and whether still on that one."""


def _reads_rates(rows: Rows) -> bool:
    return rows.over in HELD and _wants_rates(set(_WORD.findall(f"{rows.value} {rows.where}")))


def _wants_rates(words: set[str]) -> bool:
    return bool({"closing", "as_sold"} & words)


def _expanded(sql: str) -> str:
    """SQL with what is no function of DuckDB written out.

    months_before(day, n): the same day n months before, of a last day of a month the last. working_days(a, b): those in
    (a, b] on the calendar of own.country, negative where b is before a. on_axis(n): over the periods of a curve, the day on
    which n of them have gone by; beyond the last one months go on.
    """
    sql = _ON_AXIS.sub(lambda found: _DAY_ON_AXIS.format(n=found[1]), sql)
    sql = _BEFORE.sub(
        r"(case when \1 = last_day(\1) then last_day(\1 - interval \2 month) else \1 - interval \2 month end)::date",
        sql,
    )
    return _WORKED.sub(rf"({_WORKING_DAYS})", sql)


_PERIODS = "coalesce(max(period_no) filter (period_no <= {n} + 1e-9), 0)"
_BEGUN = "coalesce(max(period_end) filter (period_no <= {n} + 1e-9), own.baseline_start - 1)"
_MORE = "({n} - max(period_no))"
_MONTHS = f"floor({_MORE} + 1e-9)::int"
_DAY_ON_AXIS = f"""
    case when {{n}} > max(period_no)
        then last_day(max(period_end) + to_months({_MONTHS}))
            + ceil(({_MORE} - {_MONTHS}) * day(last_day(max(period_end) + to_months({_MONTHS} + 1))) - 1e-6)::int
        else {_BEGUN} + coalesce(ceil(
            ({{n}} - {_PERIODS}) * (min(period_end) filter (period_no > {{n}} + 1e-9) - {_BEGUN}) - 1e-6
        ), 0)::int
    end
"""
_WORKING_DAYS = r"""
    select sign((\2) - (\1))::int * count(*)
    from (select unnest(generate_series(least(\1, \2) + 1, greatest(\1, \2), interval 1 day))::date as d) t
    join calendar c on c.country = coalesce(own.country, '')
    where not list_contains(c.weekend, isodow(t.d) - 1) and not list_contains(c.off, t.d) or list_contains(c.worked, t.d)
"""
_PORTFOLIO = f"""
with part as (
    select distinct level, level_id, month_end, basis from own
), standing as (
    select m.month_end, s.*
    from (select distinct month_end from own) m
    join (
        select *, lead(status_date) over (partition by project_id order by status_date) as until
        from mart_project_status
    ) s
      on s.status_date <= m.month_end and (s.until is null or s.until > m.month_end)
    where coalesce(s.phase, '') not in ('bid', 'closed', 'cancelled')
), newest as (
    select month_end, (select max(status_date) from mart_project_status where status_date <= month_end) as day
    from (select distinct month_end from own)
), stale as (
    select n.month_end, (r.settings ->> 'stale_after_days')::int as stale_after
    from newest n
    join rule_periods r on r.valid_from <= n.day and (r.valid_to is null or n.day < r.valid_to)
)
select
    p.level, p.level_id, p.basis, s.*, 1 / i.per_usd as usd,
    s.month_end - s.status_date <= a.stale_after as is_fresh,
    case when s.rag_overall = 'green' and not is_fresh then 'grey' else s.rag_overall end as colour
from part p
join standing s
  on s.month_end = p.month_end
 and p.level_id = case p.level
    when 'portfolio' then 'portfolio'
    when 'programme' then coalesce(s.programme_id, '{UNASSIGNED}')
    when 'country' then coalesce(s.country, '{UNASSIGNED}')
    when 'customer' then coalesce(s.customer, '{UNASSIGNED}')
    else coalesce(s.business_line, '{UNASSIGNED}')
 end
join stale a on a.month_end = p.month_end
left join fx_intervals i
  on i.currency = s.currency and i.basis = p.basis and i.valid_from <= p.month_end
 and (i.valid_to is null or p.month_end < i.valid_to)
"""
