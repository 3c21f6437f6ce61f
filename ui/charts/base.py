"""The look that all figures share, and the wrapper that shows one.

Actual is solid, forecast dashed, baseline thin grey, original baseline dotted; RAG colours only for RAG.
Label lines directly (`end_label`), not by a legend. graph_objects only: plotly.express costs 16 ms a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import tables
from ui.charts import words
from ui.charts.kept import Kept
from ui.context import Context, current
from ui.formats import Formats
from ui.marks import escape
from ui.theme import FONT, Palette

if TYPE_CHECKING:
    from ui.picks import Pick

HEIGHT = 320
CONFIG = {"scrollZoom": False, "responsive": True, "doubleClick": "reset", "displaylogo": False}
IMAGE_FORMATS = ("png", "svg")

_PLAIN = go.layout.Template(layout={})

ACTUAL = {"width": 2.2, "dash": "solid"}
FORECAST = {"width": 2.2, "dash": "dash"}
BASELINE = {"width": 1.2, "dash": "solid"}
ORIGINAL_BASELINE = {"width": 1.2, "dash": "dot"}


def line(palette: Palette, role: str) -> dict[str, Any]:
    """The line of a role: actual, forecast, baseline or original_baseline."""
    return {
        "actual": ACTUAL | {"color": palette.ink},
        "forecast": FORECAST | {"color": palette.ink},
        "baseline": BASELINE | {"color": palette.greys[2]},
        "original_baseline": ORIGINAL_BASELINE | {"color": palette.greys[2]},
    }[role]


def figure(palette: Palette, *, height: int = HEIGHT, **layout: Any) -> go.Figure:
    """An empty figure: transparent, no legend, hairline grid, figures in the page's type."""
    axis = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.ink_soft,
        "zerolinewidth": 1,
        "tickfont": {"color": palette.ink_soft, "size": 12},
        "title": {"font": {"color": palette.ink_soft, "size": 12}},
        "automargin": True,
    }
    plain = {
        "template": _PLAIN,
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": palette.ink},
        "margin": {"l": 8, "r": 8, "t": 22, "b": 8},
        "showlegend": False,
        "hoverlabel": {
            "bgcolor": palette.paper,
            "bordercolor": palette.line,
            "font": {"color": palette.ink},
        },
        "xaxis": axis | {"showgrid": False},
        "yaxis": axis,
        "dragmode": False,
        "bargap": 0.35,
    }
    return go.Figure(layout=_merged(plain, layout))  # ten times faster than update_layout


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`under` with `over` laid on top, dictionaries key by key."""
    return under | {
        key: _merged(under[key], value)
        if isinstance(value, dict) and isinstance(under.get(key), dict)
        else value
        for key, value in over.items()
    }


def end_label(fig: go.Figure, x: Any, y: Any, text: str, color: str, *, anchor: str = "left") -> go.Figure:
    """Write a line's name at its end. `text` may come from data: it is escaped."""
    return fig.add_annotation(
        x=x,
        y=y,
        text=escape(text),
        showarrow=False,
        xanchor=anchor,
        xshift=6 if anchor == "left" else -6,
        font={"color": color, "size": 12},
    )


def today_line(fig: go.Figure, x: Any, text: str, palette: Palette) -> go.Figure:
    """A hairline at the as-of date, named at its top."""
    fig.add_shape(
        type="line",
        x0=x,
        x1=x,
        y0=0,
        y1=1,
        yref="paper",
        line={"color": palette.ink_soft, "width": 1, "dash": "dot"},
    )
    return fig.add_annotation(
        x=x, y=1, yref="paper", yanchor="bottom", text=escape(text), showarrow=False,
        font={"color": palette.ink_soft, "size": 11},
    )  # fmt: skip


def month_axis(fig: go.Figure, start: date, end: date, f: Formats, *, ticks: int = 8) -> go.Figure:
    """A time axis whose month names are in the viewer's language (plotly's own are English)."""
    months = pd.date_range(start, end, freq="MS")
    shown = months[:: max(1, -(-len(months) // ticks))]
    return fig.update_xaxes(
        range=[start, end], tickvals=list(shown), ticktext=[f.month(month) for month in shown], type="date"
    )


def show(
    fig: go.Figure,
    title: str,
    alt: str,
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    *,
    key: str,
    columns: dict[str, Any] | Callable[[], dict[str, Any]] | None = None,
    definition: str | None = None,
    select: bool = False,
    pick: Pick | None = None,
    beside: str = "",
) -> list[dict[str, Any]]:
    """Show a figure under its message, with "show as table", download and its definition.

    `title` states the message, `alt` says the same to who cannot see the figure, `table` holds its numbers.
    `table` and `columns` may be functions that make them, called once somebody wants the numbers. `definition`
    is a metric's id on the Definitions page. With `select`, returns the points clicked, each with the trace's
    `customdata`: identify by it; so with `pick`, which besides writes a click into the address (ui.picks).
    `beside` is HTML that stands after the title, as ui.quality's marks. That clicks are answered is said below the title.
    """
    from ui import links, picks  # noqa: PLC0415

    t = current().t
    hint = f'<div class="at-answers">{escape(t.t("figure.answers"))}</div>' if select or pick else ""
    if title:
        st.html(f'<div class="at-figure-title">{escape(title)}{beside}{hint}</div>')
    element = picks.key_of(key, pick) if pick else key
    event = st.plotly_chart(
        fig if isinstance(fig, Kept) else fig.update_layout(meta=st.context.theme.type),
        key=element,
        theme="streamlit",
        config=CONFIG | words.config(t.language) | _camera(key, title or alt),
        alt=alt,
        on_select=partial(picks.adopt, element, pick) if pick else "rerun" if select else "ignore",
        selection_mode=("points",),
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key=f"{key}_more"):
        as_table = st.toggle(t.t("figure.as_table"), key=f"{key}_as_table")
        if callable(table) or not table.empty:
            tables.download(
                table, key, key=f"{key}_data", columns=partial(_columns, columns, table),
                more=partial(_image_choice, key),
            )  # fmt: skip
        if definition:
            links.link("definitions", t.t("figure.definition"), icon=":material/help:", q=definition)
    if as_table:
        data = table() if callable(table) else table
        tables.table(data, _columns(columns, data), key=f"{key}_table", file_name=key, alt=alt)
    return list(event["selection"]["points"]) if not isinstance(event, DeltaGenerator) else []


def _columns(
    columns: dict[str, Any] | Callable[[], dict[str, Any]] | None,
    table: pd.DataFrame | Callable[[], pd.DataFrame],
) -> dict[str, Any]:
    """The columns as given or made; those of the data itself where none are."""
    given = columns() if callable(columns) else columns
    return given or {str(name): str(name) for name in (table() if callable(table) else table).columns}


def _image_choice(key: str) -> None:
    t = current().t
    st.caption(t.t("figure.image"))
    st.segmented_control(
        t.t("figure.image"), IMAGE_FORMATS, key=_image_key(key), format_func=str.upper, required=True,
        default=IMAGE_FORMATS[0], label_visibility="collapsed", persist_state="session",
    )  # fmt: skip


def _image_key(key: str) -> str:
    return f"{key}_image"


def _camera(key: str, title: str) -> dict[str, Any]:
    """The figure's only tool: the camera, which saves it in the format chosen below it, named with its date.

    The picture carries its message, the date, the money, what is filtered and the source (ui/assets/figures.js).
    """
    page = current()
    wanted = st.session_state.get(_image_key(key)) or IMAGE_FORMATS[0]
    return {
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {
            "format": wanted,
            "filename": f"{key}_{page.scope.as_of}",
            "scale": 2 if wanted == "png" else 1,
            "caption": {"title": title, "notes": _notes(page), "source": page.t.t("figure.source")},
        },
    }


def _notes(page: Context) -> list[str]:
    """The date and the money of a figure."""
    t, scope = page.t, page.scope
    return [
        t.t("figure.as_of", date=page.f.date(scope.as_of)),
        *(
            t.t("filter.chip", filter=t.t(f"filter.{name}"), value=t.t(f"filter.{name}.{value}"))
            for name, value in (("currency", scope.currency), ("basis", scope.basis))
        ),
    ]
