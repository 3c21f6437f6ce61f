# ruff: noqa: E501
from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from locales import translator
from metrics.queries.evidence import Colour, SourceTable
from ui import evidence
from ui.formats import Formats

T = translator("en")
F = Formats(T)
JUNE, JULY = date(2025, 6, 30), date(2025, 7, 31)


def row(**own: object) -> object:
    told = {
        "rule_id": "schedule_spi_t", "metric": "spi_t", "sentence_key": "evidence.schedule_spi_t",
        "reason_key": None, "unit": "ratio", "currency": "MXN", "colour": "red", "value": 0.85, "bound": 0.9,
        "distance_to_next": 0.05, "better": "amber", "better_at": 0.9, "better_by": 0.05, "worse": None,
        "worse_at": None, "worse_by": None, **own,
    }  # fmt: skip
    return next(pd.DataFrame([told]).itertuples())


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (row(), "SPI(t) is 0.85; the limit is 0.90."),
        (row(sentence_key="evidence.own"), "SPI(t): 0.85. The bound is 0.90."),
        (
            row(colour="grey", value=None, reason_key="metric.unknown.not_started"),
            "SPI(t): ES is unknown, or no time has passed since the baseline start.",
        ),
        (row(colour="grey", value=None, reason_key="nonsense"), "SPI(t): n/a."),
    ],
)  # fmt: skip
def test_reason(told: object, text: str) -> None:
    assert evidence.reason(told, T, F) == text


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        (row(), ["It turns amber at 0.90: 0.05 to go."]),
        (
            row(colour="amber", value=0.92, better="green", better_at=0.95, better_by=0.03, worse="red",
                worse_at=0.9, worse_by=0.02),
            ["It turns green at 0.95: 0.03 to go.", "It turns red at 0.90: 0.02 away."],
        ),
        (row(unit="fraction", value=0.3, better_at=0.2, better_by=0.1), ["It turns amber at 20.0\u00a0%: 10.0\u00a0pp to go."]),
        (row(better=None, better_at=None, better_by=None), []),
    ],
)  # fmt: skip
def test_what_would_change_it(told: object, lines: list[str]) -> None:
    assert evidence.would_change(told, T, F) == lines


@pytest.mark.parametrize(
    ("computed", "was", "before", "text"),
    [
        ("red", "red", "amber", "since 30 Jun 2025, amber before"),
        ("red", "red", "grey", "since 30 Jun 2025"),
        ("red", "red", None, "since 30 Jun 2025"),
        ("grey", "green", None, "green on 31 Jul 2025."),
        (None, None, None, ""),
        ("grey", "grey", "green", ""),
    ],
)
def test_since(computed, was, before, text) -> None:
    colour = Colour(
        "cost", computed, was, "green", JUNE, before, (), (), None, None, None, None, reported_on=JULY
    )
    assert evidence.since_text(colour, T, F) == text


@pytest.mark.parametrize(
    ("rule", "metric", "name"),
    [
        ("schedule_spi_t", "spi_t", "SPI(t)"),
        ("own", "vac", "Variance at completion (VAC)"),
        ("own", "own", "own"),
    ],
)
def test_rule_names(rule: str, metric: str, name: str) -> None:
    assert evidence.rule_name(rule, metric, T) == name


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([("a.csv", None, 7)], "Earned value: a.csv, row 7"),
        ([("a.xlsx", "EV", 9), ("a.xlsx", "EV", 7)], "Earned value: a.xlsx, sheet “EV”, rows 7, 9"),
        ([("a.csv", None, 7), ("b.csv", None, 1)], "Earned value: a.csv, row 7; b.csv, row 1"),
        ([("a.csv", None, n) for n in range(1, 9)], "Earned value: a.csv, rows 1, 2, 3, 4, 5, 6 …"),
    ],
)
def test_where_a_row_is_found(rows, text) -> None:
    frame = pd.DataFrame(rows, columns=["file", "sheet", "row"])
    assert evidence.where(SourceTable("earned_value", frame), T) == text


def test_source_columns_leave_out_what_is_said_above() -> None:
    frame = pd.DataFrame(
        {
            "file": ["a"],
            "row": [1],
            "project_id": ["P"],
            "planned_value": [1.5],
            "status_date": [pd.Timestamp(JUNE)],
        }
    )
    assert list(evidence.source_columns(frame, T)) == ["planned_value", "status_date"]


@pytest.mark.parametrize(
    ("dimension", "computed", "rules", "text"),
    [
        (
            "overall", "red", [("cost", "cost_cpi", "cpi"), ("schedule", "schedule_spi_t", "spi_t")],
            "Overall is the worst of its dimensions. Schedule decided it, by SPI(t); overall red since 30 Jun 2025.",
        ),
        ("overall", "grey", [("schedule", "schedule_spi_t", "spi_t")], ""),
        ("overall", "red", [("cost", "cost_cpi", "cpi")], ""),
        ("cost", "red", [("schedule", "schedule_spi_t", "spi_t")], ""),
    ],
)  # fmt: skip
def test_what_decided_the_overall_colour(dimension, computed, rules, text: str) -> None:
    colour = Colour(
        dimension, computed, computed, None, JUNE, None, (), (), None, None, None, None, reported_on=JULY
    )
    found = pd.DataFrame(rules, columns=["dimension", "rule_id", "metric"]).assign(
        deciding_rule="schedule_spi_t"
    )
    assert evidence.decided(colour, found, T, F) == text
