"""Data-quality findings in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from locales import Translator
from ui.formats import Formats, is_missing

_BY_UNIT = ("ratio", "fraction", "pp", "days", "count", "money", "score")


def sentence(row: Any, t: Translator, f: Formats) -> str:
    """A row of mart_data_quality (with the project's `currency`) as a sentence; its id where there is no text."""
    key = str(row.sentence_key)
    if key not in t:
        return str(row.check_id)
    value = f.by_unit(row.value, row.unit, row.currency) if row.unit in _BY_UNIT else f.number(row.value, 1)
    return t.t(key, value=value, detail=_detail(row.detail, t, f))


def _detail(detail: Any, t: Translator, f: Formats) -> str:
    """What a finding is about: dates as people read them, columns by their label, the rest as it is."""
    if is_missing(detail):
        return f.missing()
    try:
        return f.date(date.fromisoformat(str(detail)))
    except ValueError:
        named = t.label("column", str(detail))
        return named if named != str(detail) else t.label("value", named)
