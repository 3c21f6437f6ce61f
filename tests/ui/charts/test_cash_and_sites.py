from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from locales import languages, translator
from metrics.queries.cash import BUCKETS
from ui.charts import cash, maps, sites
from ui.charts.maps import BOUNDS, PIXELS, outlines
from ui.formats import Formats
from ui.theme import LIGHT

EN = translator("en")
F = Formats(EN)


def test_flow_leaves_out_what_is_only_ordered_and_says_days_and_whom() -> None:
    frame = pd.DataFrame(
        {
            "stage": ["ordered", "accepted", "accepted", "invoiced"],
            "with_whom": ["us", "customer", "us", "customer"],
            "value": [9e9, 50.0, 100.0, 120.0],
            "median_days": [1.0, 3.0, 10.0, None],
        }
    )
    fig = cash.flow(frame, "USD", EN, F, LIGHT)
    values = {trace.name: list(trace.x) for trace in fig.data}
    assert values == {"us": [100.0], "supplier": [], "customer": [50.0, 120.0]}
    said = [(note.x, note.text.replace("\u00a0", " ")) for note in fig.layout.annotations]
    assert said == [
        (150.0, "USD 100 · 10 days · us<br>USD 50 · 3 days · customer"),
        (120.0, "USD 120 · n/a · customer"),
    ]


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


@pytest.mark.parametrize("language", languages())
def test_bars_leave_a_phone_room_for_what_is_said_after_them(language: str) -> None:
    t = translator(language)
    frame = pd.DataFrame({"cause": ["permits"], "late": [213], "blocked": [308]})
    stages = pd.DataFrame({"stage": ["on_air"], "reached": [1234]})
    for fig, longest in (
        (sites.blockers(frame, t, Formats(t), LIGHT), 308),
        (sites.funnel(stages, t, Formats(t), LIGHT), 1234),
    ):
        free = sites.NARROWEST * (1 - longest / fig.layout.xaxis.range[1])
        assert free >= sites.LETTER * max(len(text) for text in fig.data[-1].text)


def test_a_curve_that_ends_late_is_named_left_of_its_end() -> None:
    weeks = pd.date_range("2025-01-05", periods=10, freq="7D")
    frame = pd.DataFrame(
        {
            "week_end": weeks, "planned": range(10), "forecast": range(10),
            "on_air": [*range(4), *[None] * 6], "accepted": [*range(4), *[None] * 6],
        }
    )  # fmt: skip
    notes = sites.burn_up(frame, weeks[3].date(), EN, F, LIGHT).layout.annotations
    named = [(note.xanchor, note.y >= 9) for note in notes if note.xanchor]
    assert named == [("right", True), ("right", True), ("left", False), ("left", False)]


MARK = {
    "project_id": "P", "project_name": "RAN", "projects": 1, "sites": 1, "site_id": "S", "name": "<b>S</b>",
    "state": "late", "longitude": -103.0, "latitude": 20.0, "days_late": 3, "blocked_by": "permits",
}  # fmt: skip


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ({}, "&lt;b&gt;S&lt;/b&gt;<br>RAN<br>3 days late<br>Permits"),
        ({"sites": 12, "name": None}, "12 sites: late<br>RAN<br>up to 3 days late<br>Permits"),
        (
            {"sites": 12, "projects": 3, "name": None, "blocked_by": None},
            "12 sites: late<br>RAN and 2 more projects<br>up to 3 days late",
        ),
        ({"state": "on_air", "days_late": None, "blocked_by": None}, "&lt;b&gt;S&lt;/b&gt;<br>RAN"),
    ],
)
def test_a_mark_says_what_it_holds(mark: dict[str, object], said: str) -> None:
    fig = sites.site_map(pd.DataFrame([MARK | mark]), "MX", EN, F, LIGHT)
    (texts,) = [trace.text for trace in fig.data if trace.text]
    assert texts[0].replace("\u00a0", " ") == said


def test_marks_are_known_by_project_and_grow_with_their_sites() -> None:
    frame = pd.DataFrame([MARK, MARK | {"project_id": "Q", "sites": 5}, MARK | {"sites": 9_999}])
    late = sites.site_map(frame, "MX", EN, F, LIGHT).data[-1]
    assert late.customdata.tolist() == [["P", 1], ["Q", 5], ["P", 9_999]]
    assert list(late.marker.size) == [7.0, 9.0, sites.LARGEST]


@pytest.mark.parametrize("country", BOUNDS)
def test_an_outline_is_short_and_nowhere_a_pixel_from_the_border(country: str) -> None:
    west, east, south, north = BOUNDS[country]
    pixel = (east - west) / PIXELS
    _, (xs, ys) = outlines(country)
    assert len(xs) < 1_000
    drawn = [
        ((x0, y0), (x1, y1))
        for x0, y0, x1, y1 in zip(xs, ys, xs[1:], ys[1:], strict=False)
        if x0 is not None and x1 is not None
    ]
    border = [
        point
        for ours, ring in maps._countries()
        for point in (ring if ours else [])
        if west < point[0] < east and south < point[1] < north
    ]
    assert border
    for point in border[::7]:
        assert min(maps._distance(point, start, end) for start, end in drawn) <= 1.1 * pixel


def test_no_other_country_is_framed() -> None:
    with pytest.raises(KeyError):
        outlines("BR")
