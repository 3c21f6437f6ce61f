# ruff: noqa: E501
from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from locales import translator
from metrics.queries.evidence import Colour
from metrics.queries.project import Plan, Status
from ui import project, quality
from ui.formats import Formats
from ui.project import Shown

T = translator("en")
F = Formats(T)
JUNE, JULY, AUGUST = date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31)
NUMBERS = dict.fromkeys(("percent_complete", "cpi", "spi_t", "eac", "cost_forecast", "margin_pct_forecast", "contingency_left", "risk_exposure", "ld_probable", "unbilled", "overdue_receivables", "defects_critical", "satisfaction", "sites_on_air", "forecast_finish", "baseline_finish", *(f"rag_{d}" for d in ("overall", "cost", "scope", "schedule", "quality"))))  # fmt: skip


def told(**own: Any) -> dict[str, Any]:
    return {
        **NUMBERS,
        "status_date": AUGUST,
        "days_since_status": 0,
        "is_stale": False,
        "currency": "MXN",
        "reported_decisions": None,
        **own,
    }


def overall(computed: str | None, was: str | None = None, reported: str | None = "green") -> list[Colour]:
    return [
        Colour(
            "overall", computed, was or computed, reported, JUNE, None, (), (), None, None, None, None, AUGUST
        )
    ]


@pytest.mark.parametrize(
    ("colours", "now", "text"),
    [
        (overall("red"), told(), "Red since 30 Jun 2025. CPI is 0.8. Reported green."),
        (
            overall("amber", reported="amber"),
            told(reported_decisions=" Sign it "),
            "Amber since 30 Jun 2025. CPI is 0.8. Reported amber. Asked for: Sign it.",
        ),
        (overall("green"), told(), "Green since 30 Jun 2025: nothing is beyond its bounds. Reported green."),
        (
            overall("grey", "green"),
            told(status_date=JUNE, days_since_status=62, is_stale=True),
            "The last report is of 30 Jun 2025, 2 months before. It was green then; what it is now is unknown."
            " Reported green.",
        ),
        (
            overall("red"),
            told(status_date=JUNE, days_since_status=62, is_stale=True),
            "The last report is of 30 Jun 2025, 2 months before. Red since 30 Jun 2025. CPI is 0.8. Reported green.",
        ),
        (
            overall("grey", reported=None),
            told(),
            "Nothing was delivered that a rule could judge, so its colour is unknown.",
        ),
    ],
)
def test_sentence(colours: list[Colour], now: dict[str, Any], text: str) -> None:
    assert project.sentence(Status(now, None, "MXN"), colours, "CPI is 0.8.", T, F) == text


def test_what_changed_names_only_what_did() -> None:
    before = told(
        status_date=JULY, rag_schedule="amber", forecast_finish=date(2025, 9, 30), cpi=0.95,
        margin_pct_forecast=0.2, eac=1_000_000.0, satisfaction=8.0,
    )  # fmt: skip
    now = told(
        rag_schedule="red", forecast_finish=date(2025, 10, 31), cpi=0.951, margin_pct_forecast=0.185,
        eac=1_200_000.0, satisfaction=None,
    )  # fmt: skip
    assert project.changed(Status(now, before, "USD"), T, F) == [
        ("Schedule", "▲ amber", "◆ red", ""),
        ("Forecast finish", "30 Sep 2025", "31 Oct 2025", "+31\u00a0d"),
        ("EAC", "USD\u00a01\u00a0M", "USD\u00a01.2\u00a0M", "+USD\u00a0200\u00a0k"),
        ("Forecast margin", "20.0\u00a0%", "18.5\u00a0%", "−1.5\u00a0pp"),
    ]


@pytest.mark.parametrize("before", [None, told()])
def test_nothing_changed_against_nothing_or_the_same_report(before: dict[str, Any] | None) -> None:
    assert project.changed(Status(told(cpi=1.0), before, "USD"), T, F) == []


@pytest.mark.parametrize(
    ("levels", "offered", "default"),
    [
        (((1, 5), (2, 40), (3, 900)), ["1", "2", "all", "critical", "late"], "2"),
        (((1, 4), (2, 30)), ["1", "all", "critical", "late"], "all"),
        ((), ["all", "critical", "late"], "all"),
    ],
)
def test_what_the_gantt_offers(levels, offered, default) -> None:
    plan = Plan(AUGUST, 900, 900, 0, 0, 0, levels)
    shows = project.gantt_shows(plan, T)
    assert list(shows) == offered
    assert project.gantt_default(plan, shows) == default


def test_a_list_in_sight_is_escaped_and_leaves_empty_columns_out() -> None:
    frame = pd.DataFrame(
        {
            "title": ["<b>More</b>"],
            "revenue_impact": [2_870_000.0],
            "currency": [None],
            "status": ["submitted"],
            "raised_on": [pd.NaT],
        }
    )
    html = project.list_html(
        frame, (Shown("title"), Shown("status", "value"), Shown("revenue_impact", "money"), Shown("raised_on", "date")),
        Status(told(), None, "USD"), T, F,
    )  # fmt: skip
    assert "&lt;b&gt;More&lt;/b&gt;" in html
    assert "MXN\u00a02.87\u00a0M" in html
    assert "Submitted" in html
    assert html.count("<th ") == 3


def test_events_say_what_and_when() -> None:
    frame = pd.DataFrame(
        [
            {
                "day": None,
                "what": "milestone_later",
                "name": "Cut-over",
                "detail": "gate",
                "days": 12,
                "of": 3,
            },
            {"day": JULY, "what": "change_approved", "name": "<i>", "detail": "C1", "days": None, "of": 3},
        ]
    )
    html = project.events_html(frame, T, F)
    assert "Cut-over moved 12 days later." in html
    assert "31 Jul</span> Change C1 approved: &lt;i&gt;." in html
    assert "and 1 more" in html


@pytest.mark.parametrize(
    ("finding", "text"),
    [
        (
            {"sentence_key": "dq.ev_above_bac", "value": 1.2, "unit": "fraction", "detail": None},
            "Earned value is above the budget: 120.0\u00a0% complete.",
        ),
        (
            {"sentence_key": "dq.finish_in_past", "value": None, "unit": None, "detail": "2025-06-30"},
            "The forecast finish, 30 Jun 2025, is past and the work is not done.",
        ),
        ({"sentence_key": "dq.own", "value": 1, "unit": "count", "detail": None}, "own"),
    ],
)
def test_findings(finding: dict[str, Any], text: str) -> None:
    row = next(pd.DataFrame([{"check_id": "own", "currency": "MXN", **finding}]).itertuples())
    assert quality.sentence(row, T, F) == text


def test_listing_puts_values_in_words_and_types_the_columns() -> None:
    frame = pd.DataFrame(
        {
            "kind": ["risk"],
            "probability": [0.5],
            "due_on": [pd.Timestamp(JULY)],
            "owner": [None],
            "mandatory": [True],
        }
    )
    shown, columns = project.listing(frame, ("kind", "probability", "due_on", "owner", "mandatory"), T)
    assert list(shown["kind"]) == ["Risk"]
    assert list(columns) == ["kind", "probability", "due_on", "mandatory"]


@pytest.mark.parametrize(
    ("baselined", "title"),
    [
        (
            900,
            "3 of 900 tasks end after their baseline, 7 after their original one; 2 are critical and open.",
        ),
        (0, "None of the 900 tasks has a baseline to be late against; 2 are critical and open."),
    ],
)
def test_a_schedule_without_a_baseline_is_not_called_in_time(baselined: int, title: str) -> None:
    assert project.gantt_title(Plan(AUGUST, 900, baselined, 2, 3, 7, ()), T, F) == title


@pytest.mark.parametrize(
    ("slips", "title"),
    [
        (
            [(5.0, 5.0), (None, -1.0), (None, None)],
            "1 of 2 milestones are expected after their original date.",
        ),
        ([(None, None), (None, None)], "None of the 2 milestones has a baseline to be late against."),
    ],
)
def test_milestones_without_a_date_to_hold_against_are_not_called_in_time(slips, title) -> None:
    frame = pd.DataFrame(slips, columns=["slip_days_original", "slip_days"]).assign(
        first_slipped_on=pd.NaT, name="M", baseline_date=pd.NaT
    )
    assert project.milestones_title(frame, T, F) == title


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (None, "1 risk is open. Exposure USD 24 k, before the cost of the responses."),
        (
            5e4,
            "1 risk is open. Exposure USD 24 k, before the cost of the responses; contingency left USD 50 k.",
        ),
    ],
)
def test_the_exposure_says_what_it_leaves_out(left: float | None, text: str) -> None:
    frame = pd.DataFrame({"kind": ["risk"], "is_open": [True]})
    status = Status(told(risk_exposure=2.4e4, contingency_left=left), None, "USD")
    assert project.risks_title(frame, status, T, F).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("found_by", "said"),
    [
        ("saved", "Original: the baseline that the file says was saved first."),
        ("number", "Original: baseline 0 of the file, which does not say when its baselines were saved."),
        ("delivered", "Original: the baseline each task was first delivered with."),
        (None, "dotted the original one."),
    ],
)
def test_the_key_says_which_baseline_is_the_original(found_by, said: str) -> None:
    assert project.gantt_key(Plan(AUGUST, 9, 9, 0, 0, 0, (), found_by), T).endswith(said)
