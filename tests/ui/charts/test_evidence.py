from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

from locales import translator
from ui.charts import evidence
from ui.charts.rows import each
from ui.formats import NBSP, Formats
from ui.theme import CHART

T = translator("en")
F = Formats(T)


def rule(**own: object) -> dict[str, object]:
    return {
        "rule_id": "r",
        "unit": "ratio",
        "currency": "MXN",
        "colour": "red",
        "decided": True,
        "value": 0.85,
        "green_from": 0.95,
        "green_to": None,
        "amber_from": 0.90,
        "amber_to": None,
        "better": "amber",
        "better_by": 0.05,
        "worse": None,
        "worse_by": None,
        **own,
    }


SPI = rule()
SLIP = rule(
    rule_id="slip", unit="days", value=40, green_from=None, green_to=30, amber_from=None, amber_to=90,
    colour="amber", better="green", better_by=10, decided=False,
)  # fmt: skip
COUNT = rule(rule_id="count", unit="count", value=2, green_from=None, green_to=0, amber_from=None, colour="red",
             better="green", better_by=2)  # fmt: skip
BOTH = rule(rule_id="both", value=1.0, green_to=1.10, amber_to=1.20, colour="green", better=None, better_by=None,
            worse="amber", worse_by=0.05)  # fmt: skip
UNKNOWN = rule(rule_id="unknown", value=None, colour="grey", better=None, better_by=None)


def row(told: dict[str, object]) -> object:
    return each(pd.DataFrame([told]))[0]


@pytest.mark.parametrize(
    ("told", "colours", "bounds"),
    [
        (SPI, ["red", "amber", "green"], [0.90, 0.95]),
        (SLIP, ["green", "amber", "red"], [30, 90]),
        (COUNT, ["green", "red"], [0]),
        (BOTH, ["red", "amber", "green", "amber", "red"], [0.90, 0.95, 1.10, 1.20]),
        (rule(amber_from=None), ["red", "green"], [0.95]),
    ],
)
def test_bands_run_from_left_to_right(told, colours, bounds) -> None:
    scale = evidence.scale_of(row(told))
    assert scale
    assert [band.colour for band in scale.bands] == colours
    assert [bound.value for bound in scale.bounds] == bounds
    assert all(a.end == bound.at for a, bound in zip(scale.bands, scale.bounds, strict=False))
    assert (scale.bands[0].start, scale.bands[-1].end) == (pytest.approx(0), pytest.approx(1))
    assert all(a.end == b.start for a, b in zip(scale.bands, scale.bands[1:], strict=False))


@pytest.mark.parametrize(
    "told", [SPI, SLIP, COUNT, BOTH, rule(value=0.92, colour="amber"), rule(value=7, colour="green")]
)
def test_the_value_stands_in_the_band_of_its_colour(told) -> None:
    scale = evidence.scale_of(row(told))
    assert scale
    here = [band.colour for band in scale.bands if band.start <= scale.value <= band.end]
    assert told["colour"] in here


@pytest.mark.parametrize(
    ("told", "bound"),
    [
        (rule(unit="count", value=0, green_from=None, amber_from=None, green_to=0, colour="green"), 0),
        (rule(value=0.95, colour="green"), 1),
        (rule(unit="fraction", value=0, green_from=0, amber_from=None, colour="green"), 0),
    ],
)
def test_a_value_at_a_bound_stands_where_the_bound_does(told, bound: int) -> None:
    scale = evidence.scale_of(row(told))
    assert scale
    assert scale.value == scale.bounds[bound].at


@pytest.mark.parametrize(
    ("told", "texts"),
    [
        (SPI, ["< 0.90", "< 0.95"]),
        (SLIP, ["> 30 d", "> 90 d"]),
        (COUNT, ["> 0"]),
        (BOTH, ["< 0.90", "< 0.95", "> 1.10", "> 1.20"]),
    ],
)
def test_each_bound_says_on_which_side_the_worse_colour_lies(told, texts: list[str]) -> None:
    scale = evidence.scale_of(row(told))
    assert scale
    assert [evidence.bound_text(b, row(told), F).replace(NBSP, " ") for b in scale.bounds] == texts


def test_the_scales_are_said_to_who_cannot_see_them() -> None:
    told = evidence.said(
        pd.DataFrame([SPI, SLIP, UNKNOWN]), {"r": "SPI(t)", "slip": "Slip", "unknown": "x"}, T, F
    )
    assert [line.replace(NBSP, " ") for line in told] == [
        "SPI(t): 0.85; red < 0.90, amber < 0.95.",
        "Slip: 40 d; amber > 30 d, red > 90 d.",
    ]


@pytest.mark.parametrize("told", [UNKNOWN, rule(green_from=None, amber_from=None)])
def test_without_value_or_bounds_there_is_no_scale(told) -> None:
    assert evidence.scale_of(row(told)) is None


@pytest.mark.parametrize(
    ("told", "note"),
    [
        (SPI, "0.05 to ▲ amber"),
        (SLIP, "10\u00a0d to ● green"),
        (BOTH, "0.05 from ▲ amber"),
        (rule(unit="fraction", value=0.336, better_by=0.136), "13.6\u00a0pp to ▲ amber"),
        (
            rule(value=0.95, colour="green", better=None, worse="amber", worse_by=0),
            "at the bound of ▲ amber",
        ),
        (rule(better=None, better_by=None), ""),
    ],
)
def test_the_note_says_how_far_from_what(told, note: str) -> None:
    assert evidence.note(row(told), T, F).replace("+", "") == note.replace("+", "")


def test_the_figure_marks_each_known_value_and_every_bound() -> None:
    frame = pd.DataFrame([SPI, SLIP, UNKNOWN])
    names = {"r": "SPI(t)", "slip": "<b>Slip</b>", "unknown": "x"}
    fig = evidence.scales(frame, names, CHART, T, F)
    values = next(trace for trace in fig.data if getattr(trace.marker, "symbol", None) == "triangle-down")
    assert list(values.customdata) == [["r"], ["slip"]]
    assert list(values.text) == ["<b>0.85</b>", "<b>40\u00a0d</b>"]
    assert list(values.x) == [evidence.scale_of(row(told)).value for told in (SPI, SLIP)]
    texts = [text for trace in fig.data if getattr(trace, "mode", "") == "text" for text in trace.text]
    assert texts[:2] == ["<b>SPI(t)</b>", "&lt;b&gt;Slip&lt;/b&gt;"]
    assert [text.count("&lt;") + text.count("&gt;") for text in texts[4:]] == [1, 1, 1, 1]
    assert all(bound in "".join(texts[4:]) for bound in ("0.90", "0.95", "30\u00a0d", "90\u00a0d"))
    assert {bar.marker.color for bar in fig.data if isinstance(bar, go.Bar)} == {
        CHART.red,
        CHART.amber,
        CHART.green,
    }
