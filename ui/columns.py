"""What a table's columns are called and hold: a column is a label, or Streamlit's column settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pandas as pd


def heading(name: str, how: Any) -> str:
    """The heading of a column: a label, or column settings that hold one."""
    if isinstance(how, str):
        return how
    return str((how or {}).get("label") or name)


def kind(values: pd.Series, how: Any) -> str:
    """What a column's settings say it is (number, date, link, line_chart …); else what its values are."""
    if isinstance(how, Mapping) and how.get("type_config"):
        return str(how["type_config"]["type"])
    if pd.api.types.is_bool_dtype(values):
        return "checkbox"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    return "date" if pd.api.types.is_datetime64_any_dtype(values) else "text"


def link_text(value: Any) -> Any:
    """The name that an address of `tables.project_links` shows; anything else as it is."""
    if isinstance(value, str) and value.startswith("/") and "#" in value:
        return unquote(value.rsplit("#", 1)[1])
    return value
