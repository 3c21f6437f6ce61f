"""A load from end to end: read, check, put into the history, build the marts, publish. `check`: a dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from loaders import store
from loaders.arrivals import Arrivals, FileResult, Outcome, TableChange
from loaders.batch import Reject
from loaders.errors import RulesError
from loaders.history import prepare
from loaders.intake import read_sources
from loaders.timeline import build_timeline
from metrics.build import build_marts
from metrics.rules import InvalidRules, Rules, load_rules, rule_effects, write_rules

Progress = Callable[[str, int, int], None]
"""Called with a step or a file, how many are done, and how many there are."""
Build = Callable[[duckdb.DuckDBPyConnection, Progress | None], None]


@dataclass(frozen=True)
class RuleEffect:
    """How many projects a rule colours and decides at the newest status."""

    rule: str
    green: int
    amber: int
    red: int
    grey: int
    decides: int


@dataclass(frozen=True)
class LoadResult:
    """What a load or a check found. `version` is None when nothing was published."""

    outcome: Outcome
    version: str | None = None
    effects: tuple[RuleEffect, ...] = ()

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
) -> LoadResult:
    """Load sources into the store and publish a new version, unless nothing is different.

    Raises LoadError when nothing could be published: no source, an unusable mapping or rules, a store in use.
    """
    chosen = _rules(rules)
    found: list[Outcome] = []
    with store.writing(folder):

        def make(con: duckdb.DuckDBPyConnection) -> bool:
            outcome = _take_in(con, sources, mapping, progress)
            found.append(outcome)
            first = not store.exists(folder)
            if not outcome.rows_kept or not (outcome.is_new or rules):
                return False
            _build(con, chosen if rules or first else None, progress, build)
            return True

        version = store.publish(folder, make)
    return LoadResult(found[0], version)


def check(
    sources: Sequence[Path],
    folder: Path,
    *,
    mapping: Path | None = None,
    rules: Path | None = None,
    progress: Progress | None = None,
    build: Build = build_marts,
) -> LoadResult:
    """What `load` would do, on a copy that is thrown away. Raises LoadError as `load` does."""
    chosen = _rules(rules)
    with store.copy(folder) as con:
        outcome = _take_in(con, sources, mapping, progress)
        effects: tuple[RuleEffect, ...] = ()
        if outcome.rows_kept:
            _build(con, chosen, progress, build)
            effects = tuple(RuleEffect(*row) for row in rule_effects(con))
    return LoadResult(outcome, None, effects)


def _rules(path: Path | None) -> Rules:
    try:
        return load_rules(path)
    except InvalidRules as error:
        raise RulesError(str(error)) from error


def _take_in(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Path], mapping: Path | None, progress: Progress | None
) -> Outcome:
    """Read and check everything, and bring it into the history."""
    prepare(con)
    arrivals = Arrivals(con)
    for item in read_sources(sources, mapping, progress=progress):
        arrivals.add(item)
    return arrivals.apply(_now(con), progress)


def _now(con: duckdb.DuckDBPyConnection) -> datetime:
    """The time of this load, naive UTC; always after the load before it, whatever the clock says."""
    now = datetime.now(UTC).replace(tzinfo=None)
    last = con.execute("select max(loaded_at) from main.loads").fetchall()[0][0]
    return max(now, last + timedelta(milliseconds=1)) if last else now


def _build(
    con: duckdb.DuckDBPyConnection, rules: Rules | None, progress: Progress | None, build: Build
) -> None:
    if rules is not None:
        write_rules(con, rules)
    build_timeline(con, progress)
    build(con, progress)
