from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from locales import translator
from metrics.queries.rag import Headline
from ui import rag
from ui.formats import Formats

EN, ES = translator("en"), translator("es")
NOTHING = Headline(0, 0, 0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("said", "english", "spanish"),
    [
        (
            Headline(41, 40, 27, 2, 3, 4, 1, 9, 1),
            "5 of the 27 projects reported green are not: 2 are red, 3 are amber. 4 reported amber are red.",
            "5 de los 27 proyectos reportados en verde no lo están: 2 están en rojo, 3 están en ámbar."
            " 4 reportados en ámbar están en rojo.",
        ),
        (
            Headline(3, 3, 1, 1, 0, 0, 0, 1, 0),
            "1 of the 1 project reported green is not: 1 is red.",
            "1 de 1 proyecto reportado en verde no lo está: 1 está en rojo.",
        ),
        (
            Headline(3, 3, 2, 0, 0, 0, 0, 0, 0),
            "None of the 2 projects reported green is amber or red.",
            "Ninguno de los 2 proyectos reportados en verde está en ámbar ni en rojo.",
        ),
        (
            Headline(3, 2, 0, 0, 0, 1, 0, 1, 0),
            "None of the 2 projects that report a colour reports green. 1 reported amber is red.",
            "Ninguno de los 2 proyectos que reportan color reporta verde. 1 reportado en ámbar está en rojo.",
        ),
        (
            Headline(3, 0, 0, 0, 0, 0, 0, 0, 3),
            "The 3 running projects report no colour of their own: only the computed ones are known.",
            "Los 3 proyectos en curso no reportan color propio: sólo se conocen los calculados.",
        ),
        (
            NOTHING,
            "There is no colour to show with these filters on this date.",
            "No hay color que mostrar con estos filtros a esta fecha.",
        ),
    ],
)
def test_sentence(said: Headline, english: str, spanish: str) -> None:
    assert rag.sentence(said, EN, Formats(EN)) == english
    assert rag.sentence(said, ES, Formats(ES)) == spanish


def row(**own: object) -> object:
    told = {
        "spi_t": 0.85, "cpi": None, "margin_lost_pp": 1.3, "slip_days": None, "percent_complete": 0.5,
        "forecast_finish": date(2026, 1, 31), "reported_overall": "green", "shown_overall": "red", **own,
    }  # fmt: skip
    return next(pd.DataFrame([told]).itertuples())


@pytest.mark.parametrize(
    ("test", "text"),
    [
        (
            "reported_better",
            "Reported green, computed red; reported better than computed since 30 Apr 2025.",
        ),
        ("low_spi_t", "Since 30 Apr 2025 reported green with an SPI(t) that is too low, now 0.85."),
        ("margin_lost", "Since 30 Apr 2025 reported green with too much margin lost, now 1.3\u00a0pp."),
        (
            "frozen_forecast",
            "The forecast stays at 31 Jan 2026 for three reports or more while SPI(t) falls to 0.85;"
            " seen since 30 Apr 2025.",
        ),
        ("a test of our own", "a test of our own, since 30 Apr 2025"),
    ],
)
def test_each_test_is_a_sentence_with_its_date(test: str, text: str) -> None:
    assert rag.test_text(test, date(2025, 4, 30), row(), EN, Formats(EN)) == text


def test_without_an_overall_report_the_dimensions_reported_better_are_named() -> None:
    told = row(
        reported_overall=None, reported_cost="green", shown_cost="amber", reported_scope="red", shown_scope="red",
        reported_schedule="amber", shown_schedule="red", reported_quality=None, shown_quality="red",
    )  # fmt: skip
    assert rag.test_text("reported_better", date(2025, 4, 30), told, EN, Formats(EN)) == (
        "No overall colour was reported. Cost: reported green, computed amber; Schedule: reported amber, computed red;"
        " reported better than computed since 30 Apr 2025."
    )


@pytest.mark.parametrize(
    ("computed", "reported", "said"),
    [("red", "green", "green"), ("green", "green", ""), ("red", None, "–"), ("grey", "amber", "amber")],
)
def test_what_was_reported_is_in_words_only_where_it_differs(computed, reported, said) -> None:
    html = rag.reported_html(EN, computed, reported)
    assert (f'<span class="at-word">{said}</span>' in html) == (reported is not None)
    assert (said in html) or not said


@pytest.mark.parametrize(
    ("shown", "total", "page", "said"),
    [
        (25, 42, 1, "25 of 42 projects; page 1 of 2."),
        (17, 42, 2, "17 of 42 projects; page 2 of 2."),
        (25, 25, 1, ""),
    ],
)
def test_paper_says_which_page_of_the_matrix_it_is(shown: int, total: int, page: int, said: str) -> None:
    html = rag.print_html(shown, total, page, EN, Formats(EN))
    assert html == (f'<p class="at-print at-soft">{said}</p>' if said else "")
