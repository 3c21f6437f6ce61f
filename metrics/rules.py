"""The RAG rules as data: reading and judging a rules file, and writing the rules into a store.

A file changes only what it names: everything else stays as in metrics/rules.toml, which explains the keys.

    rules        the rules in force, one row each (metrics/queries/definitions.py reads it)
    rule_bounds  the bounds of every set of rules that was ever in force, overrides included
    rule_sets    since which status date each set holds, and every setting that it came with
    rule_periods the days on which each set is in force: where the marts read their settings
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb

from metrics import settings
from metrics.definitions import Definition, definitions

DIMENSIONS = ("cost", "scope", "schedule", "quality")
PHASES = ("bid", "plan", "execute", "handover", "care", "closed", "cancelled")
JUDGED_UNITS = ("ratio", "fraction", "pp", "days", "periods", "count", "score", "money")
"""Units of which a rule can say more or less."""
BOUNDS = ("green_from", "green_to", "amber_from", "amber_to")
PARTS = (
    *("tests_passed_pct", "milestone_hit_rate", "hit_task_pct", "percent_complete", "percent_planned"),
    *("margin_pct_as_sold", "margin_pct_baseline", "margin_pct_forecast", "cost_without_order_share"),
)
"""Fractions that are never above 1; of the others a bound beyond 2 (200 %) is meant as percent."""
HIGHER_IS_BETTER = (
    *("cv", "sv", "cpi", "spi", "vac", "sv_t", "spi_t", "earned_schedule", "percent_complete"),
    *("milestones_met", "milestone_hit_rate", "bei", "hit_task_pct", "cpli"),
    *("sites_on_air", "sites_accepted", "contingency_left", "fx_effect", "fx_effect_pp"),
    *("margin_as_sold", "margin_pct_as_sold", "margin_baseline", "margin_pct_baseline"),
    *("margin_forecast", "margin_pct_forecast", "margin_erosion_pp"),
    *("opportunity_exposure", "upsell_pipeline", "upsell_weighted"),
    *("tests_run", "tests_passed", "tests_passed_pct", "satisfaction"),
)
LOWER_IS_BETTER = (
    *("tcpi", "cost_over_baseline", "cost_over_original", "margin_lost_pp"),
    *("cost_without_order", "cost_without_order_share"),
    *("slip_days", "slip_share", "slip_days_original", "slip_share_original", "slip_days_contract"),
    *("slip_working_days", "slip_working_days_original", "slip_working_days_contract"),
    *("forecast_moved_days", "forecast_moved_working_days", "contract_days_late", "damages_running"),
    *("rebaseline_count", "risk_exposure", "ld_booked", "ld_probable", "ld_maximum"),
    *("open_changes_value", "unapproved_change_share", "unapproved_work", "notices_missed"),
    *("unbilled", "overdue_receivables", "handover_checks_overdue", "complaints_open"),
    *("defects_critical", "defects_major", "defects_minor", "lost_time_incidents", "fatalities", "ltifr_12m"),
)
"""Metrics of which a rule with one side only can be the wrong way round; of the others either side may be meant."""
DEFAULT = "default"
"""The origin of the rules that came with the product."""

_SECTIONS = ("valid_from", "settings", "rules", "override")
_RULE_KEYS = (
    *("dimension", "metric", "unit", *BOUNDS, "upper", "only_red"),
    *("from_percent_complete", "phases", "off", "source"),
)
_OVERRIDE_KEYS = ("rule", "programme", "contract_type", *BOUNDS, "upper", "from_percent_complete", "off")


class InvalidRules(Exception):  # noqa: N818 - a sentence for the PMO, not a failure of the program
    """A rules file that cannot be used; `problems` are sentences, `str(error)` is all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Bounds:
    """Where green and amber begin and end, in the rule's unit; None is open. `off`: judges nothing."""

    green_from: float | None = None
    green_to: float | None = None
    amber_from: float | None = None
    amber_to: float | None = None
    upper: str = "inclusive"
    from_percent_complete: float | None = None
    off: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule: what it judges, for which dimension, and by which bounds."""

    id: str
    dimension: str
    metric: str
    unit: str
    bounds: Bounds
    only_red: bool = False
    phases: tuple[str, ...] = ()
    source: str | None = None


@dataclass(frozen=True)
class Override:
    """Other bounds of one rule for the projects of a programme, of a contract type, or of both."""

    rule: str
    programme: str | None
    contract_type: str | None
    bounds: Bounds


@dataclass(frozen=True)
class Rules:
    """All that a rules file decides. `valid_from` None: from the reports that come with it."""

    origin: str
    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...] = ()
    settings: Mapping[str, settings.Value] = field(default_factory=dict)
    valid_from: date | None = None


@dataclass
class _Reader:
    """One file being read; what is wrong with it piles up in `problems`."""

    name: str
    problems: list[str] = field(default_factory=list)

    def wrong(self, place: str, text: str) -> None:
        self.problems.append(f"{self.name}: {place}: {text}." if place else f"{self.name}: {text}.")


def load_rules(path: Path | None = None) -> Rules:
    """The rules of a file laid over the defaults, or the defaults themselves.

    Raises InvalidRules with a sentence for everything that is wrong: a file that cannot be read, a key or a
    metric that is not known, values that no colour covers (a hole) or that two colours claim (an overlap).
    """
    if path is None:
        return _defaults()
    reader = _Reader(path.name)
    found = _parse(path, reader)
    rules = _read(found, reader, _defaults())
    if reader.problems:
        raise InvalidRules(reader.problems)
    return rules


@cache
def _defaults() -> Rules:
    reader = _Reader("rules.toml")
    found = tomllib.loads((files("metrics") / "rules.toml").read_text(encoding="utf-8"))
    rules = _read(found, reader, Rules(DEFAULT, ()))
    if reader.problems:
        raise InvalidRules(reader.problems)
    return replace(rules, origin=DEFAULT)


def _parse(path: Path, reader: _Reader) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reader.wrong("", f"cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        reader.wrong("", "is not UTF-8 text; save it as UTF-8")
    except tomllib.TOMLDecodeError as error:
        reader.wrong("", f"is not well-formed TOML ({error})")
    return {}


def _read(found: Mapping[str, Any], reader: _Reader, under: Rules) -> Rules:
    for key in found:
        if key not in _SECTIONS:
            reader.wrong("", f"{key} is no part of a rules file; there are {', '.join(_SECTIONS)}")
    valid_from = found.get("valid_from")
    if valid_from is not None and type(valid_from) is not date:
        reader.wrong("valid_from", "has to be a date such as 2026-01-31, without quotes")
        valid_from = None
    rules = {rule.id: rule for rule in under.rules}
    for rule_id, given in _table(found, "rules", reader).items():
        if not isinstance(given, dict):
            reader.wrong(rule_id, f"has to be a section, [rules.{rule_id}]")
            continue
        rule = _rule(rule_id, given, rules.get(rule_id), reader)
        if rule is not None:
            rules[rule_id] = rule
    return Rules(
        reader.name,
        tuple(rules.values()),
        _overrides(found.get("override", []), rules, reader),
        {**under.settings, **_settings(_table(found, "settings", reader), reader)},
        valid_from,
    )


def _table(found: Mapping[str, Any], key: str, reader: _Reader) -> dict[str, Any]:
    section = found.get(key, {})
    if isinstance(section, dict):
        return section
    reader.wrong(key, f"has to be a section, [{key}]")
    return {}


def _settings(given: Mapping[str, Any], reader: _Reader) -> dict[str, settings.Value]:
    kept: dict[str, settings.Value] = {}
    for name, value in given.items():
        wrong = settings.fault(name, value)
        if wrong:
            reader.wrong("settings", f"{name} {wrong}")
        else:
            kept[name] = value
    return kept


def _rule(rule_id: str, given: Mapping[str, Any], under: Rule | None, reader: _Reader) -> Rule | None:
    before = len(reader.problems)
    _known_keys(rule_id, given, _RULE_KEYS, reader)
    dimension = given.get("dimension", under.dimension if under else None)
    metric = given.get("metric", under.metric if under else None)
    if dimension not in DIMENSIONS:
        reader.wrong(rule_id, f"dimension has to be one of {', '.join(DIMENSIONS)}")
    elif not rule_id.startswith(f"{dimension}_"):
        reader.wrong(rule_id, f"a rule of this dimension has a name that begins with {dimension}_")
    definition = judged().get(metric) if isinstance(metric, str) else None
    if definition is None:
        reader.wrong(
            rule_id,
            f"{metric} is no metric that a rule can judge; there are {', '.join(sorted(judged()))}"
            if metric
            else "names no metric",
        )
    elif given.get("unit", definition.unit) != definition.unit:
        reader.wrong(rule_id, f"the unit of {metric} is {definition.unit}, not {given['unit']}")
    bounds = _bounds(rule_id, given, under.bounds if under else None, reader)
    phases = given.get("phases", list(under.phases) if under else [])
    if not isinstance(phases, list) or not set(map(str, phases)) <= set(PHASES):
        reader.wrong(rule_id, f"phases has to be a list of {', '.join(PHASES)}")
    only_red = _of_type(rule_id, given, "only_red", bool, under.only_red if under else False, reader)
    if only_red and bounds and (bounds.amber_from is not None or bounds.amber_to is not None):
        reader.wrong(rule_id, "a rule with only_red has no amber bounds; leave them out")
    for text in _misread(bounds, definition) if bounds and definition else ():
        reader.wrong(rule_id, text)
    source = _of_type(rule_id, given, "source", str, under.source if under else None, reader)
    if len(reader.problems) > before or definition is None or bounds is None:
        return None
    return Rule(
        rule_id, str(dimension), definition.id, definition.unit, bounds, only_red, tuple(phases), source
    )


def _bounds(place: str, given: Mapping[str, Any], under: Bounds | None, reader: _Reader) -> Bounds | None:
    """The bounds that a section gives; those of `under` where it gives none."""
    before = len(reader.problems)
    numbers = {
        key: _of_type(place, given, key, (int, float), None, reader)
        for key in (*BOUNDS, "from_percent_complete")
    }
    for key, value in numbers.items():
        if value is not None and not math.isfinite(value):
            reader.wrong(place, f"{key} has to be a number")
    share = numbers.pop("from_percent_complete")
    if share is not None and not 0 <= share <= 1:
        reader.wrong(place, "from_percent_complete is a fraction: 0.15 means 15 %")
    upper = given.get("upper", under.upper if under else "inclusive")
    if upper not in ("inclusive", "exclusive"):
        reader.wrong(place, "upper has to be inclusive or exclusive")
    off = _of_type(place, given, "off", bool, under.off if under else False, reader)
    if len(reader.problems) > before:
        return None
    own = any(key in given for key in BOUNDS)
    stated = numbers if own or under is None else {key: getattr(under, key) for key in BOUNDS}
    bounds = Bounds(
        **{key: None if value is None else float(value) for key, value in stated.items()},
        upper=upper,
        from_percent_complete=share
        if share is not None
        else (under.from_percent_complete if under else None),
        off=off,
    )
    for text in gaps(bounds):
        reader.wrong(place, text)
    return bounds if len(reader.problems) == before else None


def _misread(bounds: Bounds, metric: Definition) -> list[str]:
    return [*percents(bounds, metric), *backwards(bounds, metric.id)]


def backwards(bounds: Bounds, metric: str) -> list[str]:
    """A rule whose only bound of green makes the best values red, as the end of a sentence."""
    if metric in HIGHER_IS_BETTER and bounds.green_from is None:
        return [
            f"{metric} is better the higher it is, and green_to alone makes its best values red; set green_from"
        ]
    if metric in LOWER_IS_BETTER and bounds.green_to is None:
        return [
            f"{metric} is better the lower it is, and green_from alone makes its best values red; set green_to"
        ]
    return []


def percents(bounds: Bounds, metric: Definition) -> list[str]:
    """The bounds of a fraction that are written as percent (95 for 0.95), each as the end of a sentence."""
    if metric.unit != "fraction":
        return []
    most = 1 if metric.id in PARTS else 2
    stated = [(key, getattr(bounds, key)) for key in BOUNDS]
    return [
        f"{key} is a fraction, as {metric.id} is: {value / 100:g} means {value:g} %"
        for key, value in stated
        if value is not None and not -2 <= value <= most
    ]


def gaps(bounds: Bounds) -> list[str]:
    """Holes and overlaps between green and amber, each as the end of a sentence.

    Green is what lies within its bounds; amber what lies within its own and is not green; red all else. Amber
    therefore has to touch green: either around it, or beside it, sharing a bound.
    """
    low, high, first, last = bounds.green_from, bounds.green_to, bounds.amber_from, bounds.amber_to
    if low is None and high is None:
        return ["gives no bound of green; set green_from or green_to"]
    found = [
        f"{start} ({a:g}) is above {end} ({b:g}); exchange them"
        for start, a, end, b in (
            ("green_from", low, "green_to", high),
            ("amber_from", first, "amber_to", last),
        )
        if a is not None and b is not None and a > b
    ]
    if low is not None and low == high and bounds.upper == "exclusive":
        found.append(
            f"nothing is green: green_from and green_to are both {low:g}, and an exclusive upper bound is not green;"
            " set them apart or upper = inclusive"
        )
    if found or (first is None and last is None):
        return found
    if last is not None and low is not None and last < low:
        found.append(f"no colour for values from {last:g} to {low:g}; set amber_to = {low:g} or leave it out")
    if first is not None and high is not None and first > high:
        found.append(
            f"no colour for values from {high:g} to {first:g}; set amber_from = {high:g} or leave it out"
        )
    if first is not None and low is not None and low < first < (math.inf if high is None else high):
        found.append(
            f"values from {low:g} to {first:g} are green and beyond amber; set amber_from to {low:g} or below"
        )
    if last is not None and high is not None and (-math.inf if low is None else low) < last < high:
        found.append(
            f"values from {last:g} to {high:g} are green and beyond amber; set amber_to to {high:g} or above"
        )
    if low is None and first is not None and high is not None and first < high:
        found.append(f"values from {first:g} to {high:g} are green and amber; leave amber_from out")
    if high is None and last is not None and low is not None and last > low:
        found.append(f"values from {low:g} to {last:g} are green and amber; leave amber_to out")
    return found


def _overrides(given: Any, rules: Mapping[str, Rule], reader: _Reader) -> tuple[Override, ...]:
    if not isinstance(given, list) or not all(isinstance(entry, dict) for entry in given):
        reader.wrong("override", "has to be a list of sections, [[override]]")
        return ()
    kept: dict[tuple[str, str | None, str | None], Override] = {}
    for number, entry in enumerate(given, start=1):
        place = f"override {number}"
        before = len(reader.problems)
        _known_keys(place, entry, _OVERRIDE_KEYS, reader)
        rule_id = entry.get("rule")
        if rule_id not in rules:
            reader.wrong(place, f"{rule_id} is no rule; there are {', '.join(rules)}")
            continue
        programme = _of_type(place, entry, "programme", str, None, reader)
        contract_type = _of_type(place, entry, "contract_type", str, None, reader)
        if not programme and not contract_type:
            reader.wrong(place, "names neither a programme nor a contract_type; without them change the rule")
        bounds = _bounds(f"{place} ({rule_id})", entry, rules[rule_id].bounds, reader)
        for text in _misread(bounds, judged()[rules[rule_id].metric]) if bounds else ():
            reader.wrong(f"{place} ({rule_id})", text)
        key = (rule_id, programme, contract_type)
        if key in kept:
            reader.wrong(place, f"{rule_id} has two overrides for the same projects; leave one out")
        if bounds is not None and len(reader.problems) == before:
            kept[key] = Override(*key, bounds)
    return tuple(kept.values())


def _known_keys(place: str, given: Mapping[str, Any], known: Sequence[str], reader: _Reader) -> None:
    for key in given:
        if key not in known:
            reader.wrong(place, f"{key} is not known here; there are {', '.join(known)}")


def _of_type(place: str, given: Mapping[str, Any], key: str, kind: Any, default: Any, reader: _Reader) -> Any:
    if key not in given:
        return default
    value = given[key]
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    meant = {bool: "true or false", str: "a text in quotes"}.get(kind, "a number without quotes")
    reader.wrong(place, f"{key} has to be {meant}")
    return default


@cache
def judged() -> Mapping[str, Definition]:
    """The metrics that a rule can judge, by their column in mart_project_status; none that colours lead to."""
    return {d.id: d for d in definitions() if d.unit in JUDGED_UNITS and d.is_status and d.group != "rag"}


def write_rules(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Put `rules` in force: the tables rules, rule_bounds, rule_sets and metric_settings of the main schema.

    Rules that differ from those in force become a new set. `build_marts` decides since when it holds, unless
    the rules say so; earlier sets stay, for the history. The first set holds for all of it.
    """
    con.execute(_CREATE)
    _complete_sets(con)
    newest = con.execute("select set_no, content, settings from rule_sets order by set_no desc").fetchone()
    number, content, stated = newest[0] if newest else 0, _content(rules), _stated(rules)
    if newest is None or newest[1] != content or _by_time(json.loads(newest[2])) != _by_time(stated):
        number += 1
        con.execute(
            "insert into rule_sets (set_no, valid_from, content) values (?, ?, ?)",
            [number, rules.valid_from or (None if newest else date(1900, 1, 1)), content],
        )
    con.execute(
        "update rule_sets set origin = ?, settings = ? where set_no = ?",
        [rules.origin, json.dumps(stated), number],
    )
    _write_set(con, rules, number)


def _write_set(con: duckdb.DuckDBPyConnection, rules: Rules, number: int) -> None:
    con.execute("delete from rules")
    con.executemany(
        f"insert into rules values ({', '.join('?' * 15)})",
        [
            [
                *(place, r.id, r.dimension, r.metric, r.unit, *_bound_row(r.bounds)),
                *(r.only_red, list(r.phases), r.bounds.off, r.source),
            ]
            for place, r in enumerate(rules.rules, start=1)
            if not r.bounds.off or any(o.rule == r.id and not o.bounds.off for o in rules.overrides)
        ],
    )
    con.execute("delete from rule_bounds where set_no = ?", [number])
    rows: list[tuple[str, str | None, str | None, Bounds]]
    rows = [(r.id, None, None, r.bounds) for r in rules.rules]
    rows += [(o.rule, o.programme, o.contract_type, o.bounds) for o in rules.overrides]
    by_id = {r.id: r for r in rules.rules}
    con.executemany(
        f"insert into rule_bounds values ({', '.join('?' * 17)})",
        [
            [
                *(number, rule_id, programme, contract_type, *_bound_row(bounds), bounds.off),
                *(by_id[rule_id].dimension, by_id[rule_id].metric, by_id[rule_id].unit),
                *(by_id[rule_id].only_red, list(by_id[rule_id].phases)),
                (programme is not None) * 2 + (contract_type is not None),
            ]
            for rule_id, programme, contract_type, bounds in rows
        ],
    )
    con.execute("delete from metric_settings")
    _write_settings(con, rules.settings)
    write_default_settings(con)


def write_default_settings(con: duckdb.DuckDBPyConnection) -> None:
    """Give every setting that has no value its default, in tables that may not exist yet.

    A set that does not say what a setting was takes the one in force, as in a store that kept only these.
    """
    con.execute(_CREATE)
    _write_settings(con, {s.name: s.default for s in settings.SETTINGS if s.default is not None})
    _complete_sets(con)
    con.execute("delete from metric_inputs")
    con.executemany(
        "insert into metric_inputs values (?, ?, ?)",
        [[d.id, d.unknown, list(d.inputs)] for d in judged().values()],
    )


def _complete_sets(con: duckdb.DuckDBPyConnection) -> None:
    in_force = dict(con.execute("select name, value from metric_settings").fetchall())
    today = {s.name: in_force.get(s.name, _text(s.default)) for s in settings.SETTINGS}
    for number, kept in con.execute("select set_no, settings from rule_sets").fetchall():
        own = json.loads(kept or "{}")
        if today.keys() - own.keys():
            con.execute(
                "update rule_sets set settings = ? where set_no = ?", [json.dumps({**today, **own}), number]
            )


def _stated(rules: Rules) -> dict[str, str | None]:
    """Every setting as the store keeps it; None where nothing is set and the product has no default."""
    return {s.name: _text(rules.settings.get(s.name, s.default)) for s in settings.SETTINGS}


def _by_time(stated: Mapping[str, str | None]) -> dict[str, str | None]:
    """The settings that make a set another one: all but the one that says whether sets have their time."""
    return {name: value for name, value in stated.items() if name != settings.HISTORY}


def _text(value: settings.Value | None) -> str | None:
    return None if value is None else settings.as_text(value)


def _write_settings(con: duckdb.DuckDBPyConnection, values: Mapping[str, settings.Value]) -> None:
    if values:
        con.executemany(
            "insert or ignore into metric_settings values (?, ?)",
            [[name, settings.as_text(value)] for name, value in values.items()],
        )


def _bound_row(bounds: Bounds) -> tuple[Any, ...]:
    return (*(getattr(bounds, key) for key in BOUNDS), bounds.upper, bounds.from_percent_complete)


def _content(rules: Rules) -> str:
    """What makes the rules of two sets the same: bounds and where these apply, not their words."""
    stated = [
        [r.id, r.dimension, r.metric, r.only_red, r.phases, *_bound_row(r.bounds), r.bounds.off]
        for r in rules.rules
    ]
    others = [
        [o.rule, o.programme, o.contract_type, *_bound_row(o.bounds), o.bounds.off] for o in rules.overrides
    ]
    return json.dumps([sorted(stated, key=str), sorted(others, key=str)])


def rule_effects(con: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int, int, int, int]]:
    """What each rule does to the running projects at their newest status, in the order of the rules file.

    (rule id, green, amber, red, grey, projects whose dimension it makes amber or red); a rule that does not
    apply to a project counts nowhere. Needs the built marts.
    """
    return con.execute(_EFFECTS).fetchall()


def idle_overrides(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str | None, str | None]]:
    """The overrides in force that reach no project, as (rule id, programme, contract type). Needs the built marts."""
    return con.execute(_IDLE).fetchall()


_CREATE = """
create table if not exists rules (
    place integer, id varchar primary key, dimension varchar, metric varchar, unit varchar,
    green_from double, green_to double, amber_from double, amber_to double, upper varchar,
    from_percent_complete double, only_red boolean, phases varchar[], is_off boolean, source varchar
);
alter table rules drop column if exists unknown;
alter table rules drop column if exists inputs;
create table if not exists rule_bounds (
    set_no integer, rule_id varchar, programme_id varchar, contract_type varchar,
    green_from double, green_to double, amber_from double, amber_to double, upper varchar,
    from_percent_complete double, is_off boolean, dimension varchar, metric varchar, unit varchar,
    only_red boolean, phases varchar[], precedence integer
);
create table if not exists rule_sets (
    set_no integer primary key, valid_from date, origin varchar, content varchar
);
alter table rule_sets add column if not exists settings varchar;
create table if not exists metric_settings (name varchar primary key, value varchar);
create table if not exists metric_inputs (metric varchar primary key, unknown varchar, inputs varchar[]);
create or replace view rule_periods as
with asked as (
    select coalesce(bool_and(value = 'true'), true) as by_time
    from metric_settings where name = 'history_by_rules_of_its_time'
), held as (
    -- a set holds from its day to the first day of any later set; the first one also on all days before
    select
        set_no,
        settings,
        case when set_no = min(set_no) over () then least(valid_from, date '1900-01-01') else valid_from end as held_from,
        min(valid_from) over (order by set_no rows between 1 following and unbounded following) as held_to,
        set_no = max(set_no) over () as is_newest
    from rule_sets
)
select
    set_no,
    case when by_time then held_from else date '1900-01-01' end as valid_from,
    case when by_time then held_to end as valid_to,
    settings
from held
cross join asked
where case when by_time then coalesce(held_from < held_to, true) else is_newest end;
"""

_IDLE = """
select b.rule_id, b.programme_id, b.contract_type
from rule_bounds b
where b.set_no = (select max(set_no) from rule_sets)
  and (b.programme_id is not null or b.contract_type is not null)
  and not exists (
      select 1 from mart_project_status s
      where (b.programme_id is null or s.programme_id = b.programme_id)
        and (b.contract_type is null or s.contract_type = b.contract_type)
  )
order by all
"""

_EFFECTS = """
with newest as (
    select project_id, status_date
    from mart_project_status
    where next_status_date is null and coalesce(phase, '') not in ('bid', 'closed', 'cancelled')
), judged as (
    select e.rule_id, e.colour, e.decided
    from mart_rag_evidence e
    join newest n using (project_id)
    where e.status_date_to is null
)
select
    r.id,
    count(*) filter (j.colour = 'green'),
    count(*) filter (j.colour = 'amber'),
    count(*) filter (j.colour = 'red'),
    count(*) filter (j.colour = 'grey'),
    count(*) filter (j.decided and j.colour in ('amber', 'red'))
from rules r
left join judged j on j.rule_id = r.id
where not r.is_off
group by r.place, r.id
order by r.place
"""
