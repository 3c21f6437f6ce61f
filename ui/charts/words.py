"""What plotly itself says and writes, in the viewer's language: its camera, month names and separators."""

from __future__ import annotations

from functools import cache
from typing import Any

from babel import Locale

from locales import NUMBER_LOCALES, translator

SAYS = {
    "Download plot as a PNG": "figure.camera",
    "Download plot": "figure.camera",
    "Preparing image - this may take a few seconds": "figure.camera.busy",
    "Image download succeeded": "figure.camera.done",
    "Sorry, there was a problem downloading your image!": "figure.camera.failed",
}
"""Plotly's own texts, as far as its camera is its only tool, and the key of ours."""
FROM_SUNDAY = (6, 0, 1, 2, 3, 4, 5)
DATES = {
    "date": "%d/%m/%Y", "time": "%H:%M:%S", "dateTime": "%-d %b %Y %H:%M",
    "year": "%Y", "month": "%b %Y", "dayMonth": "%-d %b", "dayMonthYear": "%-d %b %Y",
}  # fmt: skip
"""The order of a date's parts, the same in all our languages, as in ui.formats."""


@cache
def config(language: str) -> dict[str, Any]:
    """The settings that make plotly speak `language`. Nobody may change them."""
    t, of = translator(language), Locale.parse(NUMBER_LOCALES.get(language, language))
    symbols = of.number_symbols["latn"]
    names = {
        name: [_plain(of_kind["format"][width][i]) for i in order]
        for name, of_kind, width, order in (
            ("days", of.days, "wide", FROM_SUNDAY),
            ("shortDays", of.days, "abbreviated", FROM_SUNDAY),
            ("months", of.months, "wide", range(1, 13)),
            ("shortMonths", of.months, "abbreviated", range(1, 13)),
        )
    }
    numbers = {"decimal": symbols["decimal"], "thousands": symbols["group"], "grouping": [3]}
    said = {plotly: t.t(key) for plotly, key in SAYS.items()}
    return {
        "locale": language,
        "locales": {language: {"dictionary": said, "format": names | numbers | DATES}},
    }


def _plain(name: str) -> str:
    """Without the full stop of an abbreviation, as all our dates."""
    return name.replace(".", "")
