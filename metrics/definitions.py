"""What each metric is, as data: metrics/definitions.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

GROUPS = ("evm", "earned_schedule", "schedule", "margin", "contract", "quality", "rag")
UNITS = ("money", "ratio", "fraction", "pp", "days", "periods", "date", "count", "score", "colour")


@dataclass(frozen=True)
class Definition:
    """One metric: the column `id` of `mart`, its formula in LaTeX, and which rules judge it.

    `inputs` are the contract tables that it is computed from: what to deliver when it is unknown. Where a `setting`
    chooses how it is computed, `variants` has the formulas by its values; what it does not name is `formula`.
    """

    id: str
    group: str
    unit: str
    formula: str
    unknown: str
    source: str
    rules: tuple[str, ...]
    mart: str = "mart_project_status"
    inputs: tuple[str, ...] = ()
    setting: str | None = None
    variants: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_status(self) -> bool:
        """Whether the metric is a column of the project status, which rules can judge."""
        return self.mart == "mart_project_status"


@cache
def definitions() -> tuple[Definition, ...]:
    """All metrics, in the order in which they are read."""
    text = (files("metrics") / "definitions.toml").read_text(encoding="utf-8")
    return tuple(
        Definition(
            **{
                **entry,
                "rules": tuple(entry.get("rules", [entry["id"]])),
                "inputs": tuple(entry.get("inputs", ())),
            }
        )
        for entry in tomllib.loads(text)["metric"]
    )


def in_force(definition: Definition, settings: Mapping[str, str]) -> Definition:
    """The metric with the formula that these settings choose."""
    chosen = definition.variants.get(settings.get(definition.setting or "", ""))
    return definition if chosen is None else replace(definition, formula=chosen)
