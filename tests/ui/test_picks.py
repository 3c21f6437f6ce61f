"""What the mark of a figure stands for in the address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

import pytest

from ui import cash, filters, margin, overview, risks, schedule, sites
from ui.picks import Pick

DATES = (date(2025, 8, 31), date(2025, 7, 31), date(2025, 6, 30))


@pytest.mark.parametrize(
    ("pick", "mark", "params"),
    [
        (overview.pick, [], {"on": None, "colour": None}),
        (overview.pick, ["2025-05-31", "red"], {"on": "2025-05-31", "colour": "red"}),
        (overview.pick, ["2025-05-31", "late"], {"as_of": "2025-05-31", "on": None, "colour": None}),
        (sites.pick_blocker, [], {"cause": None, "stage": None}),
        (sites.pick_blocker, ["permits", "late"], {"cause": "permits", "stage": None, "state": "late"}),
        (sites.pick_stage, ["survey"], {"cause": None, "stage": "survey", "state": "all"}),
        (cash.pick, [], {"step": None, "bucket": None}),
        (cash.pick, ["step", "accepted"], {"step": "accepted", "bucket": None}),
        (cash.pick, ["bucket", "over_90"], {"step": None, "bucket": "over_90"}),
        (partial(margin.pick_group, "customer"), [], {"group": None}),
        (partial(margin.pick_group, "customer"), ["Móvil"], {"group": "customer.Móvil"}),
        (partial(margin.pick_group, "country"), [None], {"group": "country."}),
        (schedule.pick_band, [], {"bar": None}),
        (schedule.pick_band, ["current", "30_89"], {"bar": "current.30_89"}),
        (risks.pick, [], {"kind": None, "p": None, "i": None}),
        (risks.pick, ["risk", 4, 5], {"kind": "risk", "p": "4", "i": "5"}),
    ],
)
def test_a_mark_is_in_the_address(pick: Pick, mark: list[Any], params: Mapping[str, str | None]) -> None:
    assert pick(mark) == params


@pytest.mark.parametrize(
    ("mark", "screen"),
    [
        (["2025-05-31", "late"], "schedule"),
        (["2025-05-31", "margin"], "margin"),
        (["2025-05-31", "red"], None),
        ([], None),
    ],
)
def test_a_point_of_the_trend_leads_to_its_screen(mark: list[Any], screen: str | None) -> None:
    assert overview.onward(mark) == screen


@pytest.mark.parametrize(
    ("day", "option"),
    [
        (date(2025, 8, 31), filters.LATEST),
        (date(2025, 7, 31), date(2025, 7, 31)),
        (date(2025, 7, 15), date(2025, 6, 30)),
        (date(2020, 1, 1), filters.LATEST),
    ],
)
def test_a_month_is_the_newest_report_up_to_it(day: date, option: object) -> None:
    assert filters.standing_at(day, DATES) == option
