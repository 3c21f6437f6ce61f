from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ui.sieve import Sieve

NAMES = pd.Series(["/project?project_id=A#N%C3%BAcleo", "Bajío", None])
NUMBERS = pd.Series([1.5, float("nan"), 3.0])
DAYS = pd.Series([date(2025, 8, 31), None, date(2025, 6, 30)], dtype=object)


@pytest.mark.parametrize(
    ("sieve", "column", "passing"),
    [
        (Sieve(), NAMES, [True, True, True]),
        (Sieve(values=("Núcleo",)), NAMES, [True, False, False]),
        (Sieve(values=("",)), NAMES, [False, False, True]),
        (Sieve(part="nucleo"), NAMES, [True, False, False]),
        (Sieve(part="BAJIO"), NAMES, [False, True, False]),
        (Sieve(), NUMBERS, [True, True, True]),
        (Sieve(low=1.5), NUMBERS, [True, False, True]),
        (Sieve(low=1.6, high=3), NUMBERS, [False, False, True]),
        (Sieve(low=date(2025, 7, 1)), DAYS, [True, False, False]),
        (Sieve(high=date(2025, 7, 1)), pd.to_datetime(DAYS), [False, False, True]),
        (Sieve(values=("a, b",)), pd.Series([["a", "b"], ["a"]]), [True, False]),
    ],
)
def test_which_rows_pass(sieve: Sieve, column: pd.Series, passing: list[bool]) -> None:
    assert sieve.passes(column).tolist() == passing


def page() -> None:
    """A table of eight projects, and what was chosen in it."""
    from dataclasses import dataclass  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415
    import streamlit as st  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415
    from metrics.scope import Scope  # noqa: PLC0415
    from ui import context, tables  # noqa: PLC0415
    from ui.formats import Formats  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    @dataclass
    class Store:
        version: str = "sieve 1"

    t = translator("en")
    context.provide(context.Context(Scope("", date(2025, 8, 31)), t, Formats(t), CHART, Store()))
    frame = pd.DataFrame(
        {"name": list("abcdefgh"), "customer": ["X", "Y"] * 4, "share": [i / 10 for i in range(8)]}
    )
    columns = {"name": "Name", "customer": "Customer", "share": tables.percent("Share")}
    chosen = tables.table(frame, columns, key="k", file_name="f", alt="Projects", select=True)
    st.write(f"chosen {chosen}")


def popovers(block: Any) -> list[str]:
    """The labels of all popovers in a block."""
    inside = [label for child in getattr(block, "children", {}).values() for label in popovers(child)]
    return [block.proto.popover.label, *inside] if block.type == "popover" else inside


@pytest.mark.parametrize(
    ("state", "names", "label"),
    [
        ({}, "abcdefgh", "Filter"),
        ({"k_filter_by_en": ["customer"], "k_filter_customer_en_values": ["Y"]}, "bdfh", "4 of 8 rows"),
        ({"k_filter_by_en": ["share"], "k_filter_share_en_low": 50.0}, "fgh", "3 of 8 rows"),
        ({"k_filter_by_en": [], "k_filter_customer_en_values": ["Y"]}, "abcdefgh", "Filter"),
        ({"k_filter_by_en": ["customer"], "k_filter_customer_en_values": ["Z"]}, None, "0 of 8 rows"),
    ],
)
def test_a_filtered_table(state: dict[str, Any], names: str | None, label: str) -> None:
    at = AppTest.from_function(page)
    for key, value in state.items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    assert [list(d.value["name"]) for d in at.dataframe] == ([list(names)] if names else [])
    assert label in popovers(at.main)
