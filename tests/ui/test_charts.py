from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from locales import translator
from ui.charts import base
from ui.context import Context
from ui.formats import Formats
from ui.theme import CHART


def test_roles_are_told_apart_without_colour() -> None:
    looks = {(line["dash"], line["width"]) for role in ROLES if (line := base.line(CHART, role))}
    assert len(looks) == len(ROLES)


ROLES = ("actual", "forecast", "baseline", "original_baseline")


def test_figure_lets_both_themes_through() -> None:
    layout = base.figure(CHART).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert not layout.showlegend


def test_names_from_data_are_escaped_in_labels() -> None:
    fig = base.end_label(base.figure(CHART), 1, 1, "<a href='x'>n</a>", CHART.ink)
    assert "<a" not in fig.layout.annotations[0].text


@pytest.mark.parametrize(("language", "first"), [("en", "Jan 2025"), ("es", "ene 2025")])
def test_month_names_are_the_viewers(language: str, first: str) -> None:
    fig = base.month_axis(
        base.figure(CHART), date(2025, 1, 1), date(2026, 12, 31), Formats(translator(language)), ticks=6
    )
    assert fig.layout.xaxis.ticktext[0] == first
    assert len(fig.layout.xaxis.ticktext) == 6


def page_with_figure() -> None:
    import pandas as pd  # noqa: PLC0415

    from ui.charts import base  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    base.show(base.figure(CHART), "Title & <b>", "alt", pd.DataFrame({"a": [1]}), key="fig")


def page_with_numbers_on_demand() -> None:
    import pandas as pd  # noqa: PLC0415
    import streamlit as st  # noqa: PLC0415

    from ui.charts import base  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    made = []
    base.show(
        base.figure(CHART), "Title", "alt", lambda: made.append(1) or pd.DataFrame({"a": [1], "b": [2]}),
        key="fig", columns=lambda: {"b": "Days"},
    )  # fmt: skip
    st.text(f"made {len(made)} times")


def test_the_numbers_are_made_once_somebody_wants_them(app: Callable[..., AppTest]) -> None:
    at = AppTest.from_function(page_with_numbers_on_demand)
    at.session_state["_atalaya_context"] = app().session_state["_atalaya_context"]
    at.run()
    assert at.text[0].value == "made 0 times"
    at.toggle(key="fig_as_table").set_value(True).run()
    assert not at.exception
    assert at.text[0].value == "made 1 times"
    assert list(at.dataframe[0].value["b"]) == [2]


def test_show_offers_the_table(app: Callable[..., AppTest]) -> None:
    context: Context = app().session_state["_atalaya_context"]
    at = AppTest.from_function(page_with_figure)
    at.session_state["_atalaya_context"] = context
    at.run()
    assert not at.exception
    assert "Title &amp; &lt;b&gt;" in at.html[0].value
    assert len(at.dataframe) == 0
    at.toggle(key="fig_as_table").set_value(True).run()
    assert list(at.dataframe[0].value["a"]) == [1]
