"""What Freshness & rejects says in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

import pandas as pd
import pytest

from locales import translator
from metrics.queries.freshness import CAUSES, Headline
from ui import freshness, quality, uploads
from ui.formats import Formats

T, ES = translator("en"), translator("es")
F = Formats(T)
HEADLINE = Headline(
    running=41, owing=2, refused=5, refused_rows=4, refused_files=2, files=9, rows_kept=1000,
    loaded_at=datetime(2025, 9, 2, 10, 5), loads=2,
)  # fmt: skip
OWING = pd.DataFrame(
    {"name": ["Nube"], "project_manager": [None], "last_on": [date(2025, 6, 30)], "managers_of": [0]}
)
REFUSED = pd.DataFrame(
    {
        "source": ["pmo"] * 3 + [None],
        "file": ["a<b>.xlsx"] * 3 + ["c.mpp"],
        "sheet": ["Hitos", "Hitos", "Hitos", None],
        "row": [3, 4, 9, None],
        "column": ["weight", "weight", "name", None],
        "value": ["95x", "95x", None, None],
        "table_name": ["milestones"] * 3 + [None],
        "reason": ["number", "number", "required", "of_tomorrow"],
        "cause": ["number", "number", "required", "of_tomorrow"],
        "params": ["{}", "{}", '{"table": "milestones"}', None],
        "sentence": ["", "", "", "As it was stored."],
        "of_file": [12, 12, 1, 1],
        "of_cause": [12, 12, 1, 1],
        "files_of_cause": [1, 1, 1, 1],
    }
)


@pytest.mark.parametrize(
    ("said", "owing", "words"),
    [
        (HEADLINE, OWING, "2 of 41 projects owe a report, longest of all Nube (no manager named), last seen"),
        (replace(HEADLINE, owing=0), OWING.head(0), "All 41 running projects reported within 35 days."),
    ],
)  # fmt: skip
def test_who_owes(said: Headline, owing: pd.DataFrame, words: str) -> None:
    text = freshness.sentence(said, owing, T, F)
    assert text.startswith(words)
    assert text.endswith("5 entries stand refused, in 2 files.")


def test_nothing_loaded() -> None:
    nothing = Headline(0, 0, 0, 0, 0, 0, 0, None, 0)
    assert freshness.sentence(nothing, OWING.head(0), T, F) == "Nothing has been loaded yet."
    assert freshness.loaded_at(None, T, F) == "n/a"


def test_refused_cells_that_one_sentence_repairs_are_told_together() -> None:
    html = freshness.refused_html(REFUSED, T, F)
    assert "sheet Hitos, rows 3, 4" in html
    assert html.count("95x") == 1
    assert "and 10 more in this file" in html
    assert "a&lt;b&gt;.xlsx" in html


def test_a_reason_without_a_text_is_told_as_it_was_stored() -> None:
    html = freshness.refused_html(REFUSED, ES, Formats(ES))
    assert "No es un número" in html
    assert html.count("As it was stored.") == 2


def test_the_download_names_the_cell_and_the_repair() -> None:
    table = freshness.refused_table(REFUSED, ES)
    assert list(table.columns) == ["Fuente", "Archivo", "Hoja", "Fila", "Columna", "Valor", "Qué hacer"]
    assert table["Qué hacer"].str.len().gt(5).all()


class Finding(NamedTuple):
    sentence_key: str = "dq.ev_falls"
    value: float | None = 2000.0
    unit: str = "money"
    currency: str = "MXN"
    detail: str | None = "2025-05-31"


def test_a_finding_is_a_sentence_with_its_number() -> None:
    assert quality.sentence(Finding(), T, F).replace("\u00a0", " ") == (
        "Earned value fell by MXN 2 k since 31 May 2025."
    )
    assert "n/a" in quality.sentence(Finding(value=None, detail=None), T, F)
    assert "Contract value" in quality.sentence(
        Finding("dq.unit_slip", 1000.0, "ratio", "USD", "contract_value"), T, F
    )


@pytest.mark.parametrize(
    ("step", "done", "total", "share"),
    [
        ("read", 0, 4, 0.0),
        ("read", 4, 4, 0.3),
        ("compute", 1, 2, 0.75),
        ("compute", 9, 2, 1.0),
        ("of_tomorrow", 0, 0, 0.0),
    ],
)
def test_progress(step: str, done: int, total: int, share: float) -> None:
    assert uploads.share(step, done, total) == pytest.approx(share)


REASONS = sorted(key.removeprefix("reject.") for key in T.texts if key.startswith("reject."))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_refusal_has_a_cause_with_a_name(reason: str) -> None:
    causes = [cause for cause, reasons in CAUSES.items() if reason in reasons]
    assert len(causes) == 1
    assert freshness.cause(causes[0], None, ES) == ES.t(freshness.CAUSE_TEXT[causes[0]])


def test_no_cause_is_of_a_reason_that_is_gone() -> None:
    assert {reason for reasons in CAUSES.values() for reason in reasons} == set(REASONS)
    assert set(CAUSES) == set(freshness.CAUSE_TEXT)
