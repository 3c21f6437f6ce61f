from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
import streamlit as st

from locales import translator
from ui import printed
from ui.formats import Formats
from ui.tables import day, link_column, number, percent

EN, PT = translator("en"), translator("pt")


@pytest.mark.parametrize(
    ("value", "how", "language", "cell"),
    [
        ("a <b>", "A", "en", "<td>a &lt;b&gt;</td>"),
        (None, "A", "en", "<td>n/a</td>"),
        (1234.5, number("A", digits=2), "en", '<td class="at-num">1,234.50</td>'),
        (1234.5, number("A", digits=2), "pt", '<td class="at-num">1.234,50</td>'),
        (-3.24, number("A", digits=1, suffix=" %"), "en", '<td class="at-num">\u22123.2 %</td>'),
        (float("nan"), number("A", suffix=" %"), "en", '<td class="at-num">n/a</td>'),
        (0.123, percent("A"), "en", '<td class="at-num">12.3\xa0%</td>'),
        (7, "A", "en", '<td class="at-num">7</td>'),
        (0.75, "A", "en", '<td class="at-num">0.75</td>'),
        (0.9334, "A", "pt", '<td class="at-num">0,9334</td>'),
        (0.12345, "A", "en", '<td class="at-num">0.1235</td>'),
        (1234.5678, "A", "en", '<td class="at-num">1,234.57</td>'),
        (True, "A", "en", "<td>✓</td>"),
        (date(2025, 8, 31), day("A"), "en", '<td class="at-day">31 Aug 2025</td>'),
        (date(2025, 8, 31), "A", "es", '<td class="at-day">31 ago 2025</td>'),
        (pd.Timestamp("2025-08-31"), "A", "pt", '<td class="at-day">31 ago 2025</td>'),
        (Decimal("1234.50"), "A", "pt", '<td class="at-num">1.234,50</td>'),
        (pd.NaT, day("A"), "en", '<td class="at-day">n/a</td>'),
        ("/project?project_id=A#N%C3%BAcleo%205G", link_column("A"), "en", "<td>Núcleo 5G</td>"),
        (["a", "b"], "A", "en", "<td>a, b</td>"),
    ],
)
def test_a_cell_on_paper(value: object, how: object, language: str, cell: str) -> None:
    t = translator(language)
    assert cell in printed.html(pd.DataFrame({"a": [value]}), {"a": how}, t, Formats(t))


def test_the_numbers_of_a_column_have_the_same_decimals() -> None:
    frame = pd.DataFrame({"a": [0.5, 2.0, 0.125, None]})
    html = printed.html(frame, {"a": "A"}, EN, Formats(EN))
    assert re.findall('at-num">([^<]+)</td', html) == ["0.500", "2.000", "0.125", "n/a"]


def test_a_trend_is_drawn() -> None:
    html = printed.html(
        pd.DataFrame({"a": [[1.0, 2.0]]}), {"a": st.column_config.LineChartColumn("A")}, EN, Formats(EN)
    )
    assert "at-spark" in html


def test_only_the_columns_shown_and_so_many_rows() -> None:
    frame = pd.DataFrame({"hidden": range(250), "a": range(250)})
    html = printed.html(frame, {"a": "First <a>"}, EN, Formats(EN))
    assert html.count("<tr>") == printed.MOST + 1
    assert '<th class="at-num">First &lt;a&gt;</th>' in html
    assert "50 more rows" in html
    assert "more row" not in printed.html(frame.head(200), {"a": "A"}, EN, Formats(EN))


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ({"a": [1, None]}, True),
        ({"a": [1, 2]}, False),
        ({"b": [1, None]}, False),
        ({"a": ["1", None]}, False),
    ],
)
def test_equal_data_have_equal_digests(other: dict[str, list[object]], is_same: bool) -> None:
    known = printed.digest(pa.table({"a": [1, None]}))
    assert (printed.digest(pa.table(other)) == known) is is_same
