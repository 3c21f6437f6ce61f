from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from locales import languages
from ui.charts import words


@pytest.mark.parametrize(
    ("language", "says", "month", "weekday", "decimal"),
    [
        ("en", "Save this figure as a picture", "Sep", "Sunday", "."),
        ("es", "Guardar esta figura como imagen", "sep", "domingo", "."),
        ("pt", "Salvar esta figura como imagem", "set", "domingo", ","),
    ],
)
def test_plotly_speaks_the_language(language: str, says: str, month: str, weekday: str, decimal: str) -> None:
    config = words.config(language)
    told = config["locales"][config["locale"]]
    assert told["dictionary"]["Download plot as a PNG"] == says
    assert told["format"]["shortMonths"][8] == month
    assert told["format"]["days"][0] == weekday
    assert {told["format"][part] for part in ("decimal", "thousands")} == {",", "."}
    assert told["format"]["decimal"] == decimal


def test_every_language_says_all() -> None:
    assert {frozenset(words.config(one)["locales"][one]["dictionary"]) for one in languages()} == {
        frozenset(words.SAYS)
    }


def test_the_texts_are_those_of_the_plotly_that_is_shipped() -> None:
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    shipped = next(folder.glob("PlotlyChart.*.js")).read_text(encoding="utf-8")
    assert [text for text in words.SAYS if f"`{text}`" not in shipped] == []
