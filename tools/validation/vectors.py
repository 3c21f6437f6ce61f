"""The project's own copies of published test cases: numbers with their citation, data/validation/*.csv."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "validation"
FILES = (
    *("evm", "evm_edge_cases", "earned_schedule", "schedule", "dcma14_thresholds"),
    *("poc_revenue", "contract_position", "margin", "dso_fx", "risk", "pi_matrix", "rag"),
)
"""The files of cases, in the order of docs/validation.md."""


@dataclass(frozen=True)
class Vector:
    """One expected number: `expected` as written ("null": unknown), `number` its row in the file from 0."""

    file: str
    number: int
    case_id: str
    metric: str
    inputs: Mapping[str, Any]
    expected: str
    tolerance: float
    provenance: str
    source: str
    source_url: str = ""
    note: str = ""

    @property
    def project(self) -> str:
        """The id of the project that the case becomes."""
        return f"{self.file}-{self.number:03d}"

    @property
    def wanted(self) -> float | None:
        """The expected number; None: unknown."""
        return None if self.expected in ("", "null") else float(self.expected)


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one file as text."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def vectors(name: str) -> list[Vector]:
    """The cases of one file."""
    if name == "dcma14_thresholds":
        return [_threshold(name, number, row) for number, row in enumerate(rows(name))]
    return [
        Vector(
            file=name,
            number=number,
            inputs=json.loads(row["inputs_json"]),
            tolerance=float(row["tolerance"] or 0),
            **{key: row[key] for key in ("case_id", "metric", "expected", "provenance")},
            **{key: row[key] for key in ("source", "source_url", "note")},
        )
        for number, row in enumerate(rows(name))
    ]


def series() -> dict[str, list[float]]:
    """The cumulative planned values of the earned-schedule cases, by period."""
    found: dict[str, list[float]] = {}
    for row in rows("es_series"):
        found.setdefault(row["series_id"], []).append(float(row["pv_cum"]))
    return found


def _threshold(name: str, number: int, row: Mapping[str, str]) -> Vector:
    return Vector(
        file=name,
        number=number,
        case_id=f"DCMA{int(row['no']):02d}",
        metric=row["direction"],
        inputs={"no": int(row["no"]), "check": row["check"], "denominator": row["denominator"]},
        expected=row["threshold"],
        tolerance=1e-9,
        provenance=row["provenance"],
        source=row["source"],
        note=row["note"],
    )
