"""The figure behind a colour: each rule's value on its own scale, with the bounds where the colour turns."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui import marks
from ui.charts import rows
from ui.formats import NBSP, Formats, is_missing
from ui.theme import Palette

COLOURS = ("red", "amber", "green")
THICKNESS = {"green": 0.05, "amber": 0.11, "red": 0.18}
"""Of a band, in rows: the worse the thicker, so that a colour is not told by its hue alone."""
AIR = 0.3
"""How far a scale goes on beyond its outermost bound or value, as a part of what lies between them."""
ROW_PX = 70
CLOSE = 0.24
"""Bounds nearer than this part of a scale are written as one text: on a phone two would lie on each other."""
EDGE = 0.16
"""A text this near to an end of the scale is written inwards."""
_POINTER_AT, _BAND_AT, _BOUND_AT = 0.02, -0.17, -0.40
"""Where the value's arrow, the bands and the bounds' texts stand in a row."""


@dataclass(frozen=True)
class Band:
    """A stretch of a scale with one colour; positions from 0 (left end of the scale) to 1."""

    colour: str
    start: float
    end: float


@dataclass(frozen=True)
class Bound:
    """Where a colour ends: its position, its value, and the worse colour that lies below or above it."""

    at: float
    value: float
    worse: str
    is_below: bool


@dataclass(frozen=True)
class Scale:
    """One rule's scale: bands and bounds from left to right and the value's position, all on one axis."""

    bands: tuple[Band, ...]
    bounds: tuple[Bound, ...]
    value: float


def scale_of(row: Any) -> Scale | None:
    """The scale of a row of metrics.queries.evidence.evidence; None where value or bounds are unknown."""
    lows, highs = _low_side(row), _high_side(row)
    if is_missing(row.value) or not lows + highs:
        return None
    edges = lows + highs
    points = [edge for edge, _ in edges] + [float(row.value)]
    low, high = min(points), max(points)
    span = (high - low) or abs(high) or 1.0
    low, high = low - AIR * span, high + AIR * span
    if row.unit in ("count", "score") and row.value >= 0:
        low = max(low, -AIR / 3 * span)

    def at(value: float) -> float:
        return (value - low) / (high - low)

    starts = [low, *(edge for edge, _ in edges)]
    ends = [*(edge for edge, _ in edges), high]
    colours = ["red" if lows else "green", *(colour for _, colour in edges)]
    worse = [*colours[: len(lows)], *(colour for _, colour in highs)]
    return Scale(
        tuple(Band(c, at(a), at(b)) for c, a, b in zip(colours, starts, ends, strict=True)),
        tuple(
            Bound(at(edge), edge, colour, i < len(lows))
            for i, ((edge, _), colour) in enumerate(zip(edges, worse, strict=True))
        ),
        at(float(row.value)),
    )


def _low_side(row: Any) -> list[tuple[float, str]]:
    """Bounds that the value must reach, each with the colour that begins there, rising."""
    if is_missing(row.green_from):
        return []
    green = [(float(row.green_from), "green")]
    has_amber = not is_missing(row.amber_from) and row.amber_from < row.green_from
    return [(float(row.amber_from), "amber"), *green] if has_amber else green


def _high_side(row: Any) -> list[tuple[float, str]]:
    """Bounds that the value may not pass, each with the colour that begins beyond it, rising."""
    if is_missing(row.green_to):
        return []
    if is_missing(row.amber_to) or row.amber_to <= row.green_to:
        return [(float(row.green_to), "red")]
    return [(float(row.green_to), "amber"), (float(row.amber_to), "red")]


def drawn(frame: pd.DataFrame) -> pd.DataFrame:
    """The rules that have a value on a scale."""
    return frame[[scale_of(row) is not None for row in rows.each(frame)]].reset_index(drop=True)


def scales(
    frame: pd.DataFrame, names: dict[str, str], palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """Each rule's scale: an arrow at the value, and at each bound the colour beyond it.

    The deciding rules are in bold; where all decided, the first. `names` are the rules' by id; customdata is the id.
    """
    shown = drawn(frame)
    told = rows.each(shown)
    found = [scale for row in told if (scale := scale_of(row))]
    ids = rows.ids(shown["rule_id"])
    decided = [i for i, row in enumerate(told) if row.decided]
    fig = rows.figure(
        palette,
        [names[row.rule_id] for row in told],
        [note(row, t, f) for row in told],
        x_range=(0, 1),
        ids=ids,
        key=t.t("rag.scale.key"),
        strong=decided if len(decided) < len(told) else [0],
        row_px=ROW_PX,
    )
    for colour in COLOURS:
        at = [(i, band) for i, scale in enumerate(found) for band in scale.bands if band.colour == colour]
        if at:
            fig.add_trace(
                go.Bar(
                    orientation="h",
                    base=[band.start for _, band in at],
                    x=[band.end - band.start for _, band in at],
                    y=[_BAND_AT - i for i, _ in at],
                    width=THICKNESS[colour],
                    marker={"color": palette.rag(colour), "line": {"width": 0}, "opacity": 0.75},
                    customdata=[ids[i] for i, _ in at],
                    hovertext=[f"{marks.icon(colour)} {marks.word(t, colour)}" for _ in at],
                    hoverinfo="text",
                )
            )
    _values(fig, told, found, palette, f)
    _bounds(fig, told, found, palette, f)
    fig.update_layout(barmode="overlay")
    return fig.update_xaxes(visible=False, showgrid=False)


def _values(fig: go.Figure, told: list[Any], found: list[Scale], palette: Palette, f: Formats) -> None:
    """An arrow that points at each value on its scale, the value beside it."""
    fig.add_trace(
        go.Scatter(
            x=[scale.value for scale in found],
            y=[_POINTER_AT - i for i in range(len(found))],
            mode="markers+text",
            marker={"symbol": "triangle-down", "size": 11, "color": palette.ink},
            text=[f"<b>{value_text(row, f)}</b>" for row in told],
            textposition=["middle left" if scale.value > 0.5 else "middle right" for scale in found],
            textfont={"color": palette.ink, "size": 12.5},
            customdata=rows.ids([row.rule_id for row in told]),
            hovertext=[value_text(row, f) for row in told],
            hoverinfo="text",
            cliponaxis=False,
        )
    )


def _bounds(fig: go.Figure, told: list[Any], found: list[Scale], palette: Palette, f: Formats) -> None:
    """A tick across the scale at each bound, and below it which colour lies beyond: "▲ > 1.0 pp"."""
    ticks = [(i, bound) for i, scale in enumerate(found) for bound in scale.bounds]
    fig.add_trace(
        go.Scatter(
            x=[bound.at for _, bound in ticks],
            y=[_BAND_AT - i for i, _ in ticks],
            mode="markers",
            marker={"symbol": "line-ns", "size": 9, "line": {"color": palette.ink, "width": 1.5}},
            hoverinfo="skip",
        )
    )
    texts = [(i, *text) for i, scale in enumerate(found) for text in _bound_texts(scale, told[i], palette, f)]
    fig.add_trace(
        go.Scatter(
            x=[x for _, x, _, _ in texts],
            y=[_BOUND_AT - i for i, _, _, _ in texts],
            mode="text",
            text=[text for _, _, text, _ in texts],
            textposition=[position for _, _, _, position in texts],
            textfont={"color": palette.ink, "size": 12},
            hoverinfo="skip",
            cliponaxis=False,
        )
    )


def _bound_texts(scale: Scale, row: Any, palette: Palette, f: Formats) -> list[tuple[float, str, str]]:
    """The bounds of a scale as (position, text, text's place), those that are close together as one."""
    groups: list[list[Bound]] = []
    for bound in scale.bounds:
        if groups and bound.at - groups[-1][-1].at < CLOSE:
            groups[-1].append(bound)
        else:
            groups.append([bound])
    return [
        (
            middle := (group[0].at + group[-1].at) / 2,
            NBSP.join(
                f'<span style="color:{palette.rag(b.worse)}">{marks.icon(b.worse)}</span>{NBSP}'
                + html.escape(bound_text(b, row, f))
                for b in group
            ),
            f"middle {'right' if middle < EDGE * len(group) else 'left' if middle > 1 - EDGE * len(group) else 'center'}",
        )
        for group in groups
    ]


def bound_text(bound: Bound, row: Any, f: Formats) -> str:
    """On which side of what the worse colour lies: "< 0.90"."""
    return f"{'<' if bound.is_below else '>'}{NBSP}{f.by_unit(bound.value, row.unit, row.currency)}"


def said(frame: pd.DataFrame, names: dict[str, str], t: Translator, f: Formats) -> list[str]:
    """Each scale in words, for who cannot see it: "CPI: 0.98. red < 0.90, amber < 0.95." """
    return [
        t.t(
            "rag.scale.said",
            rule=names[row.rule_id],
            value=value_text(row, f),
            bounds=", ".join(f"{marks.word(t, b.worse)} {bound_text(b, row, f)}" for b in scale.bounds),
        )
        for row in rows.each(frame)
        if (scale := scale_of(row))
    ]


def value_text(row: Any, f: Formats) -> str:
    """A rule's value in its unit."""
    return f.by_unit(row.value, row.unit, row.currency)


def distance_text(distance: Any, row: Any, f: Formats) -> str:
    """How far a value is from a bound, in the rule's unit; between two shares in percentage points."""
    if row.unit == "fraction" and not is_missing(distance):
        return f.pp(100 * distance, signed=False)
    return f.by_unit(distance, row.unit, row.currency)


def note(row: Any, t: Translator, f: Formats) -> str:
    """How far the value is from the next better colour, else from the next worse one."""
    for way in ("better", "worse"):
        colour, distance = getattr(row, way), getattr(row, f"{way}_by")
        if isinstance(colour, str) and not is_missing(distance):
            return t.t(
                f"rag.scale.{way if distance else 'at'}",
                distance=distance_text(distance, row, f),
                colour=marks.mark_text(t, colour),
            )
    return ""
