"""The figure behind a colour: each rule's value on its own scale, with the bounds where the colour turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui import marks
from ui.charts import rows
from ui.formats import Formats, is_missing
from ui.theme import Palette

COLOURS = ("red", "amber", "green")
SYMBOLS = {"red": "diamond", "amber": "triangle-up", "green": "circle"}
AIR = 0.3
"""How far a scale goes on beyond its outermost bound or value, as a part of what lies between them."""


@dataclass(frozen=True)
class Band:
    """A stretch of a scale with one colour; positions from 0 (left end of the scale) to 1."""

    colour: str
    start: float
    end: float


@dataclass(frozen=True)
class Scale:
    """One rule's scale: bands from left to right, bounds as (position, value), the value's position."""

    bands: tuple[Band, ...]
    bounds: tuple[tuple[float, float], ...]
    value: float


def scale_of(row: Any) -> Scale | None:
    """The scale of a row of metrics.queries.evidence.evidence; None where value or bounds are unknown.

    A bound of a count lies between two whole numbers, so that it stands where the colour turns.
    """
    lows, highs = _low_side(row), _high_side(row)
    if is_missing(row.value) or not lows + highs:
        return None
    half = 0.5 if row.unit == "count" else 0.0
    edges = [(bound - half, bound, colour) for bound, colour in lows]
    edges += [(bound + half, bound, colour) for bound, colour in highs]
    points = [edge for edge, _, _ in edges] + [float(row.value)]
    low, high = min(points), max(points)
    span = (high - low) or abs(high) or 1.0
    low, high = low - AIR * span, high + AIR * span
    if row.unit in ("count", "score") and row.value >= 0:
        low = max(low, -half)

    def at(value: float) -> float:
        return (value - low) / (high - low)

    starts = [low, *(edge for edge, _, _ in edges)]
    ends = [*(edge for edge, _, _ in edges), high]
    colours = ["red" if lows else "green", *(colour for _, _, colour in edges)]
    return Scale(
        tuple(Band(c, at(a), at(b)) for c, a, b in zip(colours, starts, ends, strict=True)),
        tuple((at(edge), bound) for edge, bound, _ in edges),
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
    """Each rule's scale, the deciding ones in bold; a bar marks the value, its note says how far from what.

    `names` has the rules' names by id. customdata is the rule's id.
    """
    shown = drawn(frame)
    told = rows.each(shown)
    found = [scale_of(row) for row in told]
    ids = rows.ids(shown["rule_id"])
    fig = rows.figure(
        palette,
        [names[row.rule_id] for row in told],
        [note(row, t, f) for row in told],
        x_range=(0, 1),
        ids=ids,
        strong=[i for i, row in enumerate(told) if row.decided],
    )
    for colour in COLOURS:
        at = [
            (i, band)
            for i, scale in enumerate(found)
            for band in (scale.bands if scale else ())
            if band.colour == colour
        ]
        if not at:
            continue
        fig.add_trace(
            go.Bar(
                orientation="h",
                base=[band.start for _, band in at],
                x=[band.end - band.start for _, band in at],
                y=[rows.mark_y(i) for i, _ in at],
                width=0.16,
                marker={"color": palette.rag(colour), "line": {"width": 0}, "opacity": 0.4},
                customdata=[ids[i] for i, _ in at],
                hovertext=[f"{marks.icon(colour)} {marks.word(t, colour)}" for _ in at],
                hoverinfo="text",
            )
        )
        fig.add_trace(
            go.Scatter(
                x=[(band.start + band.end) / 2 for _, band in at],
                y=[rows.mark_y(i) for i, _ in at],
                mode="markers",
                marker={"symbol": SYMBOLS[colour], "size": 8, "color": palette.rag(colour)},
                hoverinfo="skip",
            )
        )
    _bounds(fig, told, found, palette, f)
    fig.add_trace(
        go.Scatter(
            x=[scale.value for scale in found if scale],
            y=[rows.mark_y(i) for i in range(len(found))],
            mode="markers",
            marker={"symbol": "line-ns", "size": 15, "line": {"color": palette.ink, "width": 4}},
            customdata=ids,
            hovertext=[value_text(row, f) for row in told],
            hoverinfo="text",
        )
    )
    fig.update_layout(barmode="overlay")
    return fig.update_xaxes(visible=False, showgrid=False)


def _bounds(fig: go.Figure, told: list[Any], found: list[Scale | None], palette: Palette, f: Formats) -> None:
    at = [(i, *bound) for i, scale in enumerate(found) for bound in (scale.bounds if scale else ())]
    fig.add_trace(
        go.Scatter(
            x=[x for _, x, _ in at],
            y=[rows.mark_y(i) - 0.22 for i, _, _ in at],
            mode="text",
            text=[f.by_unit(value, told[i].unit, told[i].currency) for i, _, value in at],
            textposition="middle center",
            textfont={"color": palette.ink_soft, "size": 11},
            hoverinfo="skip",
            cliponaxis=False,
        )
    )


def value_text(row: Any, f: Formats) -> str:
    """A rule's value in its unit."""
    return f.by_unit(row.value, row.unit, row.currency)


def distance_text(distance: Any, row: Any, f: Formats) -> str:
    """How far a value is from a bound, in the rule's unit; between two shares in percentage points."""
    if row.unit == "fraction" and not is_missing(distance):
        return f.pp(100 * distance, signed=False)
    return f.by_unit(distance, row.unit, row.currency)


def note(row: Any, t: Translator, f: Formats) -> str:
    """The value and how far it is from the next better colour, else from the next worse one."""
    value = value_text(row, f)
    for way in ("better", "worse"):
        colour, distance = getattr(row, way), getattr(row, f"{way}_by")
        if isinstance(colour, str) and not is_missing(distance):
            return t.t(
                f"rag.scale.{way if distance else 'at'}",
                value=value,
                distance=distance_text(distance, row, f),
                colour=marks.mark_text(t, colour),
            )
    return value
