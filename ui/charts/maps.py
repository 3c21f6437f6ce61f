"""The two countries as outlines to put points on. Drawn from a file of our own: no map service is asked."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from ui.theme import Palette

FILE = Path(__file__).parents[2] / "data" / "geography" / "countries.geojson"
HOME = "programme country"
BOUNDS = {"MX": (-118.0, -86.0, 14.0, 33.0), "CO": (-79.5, -66.5, -4.5, 13.0)}
"""West, east, south, north of each country's mainland."""

Ring = list[list[float]]


@cache
def outlines() -> tuple[tuple[bool, tuple[float | None, ...], tuple[float | None, ...]], ...]:
    """Per country: whether it is one of ours, its longitudes and its latitudes, rings parted by None."""
    countries = json.loads(FILE.read_text(encoding="utf-8"))["features"]
    found = []
    for country in countries:
        xs: list[float | None] = []
        ys: list[float | None] = []
        for ring in _rings(country["geometry"]):
            xs += [point[0] for point in ring] + [None]
            ys += [point[1] for point in ring] + [None]
        found.append((country["properties"]["role"] == HOME, tuple(xs), tuple(ys)))
    return tuple(found)


def draw_countries(fig: go.Figure, country: str, palette: Palette) -> go.Figure:
    """Add the outlines to a figure and frame one country ("MX" or "CO"), degrees kept in proportion.

    Raises KeyError for another country.
    """
    west, east, south, north = BOUNDS[country]
    for ours, xs, ys in outlines():
        fig.add_scatter(
            x=xs, y=ys, mode="lines", hoverinfo="skip", showlegend=False,
            line={"width": 1.2 if ours else 0.7, "color": palette.mid if ours else palette.line},
        )  # fmt: skip
    middle = math.cos(math.radians((south + north) / 2))
    fig.update_xaxes(range=[west, east], visible=False)
    return fig.update_yaxes(
        range=[south, north], visible=False, scaleanchor="x", scaleratio=1 / middle, constrain="domain"
    )


def _rings(geometry: dict[str, Any]) -> Iterator[Ring]:
    if geometry["type"] == "Polygon":
        yield from geometry["coordinates"]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon
