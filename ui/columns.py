"""What a table's columns are called, hold and read: a column is a label, or Streamlit's column settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import pandas as pd

from ui.formats import Formats, is_missing

NUMBERS = {"integer", "floating", "mixed-integer-float", "decimal"}
DAYS = {"date", "datetime", "datetime64"}
"""What pandas calls the values of a column of objects that holds numbers, or days."""
LARGE = 1000
"""From here on two decimals tell enough."""


def heading(name: str, how: Any) -> str:
    """The heading of a column: a label, or column settings that hold one."""
    if isinstance(how, str):
        return how
    return str((how or {}).get("label") or name)


def settings(how: Any) -> Mapping[str, Any]:
    """What column settings say of the kind of column it is and its format; nothing for a label."""
    return (how.get("type_config") or {}) if isinstance(how, Mapping) else {}


def kind(values: pd.Series, how: Any) -> str:
    """What a column's settings say it is (number, date, link, line_chart …); else what its values are."""
    if told := settings(how):
        return str(told["type"])
    if pd.api.types.is_bool_dtype(values):
        return "checkbox"
    if pd.api.types.is_numeric_dtype(values):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    held = pd.api.types.infer_dtype(values, skipna=True) if values.dtype == object else ""
    return "number" if held in NUMBERS else "date" if held in DAYS else "text"


def writer(values: pd.Series, how: Any, f: Formats) -> Callable[[Any], str]:
    """How a column's values are written in the viewer's language, as plain text; a missing one is "n/a"."""
    what = kind(values, how)
    if what == "number":
        return _number(values, how, f)
    if what in {"date", "datetime"}:
        return f.date
    if what == "checkbox":
        return lambda value: f.missing() if is_missing(value) else "✓" if value else ""
    return lambda value: f.missing() if _is_gap(value) else _said(value)


def link_text(value: Any) -> Any:
    """The name that an address of `tables.project_links` shows; anything else as it is."""
    if isinstance(value, str) and value.startswith("/") and "#" in value:
        return unquote(value.rsplit("#", 1)[1])
    return value


def _number(values: pd.Series, how: Any, f: Formats) -> Callable[[Any], str]:
    """By the column's format: "percent", or what stands around "%,." and the digits; else as its values ask for."""
    pattern = settings(how).get("format") or ""
    if pattern == "percent":
        return f.percent
    before, found, after = pattern.partition("%,.")
    digits = int(after[0]) if found else _digits(values)
    suffix = after[2:].replace("%%", "%") if found else ""
    return lambda value: (
        f.missing() if is_missing(value) else f"{before if found else ''}{f.number(value, digits)}{suffix}"
    )


def _digits(values: pd.Series) -> int:
    """None for whole numbers; else two, of small numbers up to four where they have as many."""
    known = [float(value) for value in values if not is_missing(value)]
    if all(value.is_integer() for value in known):
        return 0
    if max(map(abs, known)) >= LARGE:
        return 2
    return next((digits for digits in (2, 3) if all(round(v, digits) == v for v in known)), 4)


def _is_gap(value: Any) -> bool:
    return pd.api.types.is_scalar(value) and is_missing(value) and not isinstance(value, str)


def _said(value: Any) -> str:
    return str(link_text(value)) if pd.api.types.is_scalar(value) else ", ".join(map(str, value))
