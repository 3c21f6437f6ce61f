from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from locales import languages, translator
from metrics.definitions import GROUPS, UNITS, Definition, definitions, formula, in_force, variants_of
from metrics.queries.definitions import Example, Read, Rule, Term, Worked
from metrics.queries.examples import HELD, rolled_up
from metrics.rules import load_rules
from metrics.settings import BY_NAME
from ui.definitions import (
    card,
    contents_html,
    example_text,
    matching,
    names_of,
    read_text,
    rolled_text,
    rule_source,
    thresholds_html,
)
from ui.formats import Formats

EN = translator("en")


def rule(**bounds: float | bool | str | None) -> Rule:
    empty = dict.fromkeys(
        ("green_from", "green_to", "amber_from", "amber_to", "from_percent_complete", "source")
    )
    return Rule(
        **{"id": "r", "dimension": "d", "metric": "m", "unit": "ratio", **empty, "exclusive": False, **bounds}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("cpi", ["cpi"]),
        ("sandia", ["watermelon", "watermelons"]),
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
    for key in (
        *(f"{definition.id}.name", f"{definition.id}.meaning"),
        *(f"unknown.{definition.unknown}", f"source.{definition.source}", f"unit.{definition.unit}"),
    ):
        assert t.t(f"metric.{key}")
    assert not re.search(r"\\(word|metric)", formula(definition, t))


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
    assert "<code>own_rule</code>" in html
    assert not cards(at)
    at.text_input(key="q").set_value("cpi").run()
    assert "1 metric speaks of" in " ".join(h.value for h in at.html)
    assert cards(at).count("at-definition-name") == 1
    assert "<code>cost_cpi</code>" in cards(at)
    at.text_input(key="q").set_value("<b>zebra").run()
    assert "No metric speaks of “&lt;b&gt;zebra”" in " ".join(h.value for h in at.html)


def test_a_link_to_a_metric_beats_the_area_looked_at_before(app: Callable[..., AppTest]) -> None:
    shown = cards(app(area="risk", q="cpi"))
    assert re.findall(r'at-definition-name">(.*?)</div>', shown) == ["Cost performance index (CPI)"]


def test_only_the_formula_of_a_card_is_read_as_markdown() -> None:
    """A blank line would end the HTML around it, and what a project is called is not ours to trust."""
    worked = Worked("<b>A</b>\n\n$x$ **[b](c)**", "MXN", {})
    markdown = card(metric("cpi"), [rule(green_from=0.95)], "0.98", worked, EN, Formats(EN))
    before, typeset, after = markdown.split("\n\n$$\n")[0], *markdown.split("$$")[1:]
    assert typeset.strip() == formula(metric("cpi"), EN)
    assert "\n" not in before
    assert "\n" not in after.strip()
    assert "&lt;b&gt;A&lt;/b&gt; $x$ **[b](c)**" in after


def metric(id_: str) -> Definition:
    return next(d for d in definitions() if d.id == id_)


STATUS, EARNED, CASH = "mart_project_status", "mart_earned_value", "mart_cash"
ORDER = Read("orders", 1, 1, "orders.csv", None, 258)


def own(name: str, value: object, mart: str = STATUS) -> Term:
    return Term(name, value, mart=mart)


@pytest.mark.parametrize(
    ("id_", "example", "text"),
    [
        ("cpi", Example(0.98, (own("ev", 209), own("ac", 212))), "EV MXN 209 · AC MXN 212 → 0.98"),
        (
            "spi_t",
            Example(0.9, (own("earned_schedule", 2.7), own("actual_time", 3.0, EARNED))),
            "ES 2.70 · AT 3.00 → 0.90",
        ),
        ("satisfaction", Example(7.7), "7.7"),
        ("unbilled", Example(12, read=Read("mart_cash", 3)), "3 rows of billing items → MXN 12"),
        ("native_amount", Example(-5, currency="EUR", item="EUR"), "EUR: −EUR 5"),
        ("operational_variance", Example(5), "USD 5"),
        (
            "days_to_pay",
            Example(9, (own("paid_on", date(2025, 8, 10), CASH), own("stage", "paid", CASH)), item="INV-1"),
            "INV-1: Paid on 10 Aug 2025 → 9 d",
        ),
        ("ageing_bucket", Example("1_30"), "1–30 days"),
        ("orders_received", Example(209, read=ORDER), "Purchase orders: orders.csv, row 258 → MXN 209"),
        (
            "notices_missed",
            Example(
                3, (Term("changes", 1, unit="count", read=ORDER), Term("delays", 2, unit="count", read=ORDER))
            ),
            "Changes 1 (Purchase orders: orders.csv, row 258) · Delays 2 → 3",
        ),
        (
            "watermelon",
            Example(True, (own("reported_overall", "green"), own("watermelon_tests", ["low_spi_t"]))),
            "Reported overall status ● green · Tests that hold Green with SPI(t) too low → yes",
        ),
        (
            "completeness",
            Example(0.5, (Term("rules_known", 2, unit="count", read=Read("mart_rag_evidence", 2)),)),
            "Rules known 2 → 50.0 %",
        ),
        ("planned_value", Example(7, item=date(2025, 6, 30)), "30 Jun 2025: MXN 7"),
        ("margin_bridge", Example(7, item="forecast"), "Forecast, current rates: MXN 7"),
        ("projects", Example(6, read=Read("portfolio", 6), currency="USD"), "6 running projects → 6"),
        (
            "value_red",
            Example(0.5, (Term("value", 3, unit="money"),), currency="USD"),
            "Value USD 3 → 50.0 %",
        ),
        ("cpi", None, None),
    ],
)
def test_worked_example(id_: str, example: Example | None, text: str | None) -> None:
    worked = Worked("A", "MXN", {} if example is None else {id_: example})
    shown = example_text(metric(id_), names_of(definitions(), EN), worked, EN, Formats(EN))
    assert (shown and shown.replace("\u00a0", " ")) == text


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (ORDER, "Purchase orders: orders.csv, row 258"),
        (Read("risks", 1, 1, "a.xlsx", "Risks", 12), "Risks and opportunities: a.xlsx, sheet Risks, row 12"),
        (Read("orders", 12, 1, "orders.csv", None, 3), "12 rows of Purchase orders: orders.csv"),
        (Read("orders", 12, 2, "orders.csv", None, 3), "12 rows of Purchase orders, 2 files"),
        (Read("orders", 0), "0 rows of Purchase orders"),
        (Read("mart_rag_evidence", 1), "1 row of rules"),
        (Read("portfolio", 1), "1 running project"),
    ],
)
def test_where_a_number_was_read(read: Read, text: str) -> None:
    assert read_text(read, EN) == text


def test_the_same_of_the_programme() -> None:
    ev, ac = (
        Term(f"{name}_sum", value, unit="money", read=Read("portfolio", 6))
        for name, value in (("ev", 9), ("ac", 10))
    )
    worked = Worked("A", "MXN", {}, "Core", {"cpi": Example(0.9, (ev, ac), currency="USD")})
    shown = rolled_text(metric("cpi"), names_of(definitions(), EN), worked, EN, Formats(EN))
    assert shown
    assert shown.replace("\u00a0", " ") == "EV USD 9 (6 running projects) · AC USD 10 → 0.90"
    markdown = card(metric("cpi"), [], None, worked, EN, Formats(EN), shown)
    assert "Its programme Core: EV USD" in markdown
    assert rolled_text(metric("sv"), {}, worked, EN, Formats(EN)) is None


@pytest.mark.parametrize("definition", [d for d in definitions() if d.by and d.variants], ids=lambda d: d.id)
@pytest.mark.parametrize("language", languages())
def test_every_variant_has_its_name_and_formula(definition: Definition, language: str) -> None:
    t = translator(language)
    variants = dict(variants_of(definition))
    assert definition.default in variants
    for value, chosen in variants.items():
        assert t.t(f"metric.variant.{value}")
        assert not re.search(r"\\(word|metric)\{", formula(chosen, t))


def test_the_variant_that_holds_is_marked() -> None:
    progress = metric("progress")
    worked = Worked("A", "MXN", {"progress": Example(0.5, variants=("milestone",))})
    markdown = card(progress, [], None, worked, EN, Formats(EN))
    assert markdown.count("$$") == 2 * len(dict(variants_of(progress))) == 6
    assert re.findall(r"<strong>(.*?)</strong> · (.*?)</div>", markdown) == [("By milestones", "so for A")]
    assert "<strong>" not in card(progress, [], None, None, EN, Formats(EN))


@pytest.mark.parametrize("language", languages())
def test_what_an_example_names_is_called_something(language: str) -> None:
    """By a label, or by the metric that it is; a table by its own."""
    t, ids = translator(language), {d.id for d in definitions()}
    rolled = [part for d in definitions() for part in rolled_up(d)]
    for d in (*definitions(), *rolled):
        for name, rows in d.terms.items():
            assert f"table.{rows.over}" in t or f"metric.rows.{rows.over}" in t or rows.over == "portfolio", (
                d.id
            )
            assert rows.over in HELD or f"table.{rows.over}" not in t, d.id
            if rows.unit:
                plain = name.removesuffix("_sum")
                kinds = ("metric.term", "column", "metric.word")
                assert plain in ids or any(f"{kind}.{plain}" in t for kind in kinds), (d.id, name)


def test_the_contents_link_to_every_metric() -> None:
    html = contents_html(definitions(), EN)
    assert html.count("<details") == len(GROUPS)
    assert set(re.findall(r"data-to=\"definitions\?q=(\w+)", html)) == {d.id for d in definitions()}


def test_the_product_says_its_sources_in_the_viewers_language() -> None:
    """What a PMO wrote stays as it is, also for a rule that the product has."""
    es = translator("es")
    for known in load_rules().rules:
        shown: Any = rule(id=known.id, source=known.source)
        assert rule_source(shown, EN) == known.source, known.id
        assert rule_source(shown, es) == es.t(f"metric.threshold.{known.id}")
    assert rule_source(rule(id="cost_cpi", source="PMO, 2026"), es) == "PMO, 2026"
    assert rule_source(rule(id="own", source="PMO, 2026"), es) == "PMO, 2026"


def test_every_figure_names_a_metric_that_is_defined() -> None:
    """What stands behind the link "definition" of a figure."""
    root = Path(__file__).parents[2]
    sources = [
        f.read_text(encoding="utf-8") for folder in ("pages", "ui") for f in (root / folder).rglob("*.py")
    ]
    named = {id_ for text in sources for id_ in re.findall(r'definition="(\w+)"', text)}
    assert len(named) > 5
    assert named <= {d.id for d in definitions()}


def test_no_text_of_a_metric_is_left_over() -> None:
    """These keys are built from names, so nothing else would find one that is no longer used."""
    formulas = " ".join(text for d in definitions() for text in (d.formula, *d.variants.values()))
    overs = {rows.over for d in definitions() for rows in d.terms.values()}
    used = {
        *(f"metric.{d.id}.{part}" for d in definitions() for part in ("name", "meaning")),
        *(f"metric.unknown.{d.unknown}" for d in definitions()),
        *(f"metric.source.{d.source}" for d in definitions()),
        *(f"metric.threshold.{rule.id}" for rule in load_rules().rules),
        *(f"metric.word.{word}" for word in re.findall(r"\\word\{(\w+)\}", formulas)),
        *(
            f"metric.variant.{value}"
            for d in definitions()
            if d.by and d.variants
            for value, _ in variants_of(d)
        ),
        *(f"metric.rows.{over}" for over in overs - HELD.keys() - {"portfolio"}),
        *(f"metric.group.{group}" for group in GROUPS),
        *(f"metric.unit.{unit}" for unit in UNITS),
    }
    held = {key for key in EN.texts if key.startswith("metric.") and not key.startswith("metric.term.")}
    assert sorted(held - used) == []
    assert sorted(used - held) == []
    said = " ".join(f"{' '.join(d.terms)} {d.example} {' '.join(d.examples.values())}" for d in definitions())
    said += " ".join(rows.value for d in definitions() for rows in d.terms.values())
    words = set(re.findall(r"\w+", said))
    terms = {key.removeprefix("metric.term.") for key in EN.texts if key.startswith("metric.term.")}
    assert sorted(terms - words) == []
