"""Ranked rows: each has its name above it at the left and its figure at the right, then its marks below.

Names take no room beside the plot, so the figure reads on a phone as on a projector. Rows count from 0 at
the top; marks of row `i` belong at `mark_y(i)`.
"""

from __future__ import annotations

import html
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ui.charts import base
from ui.theme import Palette

ROW_PX = 46
LONGEST = 38
LONGEST_SAID = 60
"""Letters of a name in a figure, and in a sentence."""
_LABEL_AT = 0.30
_MARK_AT = -0.14
_REACH = 0.24


def each(frame: pd.DataFrame) -> list[Any]:
    """The rows of a frame as named tuples."""
    row = _row(tuple(str(name) for name in frame.columns))
    return [row(*values) for values in frame.itertuples(index=False, name=None)]


@lru_cache(maxsize=128)
def _row(columns: tuple[str, ...]) -> type[Any]:
    """The type of a frame's rows, made once: making one takes longer than filling a hundred."""
    return namedtuple("Row", columns, rename=True)


def ids(values: Iterable[Any]) -> list[list[Any]]:
    """Customdata: what `chosen` gives back of a mark that was clicked."""
    return [[value] for value in values]


def chosen(points: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The customdata of the first point clicked, empty when none was or it has none."""
    data = points[0].get("customdata") if points else None
    return list(data) if isinstance(data, (list, tuple)) else []


def mark_y(row: float) -> float:
    """Where the marks of a row are drawn."""
    return _MARK_AT - row


def cut(text: Any, longest: int = LONGEST_SAID) -> str:
    """A name no longer than its place."""
    shown = str(text)
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def plain(text: Any, longest: int = LONGEST) -> str:
    """Text from data, safe in a figure and no longer than its place."""
    return html.escape(cut(text, longest), quote=False)


def figure(
    palette: Palette,
    labels: Sequence[str],
    notes: Sequence[str],
    *,
    x_range: tuple[Any, Any],
    ids: Sequence[Any] | None = None,
    key: str | None = None,
    strong: Sequence[int] = (),
    grid: bool = True,
    title: str | None = None,
    row_px: int = ROW_PX,
    longest: int = LONGEST,
) -> go.Figure:
    """An empty figure of ranked rows. `ids` is the rows' customdata; `key` one line that explains the marks.

    `labels` (at `longest` letters) and `notes` are cut and escaped here; rows in `strong` are set in bold;
    `title` is the axis's.
    """
    count = len(labels)
    cut = [plain(text, longest) for text in labels]
    shown = [f"<b>{text}</b>" if i in strong else text for i, text in enumerate(cut)]
    top = 46 if key else 26
    fig = base.figure(
        palette,
        height=top + (54 if title else 30) + row_px * max(count, 1),
        margin={"l": 4, "r": 4, "t": top, "b": 8},
        hoverdistance=30,
    )
    fig.update_yaxes(visible=False, range=[-(count - 1) - 0.55, 0.6], fixedrange=True)
    fig.update_xaxes(range=list(x_range), showgrid=grid, gridcolor=palette.line, fixedrange=True)
    if title:
        fig.update_xaxes(title_text=title)
    heights = [_LABEL_AT - i for i in range(count)]
    for texts, x, position, color in (
        (shown, x_range[0], "middle right", palette.ink),
        ([plain(note) for note in notes], x_range[1], "middle left", palette.ink_soft),
    ):
        fig.add_trace(
            go.Scatter(
                x=[x] * count,
                y=heights,
                mode="text",
                text=texts,
                textposition=position,
                textfont={"color": color, "size": 12.5},
                customdata=ids,
                hoverinfo="none",
                cliponaxis=False,
            )
        )
    if key:
        fig.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=18, text=key,
            showarrow=False, font={"color": palette.ink_soft, "size": 12},
        )  # fmt: skip
    return fig


def links(starts: Sequence[Any], ends: Sequence[Any]) -> tuple[list[Any], list[float | None]]:
    """The x and y of one line per row between two values, as a single trace; a row needs both."""
    x: list[Any] = []
    y: list[float | None] = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if start is not None and end is not None:
            x += [start, end, None]
            y += [mark_y(i), mark_y(i), None]
    return x, y


def zero_line(fig: go.Figure, count: int, color: str) -> go.Figure:
    """A line at zero beside the marks of each of `count` rows, clear of the words above them."""
    line = {"color": color, "width": 1}
    shapes = [
        {"type": "line", "x0": 0, "x1": 0, "y0": mark_y(i) - _REACH, "y1": mark_y(i) + _REACH, "line": line}
        for i in range(count)
    ]
    return fig.update_layout(shapes=shapes, xaxis={"zeroline": False})


def bars(
    palette: Palette,
    starts: Sequence[float],
    sizes: Sequence[float],
    color: str,
    *,
    lane: float = 0.0,
    width: float = 0.26,
    hollow: bool = False,
    hover: Sequence[str] | None = None,
    ids: Sequence[Any] | None = None,
    rows: Sequence[int] | None = None,
) -> go.Bar:
    """A floating bar per row, from `starts` over `sizes`; `lane` moves it down by a part of a row.

    `hollow` bars are outlined; `rows` says which rows have one where not every row does.
    """
    numbers = list(rows) if rows is not None else list(range(len(sizes)))
    marker: dict[str, Any] = {"color": color, "line": {"width": 0}}
    if hollow:
        marker = {"color": "rgba(0,0,0,0)", "line": {"width": 1.4, "color": color}}
    return go.Bar(
        orientation="h",
        base=list(starts),
        x=list(sizes),
        y=[mark_y(i) - lane for i in numbers],
        width=width,
        marker=marker,
        customdata=ids,
        hovertext=hover,
        hoverinfo="text" if hover else "none",
    )


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values moved apart so that neighbours are `gap` apart, in their order; for labels at line ends."""
    order = sorted(range(len(values)), key=values.__getitem__)
    placed = list(values)
    for before, this in pairwise(order):
        placed[this] = max(placed[this], placed[before] + gap)
    shift = (sum(placed) - sum(values)) / len(values) if values else 0.0
    return [place - shift for place in placed]
