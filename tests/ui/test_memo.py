from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Draws one part twice, in English and in Spanish, and counts how often it was drawn."""
    from dataclasses import dataclass  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    import plotly.graph_objects as go  # noqa: PLC0415
    import streamlit as st  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415
    from metrics.scope import Scope  # noqa: PLC0415
    from ui import context, memo  # noqa: PLC0415
    from ui.formats import Formats  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    @dataclass
    class Store:
        version: str = "memo 1"

    drawn = []
    for language in ("en", "es", "en"):
        t = translator(language)
        context.provide(context.Context(Scope("", date(2025, 8, 31)), t, Formats(t), CHART, Store()))
        st.write(memo.html("part", lambda t=t: drawn.append(1) or t.t("nav.margin"), "arg"))
        fig = memo.figure("figure", lambda: drawn.append(1) or go.Figure(go.Bar(x=[1], y=[2])))
        fig.update_layout(meta=language)
    st.write(f"{len(drawn)} {fig.data[0].y} {fig.layout.meta}")


def test_a_part_is_drawn_once_per_language_and_a_figure_is_ones_own() -> None:
    at = AppTest.from_function(page).run()
    assert not at.exception
    assert [m.value for m in at.markdown] == ["Margin", "Margen", "Margin", "4 (2,) en"]
