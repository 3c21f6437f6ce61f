"""A load from end to end: read, check, put into the history, build the marts, publish. `check`: a dry run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from loaders import store
from loaders.arrivals import Arrivals, FileResult, Outcome, TableChange
from loaders.batch import Reject
from loaders.errors import LoadError, RulesError
from loaders.history import DEMONSTRATION, largest_amount, mark, marked, prepare
from loaders.intake import read_sources
from loaders.timeline import build_timeline
from locales import SOURCE_LANGUAGE, Translator, translator
from metrics.build import build_marts
from metrics.increment import Touched
from metrics.rules import InvalidRules, Rules, idle_overrides, load_rules, rule_effects, write_rules

READ, COMPARE, ORDER, COMPUTE = STEPS = ("read", "compare", "order", "compute")
"""The steps of a load: files in, against the history, into the timeline, into the marts."""
Progress = Callable[[str, str, int, int], None]
"""Called with the step, what is being done, how much of it is done, and how much there is."""
Build = Callable[[duckdb.DuckDBPyConnection, Callable[[str, int, int], None] | None, Touched | None], None]
"""Builds the marts: told the progress, and the projects that have other rows than before, with the first day of which that
is so (None: maybe all)."""

SUSPECT = 10**12
"""An amount from which on it is suspected where a sum of amounts does not fit."""

_RULE_TABLES = ("rules", "rule_bounds", "metric_settings")


class NothingKeptError(LoadError):
    """No row of the sources could be kept; `outcome` says what was refused."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(self.sentence(translator(SOURCE_LANGUAGE)))

    def sentence(self, t: Translator) -> str:
        """The sentence in a language, with the first reason."""
        why, files = _first_reason(self.outcome, t), self.outcome.files
        if len(files) > 1:
            return t.n("error.nothing_kept_of", len(files), why=why)
        return t.t("error.nothing_kept", file=files[0].file, why=why)


@dataclass(frozen=True)
class RuleEffect:
    """How many running projects a rule colours, and how many it decides, at their newest status."""

    rule: str
    green: int
    amber: int
    red: int
    grey: int
    decides: int


@dataclass(frozen=True)
class IdleOverride:
    """An override of a rule that reaches no project: nobody has that programme, or that contract type."""

    rule: str
    programme: str | None
    contract_type: str | None


@dataclass(frozen=True)
class LoadResult:
    """What a load did or a check would do. `version` is None when nothing was published.

    `beside_demonstration`: the store also holds the demonstration portfolio.
    """

    outcome: Outcome
    version: str | None = None
    effects: tuple[RuleEffect, ...] = ()
    beside_demonstration: bool = False
    idle: tuple[IdleOverride, ...] = ()

    @property
    def files(self) -> tuple[FileResult, ...]:
        """What became of each file."""
        return self.outcome.files

    @property
    def changes(self) -> tuple[TableChange, ...]:
        """What became of each table."""
        return self.outcome.changes

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Everything that was refused."""
        return self.outcome.rejects


def load(
    sources: Sequence[Path],
    folder: Path,
    *,
    mapping: Path | None = None,
    rules: Path | None = None,
    progress: Progress | None = None,
    build: Build = build_marts,
    wait_s: float = 0.0,
    waiting: Callable[[], None] | None = None,
    is_demonstration: bool = False,
) -> LoadResult:
    """Load sources into the store and publish a new version, unless nothing is different and this release made it.

    While another load writes, waits up to `wait_s` seconds; `waiting` is called when the wait begins.
    Raises LoadError when nothing could be published: no source, nothing kept, an unusable mapping or rules
    file, a store that is in use, damaged or can't be written.
    """
    chosen = _read_rules(rules)
    results: list[LoadResult] = []

    def make(con: duckdb.DuckDBPyConnection) -> bool:
        is_other = store.standing(con) is store.Standing.OTHER
        outcome = _take_in(con, sources, mapping, progress)
        beside = marked(con, DEMONSTRATION) and not is_demonstration
        results.append(LoadResult(outcome, beside_demonstration=beside))
        rules_differ = chosen is not None and _put_in_force(con, chosen)
        if not (outcome.is_new or rules_differ or is_other):
            return False
        if is_demonstration:
            mark(con, DEMONSTRATION)
        _compute(con, progress, build, outcome)
        return True

    with store.writing(folder, wait_s, waiting):
        version = store.publish(folder, make)
    return LoadResult(results[0].outcome, version, beside_demonstration=results[0].beside_demonstration)


def rebuild(
    folder: Path,
    *,
    only_if_other: bool = False,
    progress: Progress | None = None,
    build: Build = build_marts,
    wait_s: float = 0.0,
    waiting: Callable[[], None] | None = None,
) -> str | None:
    """Make the timeline and all marts anew from the history in the store, and publish them; nothing loaded changes.

    Returns the new version's name; None with `only_if_other`, where this release made the version in force.
    While another process writes, waits as `load` does. Raises StoreError when there is no store, or it is in use,
    damaged, of a newer release or can't be written.
    """

    def make(con: duckdb.DuckDBPyConnection) -> bool:
        if only_if_other and store.standing(con) is not store.Standing.OTHER:
            return False
        prepare(con)
        build_timeline(con, _step(ORDER, progress))
        with _overflow_said(con):
            build(con, _step(COMPUTE, progress), None)
        return True

    store.current_path(folder)
    with store.writing(folder, wait_s, waiting):
        return store.publish(folder, make)


def check(
    sources: Sequence[Path],
    folder: Path,
    *,
    mapping: Path | None = None,
    rules: Path | None = None,
    progress: Progress | None = None,
    build: Build = build_marts,
) -> LoadResult:
    """What `load` would do, tried on a copy that is thrown away. Raises LoadError as `load` does."""
    chosen = _read_rules(rules)
    with store.copy(folder) as con:
        outcome = _take_in(con, sources, mapping, progress)
        if chosen is not None:
            _put_in_force(con, chosen)
        _compute(con, progress, build, outcome)
        effects = tuple(RuleEffect(*row) for row in rule_effects(con))
        idle = tuple(IdleOverride(*row) for row in idle_overrides(con))
        return LoadResult(outcome, None, effects, marked(con, DEMONSTRATION), idle)


def _read_rules(path: Path | None) -> Rules | None:
    try:
        return load_rules(path) if path else None
    except InvalidRules as error:
        raise RulesError(str(error)) from error


def _put_in_force(con: duckdb.DuckDBPyConnection, rules: Rules) -> bool:
    """Write the rules into the store; whether any differs from what was in force."""
    before = _rules_held(con)
    write_rules(con, rules)
    return _rules_held(con) != before


def _rules_held(con: duckdb.DuckDBPyConnection) -> list[str]:
    there = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
    return [
        repr(con.execute(f"select * from main.{name} order by all").fetchall())
        for name in _RULE_TABLES
        if name in there
    ]


def _take_in(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Path], mapping: Path | None, progress: Progress | None
) -> Outcome:
    """Read and check everything, and bring it into the history. Raises NothingKeptError."""
    prepare(con)
    arrivals = Arrivals(con)
    for item in read_sources(sources, mapping, progress=_step(READ, progress)):
        arrivals.add(item)
    outcome = arrivals.apply(_now(con), _step(COMPARE, progress))
    if not outcome.rows_kept:
        raise NothingKeptError(outcome)
    return outcome


def _compute(
    con: duckdb.DuckDBPyConnection, progress: Progress | None, build: Build, outcome: Outcome
) -> None:
    touched = build_timeline(con, _step(ORDER, progress), since=outcome.load_id - 1)
    with _overflow_said(con, outcome.load_id):
        build(con, _step(COMPUTE, progress), touched)


@contextmanager
def _overflow_said(con: duckdb.DuckDBPyConnection, load_id: int | None = None) -> Iterator[None]:
    """Say which amount is to blame where what is computed of amounts does not fit: the largest of the load, or of all.

    Where none is large, the fault is another one and stays as it is.
    """
    try:
        yield
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        found = largest_amount(con, load_id)
        if found is None or abs(found.value) < SUSPECT:
            raise
        value = f"{found.value:,f}".rstrip("0").rstrip(".")
        file = ", ".join(part for part in (found.file, found.sheet) if part)
        raise LoadError.of(
            "error.too_large", value=value, file=file, row=found.row, column=found.column
        ) from error


def _step(name: str, progress: Progress | None) -> Callable[[str, int, int], None] | None:
    if progress is None:
        return None
    return lambda what, done, total: progress(name, what, done, total)


def _now(con: duckdb.DuckDBPyConnection) -> datetime:
    """The time of this load, naive UTC; always after the load before it, whatever the clock says."""
    now = datetime.now(UTC).replace(tzinfo=None)
    last = con.execute("select max(loaded_at) from main.loads").fetchall()[0][0]
    return max(now, last + timedelta(milliseconds=1)) if last else now


def _first_reason(outcome: Outcome, t: Translator) -> str:
    if not outcome.rejects:
        return t.t("error.no_rows")
    first = outcome.rejects[0]
    row = t.t("error.row", row=first.row) if first.row else None
    place = ", ".join(part for part in (first.file, first.sheet, row) if part)
    sentence = first.sentence(t)
    more = f" {t.n('error.more', len(outcome.rejects) - 1)}" if len(outcome.rejects) > 1 else ""
    return f"{sentence}{more}" if sentence.startswith(first.file) else f"{place}: {sentence}{more}"
