"""The two countries as outlines to put points on. Drawn from a file of our own: no map service is asked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from ui.theme import Palette

FILE = Path(__file__).parents[2] / "data" / "geography" / "countries.geojson"
HOME = "programme country"
BOUNDS = {"MX": (-118.0, -86.0, 14.0, 33.0), "CO": (-79.5, -66.5, -4.5, 13.0)}
"""West, east, south, north of each country's mainland."""

PIXELS = 700
"""What a map is about as wide: an outline needs no corner that moves it by less than one of them."""

Ring = list[tuple[float, float]]
Line = tuple[tuple[float | None, ...], tuple[float | None, ...]]


@cache
def outlines(country: str) -> tuple[Line, Line]:
    """The neighbours' borders and those of our two countries, as far as they are seen in the frame of `country`.

    Each is its longitudes and latitudes as one line, parted by None. Raises KeyError for another country.
    """
    west, east, _, _ = frame = BOUNDS[country]
    step = (east - west) / PIXELS
    lines: dict[bool, tuple[list[float | None], list[float | None]]] = {False: ([], []), True: ([], [])}
    for ours, ring in _countries():
        xs, ys = lines[ours]
        for piece in _seen(_simplified(ring, step), frame):
            xs += [round(x, 3) for x, _ in piece] + [None]
            ys += [round(y, 3) for _, y in piece] + [None]
    (other_x, other_y), (our_x, our_y) = lines[False], lines[True]
    return (tuple(other_x), tuple(other_y)), (tuple(our_x), tuple(our_y))


def draw_countries(fig: go.Figure, country: str, palette: Palette) -> go.Figure:
    """Add the outlines to a figure and frame one country ("MX" or "CO"), degrees kept in proportion.

    Raises KeyError for another country.
    """
    west, east, south, north = BOUNDS[country]
    looks = ((0.7, palette.line), (1.2, palette.mid))
    for (xs, ys), (width, color) in zip(outlines(country), looks, strict=True):
        fig.add_scatter(
            x=xs, y=ys, mode="lines", hoverinfo="skip", showlegend=False,
            line={"width": width, "color": color},
        )  # fmt: skip
    middle = math.cos(math.radians((south + north) / 2))
    fig.update_xaxes(range=[west, east], visible=False)
    return fig.update_yaxes(
        range=[south, north], visible=False, scaleanchor="x", scaleratio=1 / middle, constrain="domain"
    )


@cache
def _countries() -> tuple[tuple[bool, Ring], ...]:
    """Every ring of the file, and whether its country is one of ours."""
    found = json.loads(FILE.read_text(encoding="utf-8"))["features"]
    return tuple(
        (country["properties"]["role"] == HOME, [(point[0], point[1]) for point in ring])
        for country in found
        for ring in _rings(country["geometry"])
    )


def _rings(geometry: dict[str, Any]) -> Iterator[list[list[float]]]:
    if geometry["type"] == "Polygon":
        yield from geometry["coordinates"]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def _simplified(ring: Ring, step: float) -> Ring:
    """The ring without the corners that lie nearer than `step` to the line without them (Douglas and Peucker)."""
    kept, pending = {0, len(ring) - 1}, [(0, len(ring) - 1)]
    while pending:
        first, last = pending.pop()
        far, at = 0.0, first
        for i in range(first + 1, last):
            distance = _distance(ring[i], ring[first], ring[last])
            if distance > far:
                far, at = distance, i
        if far > step:
            kept.add(at)
            pending += [(first, at), (at, last)]
    return [ring[i] for i in sorted(kept)]


def _distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    """How far a point lies from the stretch between two others."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length if length else 0.0
    along = min(max(along, 0.0), 1.0)
    return math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0))


def _seen(ring: Ring, frame: tuple[float, float, float, float]) -> Iterator[Ring]:
    """The pieces of a ring that may be seen in a frame, on a wide screen with as much again at both its sides."""
    west, east, south, north = frame
    margin = 1.5 * (east - west)
    piece: Ring = []
    for start, end in pairwise(ring):
        (x0, y0), (x1, y1) = start, end
        if (
            max(x0, x1) < west - margin
            or min(x0, x1) > east + margin
            or max(y0, y1) < south
            or min(y0, y1) > north
        ):
            if piece:
                yield piece
            piece = []
            continue
        piece = [*(piece or [start]), end]
    if piece:
        yield piece
