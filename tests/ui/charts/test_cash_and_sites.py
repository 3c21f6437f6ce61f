from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from locales import languages, translator
from metrics.queries.cash import BUCKETS
from ui.charts import cash, sites
from ui.charts.maps import BOUNDS, outlines
from ui.formats import Formats
from ui.theme import LIGHT

EN = translator("en")
F = Formats(EN)


def test_flow_leaves_out_what_is_only_ordered_and_says_days_and_whom() -> None:
    frame = pd.DataFrame(
        {
            "stage": ["ordered", "accepted", "invoiced"],
            "with_whom": ["us", "us", "customer"],
            "value": [9e9, 100.0, 120.0],
            "median_days": [1.0, 10.0, None],
        }
    )
    fig = cash.flow(frame, "USD", EN, F, LIGHT)
    values = {trace.name: list(trace.x) for trace in fig.data}
    assert values == {"us": [100.0], "supplier": [], "customer": [120.0]}
    said = [text.replace("\u00a0", " ") for trace in fig.data for text in trace.text]
    assert said == ["USD 100 · 10 days · us", "USD 120 · n/a · customer"]


def test_ageing_shows_every_bucket() -> None:
    frame = pd.DataFrame(
        {"bucket": BUCKETS, "net_due": [1.0, 2.0, 0.0, 0.0, 3.0], "invoices": [1, 1, 0, 0, 2]}
    )
    (bars,) = cash.ageing(frame, "USD", EN, F, LIGHT).data
    assert list(bars.y) == [1.0, 2.0, 0.0, 0.0, 3.0]
    assert bars.text[4].endswith("2 invoices")


@pytest.mark.parametrize("language", languages())
def test_burn_up_holds_the_querys_numbers(language: str) -> None:
    t = translator(language)
    frame = pd.DataFrame(
        {
            "week_end": pd.to_datetime(["2025-08-24", "2025-08-31", "2025-09-07"]),
            "planned": [4, 5, 5], "forecast": [3, 3, 4], "on_air": [2, 2, None], "accepted": [1, 1, None],
        }
    )  # fmt: skip
    fig = sites.burn_up(frame, date(2025, 8, 31), t, Formats(t), LIGHT)
    curves = [trace.y.tolist() for trace in fig.data]
    assert curves[0] == [4, 5, 5]
    assert curves[1][1:] == [3, 4]
    assert pd.isna(curves[1][0])
    assert curves[2][:2] == [2, 2]


def test_the_map_knows_sites_by_id_and_draws_both_countries() -> None:
    frame = pd.DataFrame(
        {
            "project_id": ["P"], "site_id": ["S"], "name": ["<b>S</b>"], "project_name": ["RAN"], "state": ["late"],
            "longitude": [-103.0], "latitude": [20.0], "days_late": [3], "blocked_by": ["permits"],
        }
    )  # fmt: skip
    late = sites.site_map(frame, "MX", EN, F, LIGHT).data[-1]
    assert late.customdata.tolist() == [["P", "S"]]
    assert late.text[0] == "&lt;b&gt;S&lt;/b&gt;<br>RAN<br>3 days late<br>Permits"
    assert sum(ours for ours, _, _ in outlines()) == len(BOUNDS)
