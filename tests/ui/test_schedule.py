"""What the Schedule screen says: one project as one, and each sum of damages with what it is the sum of."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from locales import translator
from metrics.queries.schedule import Headline
from ui import schedule
from ui.formats import Formats

SAID = Headline(
    running=41, contract_known=41, late=3, late_before=3, damages_known=3, ld_probable=3.18e6, ld_maximum=6.65e6,
    ld_booked=0.0, currency="USD", slip_known=41, median_current=0.0, median_original=0.0, worst_days=335.0,
    worst_name="IMS",
)  # fmt: skip
ONE = replace(SAID, running=1, contract_known=1, late=1, damages_known=1)


@pytest.mark.parametrize(
    ("said", "language", "text"),
    [
        (
            SAID,
            "en",
            "3 of 41 projects will miss their contract dates. Likely damages of those late: USD 3.18 M,"
            " capped at USD 6.65 M.",
        ),
        (
            ONE,
            "es",
            "1 de 1 proyecto no cumplirá su fecha contractual. Penalización probable de lo que va tarde:"
            " USD 3.18 M, con tope de USD 6.65 M.",
        ),
        (
            replace(ONE, late=0),
            "pt",
            "O único projeto em curso com data contratual deve cumpri-la, segundo a previsão.",
        ),
    ],
)
def test_the_sentence(said: Headline, language: str, text: str) -> None:
    t = translator(language)
    assert schedule.sentence(said, t, Formats(t)).replace("\u00a0", " ") == text


def test_the_dates_ahead_have_damages_of_their_own() -> None:
    t = translator("en")
    frame = pd.DataFrame(
        [
            {
                "of": 9, "late_of": 2, "overdue_of": 1, "currencies": 1, "money_in": "USD",
                "maximum_of": 14.6e6, "probable_of": 1e6,
            }
        ]
    )  # fmt: skip
    text = schedule.calendar_title(frame, t, Formats(t)).replace("\u00a0", " ")
    assert text == (
        "9 contractual dates are overdue or due within 90 days. 2 are forecast late (1 overdue already)."
        " Damages on these dates alone: USD 1 M likely, capped at USD 14.6 M."
    )
