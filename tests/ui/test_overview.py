"""What the Overview says in words: the sentence for every case, and names from data made harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from locales import translator
from metrics.queries.overview import Moment, Pulse, Turned
from ui import overview
from ui.formats import Formats

T = translator("en")
F = Formats(T)
NOW = Moment(
    day=date(2025, 8, 31), projects=40, green=25, amber=8, red=5, grey=2, margin_points=18.0, fx_points=-1.0,
    margin_known=38, median_slip=12.0, median_slip_current=2.0, worst_slip=90, worst_id="A",
    worst_name="Core", slip_known=38, late=9, risk_exposure=1e6, ld_probable=2e6, contingency_left=3e6,
    unbilled=None, overdue=None,
)  # fmt: skip
BEFORE = replace(NOW, day=date(2025, 7, 31), margin_points=19.8, fx_points=0.1, median_slip=9.0)
TURNED = Turned(compared=38, worse=4, to_red=2, better=1)


def said(now: Moment = NOW, before: Moment | None = BEFORE, turned: Turned | None = TURNED) -> str:
    told = Pulse(now=now, before=before, reports=(now,), currency="USD")
    return overview.sentence(told, turned if before else None, T, F).replace("\u00a0", " ")


def test_the_whole_sentence() -> None:
    assert said() == (
        "4 of 38 projects turned worse since 31 Jul, 2 of them to red. "
        "The forecast margin fell by 1.8 points to 18.0 %. Of that, 1.1 points are the exchange rate. "
        "The median slip against the original baseline grew by 3 days to 12 days."
    )


@pytest.mark.parametrize(
    ("turned", "words"),
    [
        (replace(TURNED, to_red=0), "4 of 38 projects turned worse since 31 Jul, none of them to red."),
        (replace(TURNED, worse=1, to_red=1), "1 of 38 projects turned worse since 31 Jul, to red."),
        (replace(TURNED, worse=0, to_red=0), "None of 38 projects turned worse since 31 Jul. 5 are red."),
        (Turned(0, 0, 0, 0), "Of 40 projects: 5 red, 8 amber, 25 green."),
    ],
)
def test_who_turned(turned: Turned, words: str) -> None:
    assert said(turned=turned).startswith(words)


@pytest.mark.parametrize(
    ("margin", "exchange", "words"),
    [
        (19.8, 0.1, "The forecast margin stands at 19.8 %, unchanged. The median"),
        (20.3, 0.1, "rose by 0.5 points to 20.3 %. None of that is the exchange rate."),
        (19.3, 0.5, "fell by 0.5 points to 19.3 %. The exchange rate alone gave 0.4 points."),
        (20.3, -0.9, "rose by 0.5 points to 20.3 %. The exchange rate alone took 1.0 points."),
        (19.3, None, "fell by 0.5 points to 19.3 %. The median"),
    ],
)
def test_how_much_of_the_margin_is_the_exchange_rate(margin, exchange, words: str) -> None:
    assert words in said(replace(NOW, margin_points=margin, fx_points=exchange))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"median_slip": 6.0}, "shrank by 3 days to 6 days."),
        ({"median_slip": 9.0, "late": 11}, "11 of 38 projects are 30 days or more behind"),
        ({"median_slip": 9.0, "late": 11}, "their original baseline, 2 more than on 31 Jul."),
        ({"median_slip": 9.0, "late": 8}, "their original baseline, 1 fewer than on 31 Jul."),
        ({"median_slip": 9.0}, "as many as on 31 Jul."),
        ({"median_slip": 9.0, "late": 0}, "The median slip against the original baseline is 9 days."),
    ],
)  # fmt: skip
def test_what_slip_did(now, words: str) -> None:
    assert words in said(replace(NOW, **now))


def test_an_unknown_figure_is_left_out() -> None:
    assert said(replace(NOW, margin_points=None, median_slip=None)) == (
        "4 of 38 projects turned worse since 31 Jul, 2 of them to red."
    )


def test_without_a_comparison() -> None:
    assert said(before=None) == (
        "Of 40 projects: 5 red, 8 amber, 25 green. The forecast margin is 18.0 %. "
        "9 of 38 projects are 30 days or more behind their original baseline."
    )


ONE = replace(NOW, projects=1, green=0, amber=0, red=1, grey=0)


@pytest.mark.parametrize(
    ("turned", "words"),
    [
        (Turned(1, 1, 1, 0), "The project turned worse since 31 Jul: it is red now."),
        (Turned(1, 0, 0, 1), "The project turned better since 31 Jul: it is red now."),
        (Turned(1, 0, 0, 0), "The project is red, as on 31 Jul."),
        (Turned(0, 0, 0, 0), "The one project in view is red."),
    ],
)
def test_one_project(turned: Turned, words: str) -> None:
    assert said(ONE, turned=turned).startswith(words)


def test_nothing_in_view_and_nothing_known() -> None:
    nothing = replace(NOW, projects=0, green=0, amber=0, red=0, grey=0)
    assert said(nothing) == "No running project is in view on 31 Aug 2025."
    assert said(replace(nothing, projects=3, grey=3)).startswith("None of 3 projects in view")


def test_another_years_date_has_its_year() -> None:
    assert "since 31 Jul 2024" in said(before=replace(BEFORE, day=date(2024, 7, 31)))


def test_sums_of_what_is_known() -> None:
    assert (NOW.exposure, NOW.stuck) == (3e6, None)
    assert replace(NOW, ld_probable=None).exposure == 1e6
    assert replace(NOW, overdue=5.0).stuck == 5.0


def test_spanish() -> None:
    told = Pulse(NOW, BEFORE, (NOW,), "USD")
    es = translator("es")
    text = overview.sentence(told, TURNED, es, Formats(es))
    assert text.startswith("4 de 38 proyectos empeoraron desde el 31 jul, de ellos 2 a rojo. El margen")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (replace(BEFORE, amber=6, green=28), "since 31 Jul: amber +2, green −3, unknown 0"),
        (None, ""),
    ],
)
def test_the_other_colours_change_too(before: Moment | None, said: str) -> None:
    html = overview._others_moved(Pulse(NOW, before, (NOW,), "USD"), T, F)
    html = html.replace("\u00a0", " ")
    assert html == (f'<div class="at-soft at-small">{said}</div>' if said else "")
