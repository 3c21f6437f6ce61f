"""What each metric is, as data: metrics/definitions.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from locales import Translator

GROUPS = (
    *("evm", "earned_schedule", "schedule", "sites", "margin", "sales", "currency", "risk"),
    *("contract", "cash", "quality", "rag", "portfolio"),
)
UNITS = (
    *("money", "ratio", "fraction", "pp", "days", "periods", "date", "count", "score", "colour"),
    *("label", "own"),
)

_NAMED = re.compile(r"\\(word|metric)\{(\w+)\}")
_WORD = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True)
class Rows:
    """Rows that a worked example adds up, counts or reads, in SQL (metrics/definitions.toml says how)."""

    over: str
    value: str
    where: str | None = None
    last: str | None = None
    when: str = "now"
    unit: str | None = None


@dataclass(frozen=True)
class Definition:
    """One metric: the column of `mart` that holds it, its formula in LaTeX, and which rules judge it.

    `also` are other marts whose column of that name is the same metric: of a part, a period or a sum of projects.
    `inputs` are the contract tables that it is computed from: what to deliver when it is unknown. Where a `setting`,
    or what `by` says of a row, chooses how it is computed, `variants` has the formulas by its values, `examples` the
    worked examples; what they do not name is `formula` and `example`. Of the worked example, and of its `terms`,
    metrics/definitions.toml says how to read it.
    """

    id: str
    group: str
    unit: str
    formula: str
    unknown: str
    source: str
    rules: tuple[str, ...]
    column: str
    mart: str = "mart_project_status"
    also: tuple[str, ...] = ()
    currency: str | None = None
    inputs: tuple[str, ...] = ()
    setting: str | None = None
    by: str | None = None
    default: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict, hash=False)
    example: str | None = None
    example_with: tuple[str, ...] = ()
    example_row: str | None = None
    examples: Mapping[str, str] = field(default_factory=dict, hash=False)
    terms: Mapping[str, Rows] = field(default_factory=dict, hash=False)
    rolled: str | None = None

    @property
    def is_status(self) -> bool:
        """Whether the metric is a column of the project status, which rules can judge."""
        return self.mart == "mart_project_status"

    @property
    def places(self) -> Iterator[tuple[str, str]]:
        """The (mart, column) pairs that hold it."""
        return ((mart, self.column) for mart in (self.mart, *self.also))


@cache
def definitions() -> tuple[Definition, ...]:
    """All metrics, in the order in which they are read."""
    text = (files("metrics") / "definitions.toml").read_text(encoding="utf-8")
    return tuple(_definition(entry) for entry in tomllib.loads(text)["metric"])


WHOLE = "whole"
"""The one term of an example that is what its rows come to."""


def _definition(entry: Mapping[str, Any]) -> Definition:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    given = {"rules": (entry["id"],), "column": entry["id"], **entry, **lists}
    given["terms"] = {name: Rows(**rows) for name, rows in given.get("terms", {}).items()}
    how = {
        key: given.pop(f"example_{key}")
        for key in ("over", "where", "last", "when")
        if f"example_{key}" in given
    }
    if how:
        given |= {"terms": {WHOLE: Rows(value=entry["example"], **how)}, "example": WHOLE}
    return Definition(**given)


def in_force(definition: Definition, settings: Mapping[str, str]) -> Definition:
    """The metric with the formula and the worked example that these settings choose."""
    value = settings.get(definition.setting or "", "")
    if value not in definition.variants:
        return definition
    return variant(replace(definition, formula=definition.variants[value]), value)


def variant(definition: Definition, value: str) -> Definition:
    """The metric with the worked example of a variant, and of its terms those that this example names."""
    example = definition.examples.get(value, definition.example)
    words = set(_WORD.findall(example or ""))
    named = {name: rows for name, rows in definition.terms.items() if name in words}
    inner = set(_WORD.findall(" ".join(f"{rows.value} {rows.where}" for rows in named.values())))
    terms = {name: rows for name, rows in definition.terms.items() if name in words | inner}
    return replace(definition, example=example, terms=terms)


def variants_of(definition: Definition) -> Iterator[tuple[str, Definition]]:
    """The metric with each of its formulas, by the value that chooses it; `formula` only where its value is known."""
    named = [(definition.default, definition.formula), *definition.variants.items()]
    for value, chosen in named:
        if value is not None:
            yield value, replace(definition, formula=chosen)


def formula(definition: Definition, t: Translator) -> str:
    """The formula in LaTeX, its words and the metrics that it names in the language of `t`."""
    return _NAMED.sub(lambda found: rf"\text{{{_said(found, t)}}}", definition.formula)


def _said(found: re.Match[str], t: Translator) -> str:
    text = t.t(f"metric.word.{found[2]}" if found[1] == "word" else f"metric.{found[2]}.name")
    return re.sub(r"([%#&_$])", r"\\\1", text)
