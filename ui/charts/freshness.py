"""The Freshness screen's figure: what each source delivered, month by month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui.charts import rows
from ui.formats import Formats, as_date
from ui.theme import Palette

_FOOT, _TALL = -0.42, 0.5
"""Where a source's columns stand in its row, and how high the fullest is."""


def arrivals(
    frame: pd.DataFrame, notes: Sequence[str], palette: Palette, t: Translator, f: Formats
) -> go.Figure:
    """A row of columns per source: how many projects it delivered in each month, against its best month.

    `notes` has one text per source, in the order of `frame`. An empty month is an empty outline.
    """
    names = list(dict.fromkeys(frame["source"]))
    months = [as_date(month) for month in sorted(frame["month"].unique())]
    fig = rows.figure(palette, names, notes, x_range=(-0.6, len(months) - 0.4))
    for number, name in enumerate(names):
        own = frame[frame["source"] == name].sort_values("month")
        most = max(float(own["projects"].max()), 1.0)
        heights = [float(count) / most * _TALL for count in own["projects"]]
        places, foot = list(range(len(months))), [_FOOT - number] * len(months)
        fig.add_trace(
            go.Bar(
                x=places, y=[_TALL] * len(months), base=foot, width=0.72, hoverinfo="skip",
                marker={"color": "rgba(0,0,0,0)", "line": {"color": palette.line, "width": 1}},
            )
        )  # fmt: skip
        fig.add_trace(
            go.Bar(
                x=places, y=heights, base=foot, width=0.72,
                marker={"color": [*[palette.mid] * (len(months) - 1), palette.ink], "line": {"width": 0}},
                customdata=[[name, month.isoformat()] for month in months],
                hovertext=[
                    t.n("freshness.hover.arrivals", int(count), month=f.month(month))
                    for month, count in zip(months, own["projects"], strict=True)
                ],
                hoverinfo="text",
            )
        )  # fmt: skip
    shown = list(range(len(months)))[::-1][:: max(1, -(-len(months) // 5))]
    fig.update_layout(barmode="overlay")
    return fig.update_xaxes(tickvals=shown, ticktext=[f.month(months[i]) for i in shown], showgrid=False)
