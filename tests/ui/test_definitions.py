from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from locales import languages, translator
from metrics.definitions import GROUPS, UNITS, definitions, in_force
from metrics.queries.definitions import Rule
from metrics.settings import BY_NAME
from ui.definitions import card, example_text, formula, matching, symbols_of, thresholds_html
from ui.formats import Formats

EN = translator("en")


def rule(**bounds: float | bool) -> Rule:
    empty = dict.fromkeys(
        ("green_from", "green_to", "amber_from", "amber_to", "from_percent_complete", "source")
    )
    return Rule(id="r", dimension="d", metric="m", unit="ratio", **{**empty, "exclusive": False, **bounds})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("cpi", ["cpi"]),
        ("sandia", ["watermelon"]),
        ("Desviación original días", ["slip_days_original", "slip_working_days_original"]),
        ("zebra", []),
    ],
)
def test_search_in_any_language_without_accents(words: str, ids: list[str]) -> None:
    assert [d.id for d in matching(definitions(), words)] == ids


def test_no_words_find_everything_once() -> None:
    found = matching(definitions(), "")
    assert len(found) == len({d.id for d in found}) == len(definitions())


@pytest.mark.parametrize("definition", definitions(), ids=lambda d: d.id)
@pytest.mark.parametrize("language", languages())
def test_every_definition_is_complete(definition, language: str) -> None:
    t = translator(language)
    assert definition.group in GROUPS
    assert definition.unit in UNITS
    for key in (f"{definition.id}.name", f"{definition.id}.meaning", f"unknown.{definition.unknown}"):
        assert t.t(f"metric.{key}")
    assert "\\word" not in formula(definition, t)


CHOSEN = [d for d in definitions() if d.setting]


@pytest.mark.parametrize("definition", CHOSEN, ids=lambda d: d.id)
def test_every_value_of_a_setting_has_its_formula(definition) -> None:
    setting = BY_NAME[definition.setting]
    assert {*definition.variants, setting.default} == set(setting.choices)
    for language in languages():
        for value in setting.choices:
            assert "\\word" not in formula(in_force(definition, {setting.name: value}), translator(language))


@pytest.mark.parametrize("variant", ["cpi", "budget_rate", "composite", "bottom_up"])
def test_the_formula_of_the_eac_is_that_of_the_variant_in_force(variant: str) -> None:
    by_id = {d.id: d for d in definitions()}
    chosen = in_force(by_id["eac"], {"eac_variant": variant}).formula
    assert chosen == r"\text{EAC} = " + by_id[f"eac_{variant}"].formula


def test_without_settings_the_formula_is_that_of_the_default() -> None:
    assert [in_force(d, {}).formula for d in CHOSEN] == [d.formula for d in CHOSEN]


def test_the_page_shows_the_formula_in_force(app: Callable[..., AppTest]) -> None:
    assert "the manager's estimate" in cards(app(q="eac"))


@pytest.mark.parametrize(
    ("bounds", "texts"),
    [
        ({"green_from": 0.95, "amber_from": 0.9}, ["≥ 0.95", "0.90 to 0.95"]),
        ({"green_to": 0.0, "amber_to": 2.0}, ["≤ 0.00", "0.00 to 2.00"]),
        ({"green_to": 0.05, "exclusive": True}, ["&lt; 0.05"]),
        ({"green_from": 0.95, "green_to": 1.05}, ["0.95 to 1.05"]),
    ],
)
def test_thresholds(bounds: dict[str, float], texts: list[str]) -> None:
    html = thresholds_html(rule(**bounds), EN, Formats(EN)).replace("\u00a0", " ")
    assert all(text in html for text in [*texts, "otherwise"])
    assert ("at-amber" in html) == ("amber_from" in bounds or "amber_to" in bounds)


def cards(at: AppTest) -> str:
    """What the page shows of its metrics."""
    return "".join(m.value for m in at.markdown if "at-definition" in m.value)


def test_page(app: Callable[..., AppTest]) -> None:
    at = app()
    html = " ".join(h.value for h in at.html)
    assert f"{len(definitions())} metrics" in html
    assert "<code>cost_cpi</code>" in cards(at)
    assert "<code>own_rule</code>" in html
    at.text_input(key="q").set_value("cpi").run()
    assert "1 metric speaks of" in " ".join(h.value for h in at.html)
    assert cards(at).count("at-definition-name") == 1
    at.text_input(key="q").set_value("<b>zebra").run()
    assert "No metric speaks of “&lt;b&gt;zebra”" in " ".join(h.value for h in at.html)


def test_only_the_formula_of_a_card_is_read_as_markdown() -> None:
    """A blank line would end the HTML around it, and what a project is called is not ours to trust."""
    definition = next(d for d in definitions() if d.id == "cpi")
    values = {"cpi": 0.98, "currency": "MXN", "name": "<b>A</b>\n\n$x$ **[b](c)**"}
    markdown = card(definition, [rule(green_from=0.95)], "0.98", values, EN, Formats(EN))
    before, typeset, after = markdown.split("\n\n$$\n")[0], *markdown.split("$$")[1:]
    assert typeset.strip() == formula(definition, EN)
    assert "\n" not in before
    assert "\n" not in after.strip()
    assert "&lt;b&gt;A&lt;/b&gt; $x$ **[b](c)**" in after


@pytest.mark.parametrize(
    ("metric", "values", "text"),
    [
        ("cpi", {"cpi": 0.98, "ev": 209, "ac": 212}, "EV MXN 209 · AC MXN 212 → 0.98"),
        (
            "percent_complete",
            {"percent_complete": 0.7, "ev": 209, "bac": 298},
            "BAC MXN 298 · EV MXN 209 → 70.0 %",
        ),
        ("satisfaction", {"satisfaction": 7.7}, "7.7"),
        ("cpi", {"ev": 209}, None),
        ("spi_t", {"spi_t": 0.9, "earned_schedule": 2.7, "actual_time": 3.0}, "ES 2.70 · AT 3.00 → 0.90"),
        (
            "ieac_t",
            {"ieac_t": 8.0, "planned_duration": 6.0, "spi_t": 0.75, "spi": 0.8},
            "SPI(t) 0.75 · PD 6.00 → 8.00",
        ),
    ],
)
def test_worked_example(metric: str, values: dict[str, float], text: str | None) -> None:
    definition = next(d for d in definitions() if d.id == metric)
    shown = example_text(
        definition, symbols_of(definitions()), {"currency": "MXN", **values}, EN, Formats(EN)
    )
    assert (shown and shown.replace("\u00a0", " ")) == text
