from __future__ import annotations

import pandas as pd

from locales import translator
from ui.charts import risks
from ui.formats import Formats
from ui.theme import CHART

T = translator("en")
F = Formats(T)


def test_grid_puts_each_count_in_its_cell() -> None:
    frame = pd.DataFrame(
        {"p_index": [1, 5, None], "i_index": [2, 4, 3], "cell": [0.01, 0.36, None], "risks": [3, 12, 1],
         "exposure": [1.0, 2.0, None], "currency": "USD"}
    )  # fmt: skip
    trace = risks.grid(frame, "risk", CHART, T, F).data[0]
    assert list(zip(trace.x, trace.y, trace.text, strict=True)) == [(2, 1, "3"), (4, 5, "12")]
    assert list(trace.marker.symbol) == ["circle-open", "circle"]
    assert [list(data) for data in trace.customdata] == [["risk", 1, 2], ["risk", 5, 4]]


def test_cover_sets_exposure_on_contingency() -> None:
    frame = pd.DataFrame(
        {"project_id": ["A", "B"], "name": ["A", "B"], "exposure": [50.0, 30.0], "contingency": [40.0, 100.0],
         "gap": [10.0, -70.0], "ratio": [1.25, 0.3], "money_in": "USD"}
    )  # fmt: skip
    fig = risks.cover(frame, CHART, T, F)
    kept, exposure = fig.data[-2:]
    assert list(kept.x) == [40, 100]
    assert list(exposure.x) == [50, 30]
    assert list(fig.data[1].text) == ["short of USD\u00a010", "30\u00a0% spoken for"]


def test_trend_has_gaps_where_nothing_is_known() -> None:
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2025-07-31", "2025-08-31"]), "exposure": [None, 80.0],
         "contingency": [None, 140.0], "currency": "USD"}
    )  # fmt: skip
    fig = risks.trend(frame, CHART, T, F)
    assert [list(trace.y) for trace in fig.data] == [[None, 140], [None, 80]]
    assert len(fig.layout.annotations) == 2


def test_pipeline_tells_decided_from_open() -> None:
    frame = pd.DataFrame(
        {"status": ["submitted", "approved"], "changes": [2, 1], "value": [-5.0, 20.0],
         "median_age": [50, None], "days": [4.0, None], "currency": "USD"}
    )  # fmt: skip
    fig = risks.pipeline(frame, CHART, T, F)
    waiting, decided = fig.data[-2:]
    assert (list(waiting.x), list(decided.x)) == ([-5], [20])
    assert list(fig.data[0].text) == ["Submitted · 2 changes", "Approved · 1 change"]
    assert fig.data[1].text[1] == "USD\u00a020 · n/a · n/a"
