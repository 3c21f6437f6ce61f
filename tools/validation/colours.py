"""rag: cases of colours and roll-ups as contract rows."""

from __future__ import annotations

from tools.validation.case import PROGRAMME, Case
from tools.validation.rows import Row, at_cost, project
from tools.validation.vectors import Vector

COLOUR = {"G": "green", "Y": "amber", "R": "red"}
INDEX = {"G": 1.0, "Y": 0.93, "R": 0.85}
"""An index that has this colour."""


def colour(vector: Vector) -> Case:
    """Half a plan earned, at the index that the case is about."""
    given = vector.inputs
    banded = {"projects": [project(programme_id="FEMA", baseline_start="2025-01-01")]}
    if vector.metric == "index_rag_two_sided":
        tables = {**banded, **at_cost(120_000 * given["index"] / 2, 60_000, bac=240_000)}
        where = "rule_id = 'cost_cpi'"
        return Case("mart_rag_evidence", tables, {"colour": COLOUR[vector.expected]}, where)
    if vector.metric == "worst_of":
        ev = 60 * INDEX[given["spi"]]
        tables = {**banded, **at_cost(ev, ev / INDEX[given["cpi"]])}
        return Case("mart_project_status", tables, {"rag_overall": COLOUR[vector.expected]})
    parts = [at_cost(ev, ac, bac=2000) for ev, ac in given["projects"]]
    return Case(PROGRAMME, programme(vector, parts), {"cpi": vector.wanted})


def programme(vector: Vector, parts: list[dict[str, list[Row]]]) -> dict[str, list[Row]]:
    """Projects of one programme, which has the case's name."""
    tables: dict[str, list[Row]] = {"projects": []}
    for number, part in enumerate(parts, start=1):
        own = {"project_id": f"{vector.project}-{number}"}
        tables["projects"].append({**own, **project(programme_id=vector.project, phase="execute")})
        for table, rows in part.items():
            tables.setdefault(table, []).extend({**own, **row} for row in rows)
    return tables
