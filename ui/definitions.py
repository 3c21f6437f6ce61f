"""Finding and reading a metric's definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import streamlit as st

from locales import Translator, languages, translator
from metrics.definitions import GROUPS, Definition, formula
from metrics.queries.definitions import Rule, Worked
from metrics.rules import load_rules
from ui import clicks, marks, theme
from ui.formats import Formats, folded

SCREEN = "definitions"

_ABBREVIATION = re.compile(r"([A-Z]{2,}(?:\(t\))?) =")
_UPRIGHT = re.compile(r"\\text\{([^{}]*)\}")


def matching(found: Sequence[Definition], words: str) -> list[Definition]:
    """The definitions that speak of all `words` in any language; an id alone finds just that metric."""
    wanted = folded(words).split()
    exact = [d for d in found if d.id == words.strip().casefold()]
    return exact or [d for d in found if all(word in _haystack(d) for word in wanted)]


@dataclass(frozen=True)
class Listing:
    """What the page shows: how many metrics, then each area's heading and its cards, as Streamlit markdown."""

    count: int
    areas: tuple[tuple[str, str], ...]


def style() -> None:
    """The look of the cards."""
    st.html(theme.ASSETS / "definitions.css")


def in_area(found: Sequence[Definition], area: str | None) -> list[Definition]:
    """Those of one area; of None, all of them."""
    return [d for d in found if area in {None, d.group}]


def contents_html(everything: Sequence[Definition], t: Translator) -> str:
    """Every metric by its name, a link to its card, under its area (for `clicks.show`)."""
    return "".join(_contents_of(area, in_area(everything, area), t) for area in GROUPS)


def _contents_of(area: str, members: Sequence[Definition], t: Translator) -> str:
    named = sorted((folded(name), name, d.id) for d in members for name in [t.t(f"metric.{d.id}.name")])
    items = [
        clicks.anchor(marks.escape(t.n("definitions.area.read", len(members))), SCREEN, area=area, q=None),
        *(clicks.anchor(marks.escape(name), SCREEN, q=id_, area=None) for _, name, id_ in named),
    ]
    links = "".join(f"<li>{item}</li>" for item in items)
    heading = f'<h2 class="at-section">{marks.escape(t.t(f"metric.group.{area}"))}</h2>'
    return f'<details class="at-contents"><summary>{heading}</summary><ul>{links}</ul></details>'


def listing(
    found: Sequence[Definition],
    everything: Sequence[Definition],
    rules: Sequence[Rule],
    worked: Worked | None,
    t: Translator,
    f: Formats,
) -> Listing:
    """The cards of the metrics found; `worked` is a project's own numbers, for the worked examples."""
    names = names_of(everything, t)
    areas = tuple(
        (
            t.t(f"metric.group.{area}"),
            "".join(
                card(d, rules_of(d, rules), example_text(d, names, worked, t, f), worked, t, f)
                for d in members
            ),
        )
        for area in GROUPS
        if (members := in_area(found, area))
    )
    return Listing(len(found), areas)


def card(
    definition: Definition,
    rules: Sequence[Rule],
    example: str | None,
    worked: Worked | None,
    t: Translator,
    f: Formats,
) -> str:
    """One metric as Streamlit markdown: HTML around its typeset formula.

    One element for many metrics: a page with an element for each of their parts takes ten times as long. Only the
    formula is read as markdown, for blank lines part it from the HTML; everything else is escaped, on one line.
    """
    facts = (
        t.t("definitions.unit", unit=t.t(f"metric.unit.{definition.unit}")),
        t.t("definitions.unknown", reason=t.t(f"metric.unknown.{definition.unknown}")),
        t.t("definitions.source", source=t.t(f"metric.source.{definition.source}")),
        *inputs_said(definition, t),
        t.t("definitions.column", id=f"{definition.mart}.{definition.column}"),
        other_names(definition, t),
    )
    said = t.t("definitions.example", name=worked.name, text=example) if worked and example else None
    return (
        f'<div class="at-definition"><div class="at-definition-top">'
        f'<div class="at-definition-words">'
        f'<div class="at-definition-name">{_line(t.t(f"metric.{definition.id}.name"))}</div>'
        f"<div>{_line(t.t(f'metric.{definition.id}.meaning'))}</div></div>"
        f'<div class="at-definition-formula">\n\n$$\n{formula(definition, t)}\n$$\n\n</div></div>'
        + "".join(thresholds_html(rule, t, f) for rule in rules)
        + (f"<div>{_line(said)}</div>" if said else "")
        + f'<div class="at-definition-facts">{_line(" · ".join(facts))}</div></div>\n\n'
    )


def inputs_said(definition: Definition, t: Translator) -> list[str]:
    """The tables that it is computed from, if it names any."""
    tables = ", ".join(t.label("table", name) for name in definition.inputs)
    return [t.t("definitions.inputs", tables=tables)] if tables else []


def _line(text: str) -> str:
    """Text inside the HTML of a card: a line break in it would end the HTML."""
    return marks.escape(" ".join(text.split()))


def rules_of(definition: Definition, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that judge the metric."""
    return [rule for rule in rules if rule.metric in definition.rules]


def unexplained(found: Sequence[Definition], rules: Sequence[Rule]) -> list[Rule]:
    """Rules that judge something no definition covers: they are shown all the same."""
    covered = {metric for definition in found for metric in definition.rules}
    return [rule for rule in rules if rule.metric not in covered]


def thresholds_html(rule: Rule, t: Translator, f: Formats) -> str:
    """The rule's bounds as marks: "● ≥ 0.95  ▲ 0.90 to 0.95  ◆ otherwise", and where they are from."""
    green = (rule.green_from, rule.green_to)
    amber = (_first(rule.amber_from, rule.green_to), _first(rule.amber_to, rule.green_from))
    has_amber = rule.amber_from is not None or rule.amber_to is not None
    parts = [
        marks.mark_html(t, colour, label=_bounds(low, high, rule, t, f))
        for colour, (low, high) in (("green", green), *([("amber", amber)] if has_amber else []))
    ]
    parts.append(marks.mark_html(t, "red", label=t.t("definitions.threshold.otherwise")))
    notes = []
    if rule.from_percent_complete:
        progress = f.percent(rule.from_percent_complete, 0)
        notes.append(t.t("definitions.threshold.from", progress=progress))
    if source := rule_source(rule, t):
        notes.append(source)
    note = f'<span class="at-soft">{_line(" · ".join(notes))}</span>' if notes else ""
    return f'<div class="at-legend"><code>{marks.escape(rule.id)}</code> {" ".join(parts)} {note}</div>'


def rule_source(rule: Rule, t: Translator) -> str | None:
    """Where a rule's bounds are from: what the product says in the viewer's language, what a PMO wrote as it is."""
    ours = {known.id: known.source for known in load_rules().rules}
    return (
        t.t(f"metric.threshold.{rule.id}")
        if rule.source and rule.source == ours.get(rule.id)
        else rule.source
    )


def other_names(definition: Definition, t: Translator) -> str:
    """The metric's names in the languages that the viewer does not read: "es: margen · pt: margem"."""
    names = {code: translator(code).t(f"metric.{definition.id}.name") for code in languages()}
    return " · ".join(f"{code}: {name}" for code, name in names.items() if code != t.language)


def example_text(
    definition: Definition,
    names: Mapping[tuple[str, str], tuple[str, str]],
    worked: Worked | None,
    t: Translator,
    f: Formats,
) -> str | None:
    """The metric worked out with a project's own numbers: "EV MXN 209 M · AC MXN 212 M → 0.98"; None if unknown.

    `names` are those of `names_of`. A metric that is read, not computed, is its value alone.
    """
    found = worked.examples.get(definition.id) if worked else None
    if worked is None or found is None:
        return None
    currency = {"own": found.currency, None: worked.currency}.get(definition.currency, definition.currency)
    result = _in_unit(
        found.stated if found.computed is None else found.computed, definition.unit, currency, t, f
    )
    terms = []
    for mart, column, value in found.terms:
        name, unit = names.get((mart, column), (_label(column, t), None))
        if shown := _term(value, unit, currency, t, f):
            terms.append(t.t("definitions.example.term", name=name, value=shown))
    if found.summed is not None:
        terms.append(t.n("definitions.example.rows", found.summed, mart=definition.example_over))
    return t.t("definitions.example.from", terms=" · ".join(terms), result=result) if terms else result


def _label(column: str, t: Translator) -> str:
    """What a column is called that is no metric: a date, mostly."""
    return t.label("column", column) if f"column.{column}" in t else t.label("metric.word", column)


def names_of(everything: Sequence[Definition], t: Translator) -> dict[tuple[str, str], tuple[str, str]]:
    """What the columns of the marts are called in an example, an abbreviation if there is one, and their units."""
    return {
        place: (_abbreviation(d) or t.t(f"metric.{d.id}.name"), d.unit)
        for d in everything
        for place in d.places
    }


def _abbreviation(definition: Definition) -> str | None:
    """What its formula begins with: "CPI =", "SPI(t) ="."""
    found = _ABBREVIATION.match(_UPRIGHT.sub(r"\1", definition.formula))
    return found[1] if found else None


def _term(value: Any, unit: str | None, currency: str | None, t: Translator, f: Formats) -> str | None:
    """A value that an example names; None for what is no number, date or colour (a kind, a state, a yes or no)."""
    if value is None or isinstance(value, bool):
        return None
    if unit is not None:
        return _in_unit(value, unit, currency, t, f)
    return f.date(value) if isinstance(value, date) else None


def _in_unit(value: Any, unit: str, currency: str | None, t: Translator, f: Formats) -> str:
    if unit == "date":
        return f.date(value)
    if unit == "colour":
        return marks.mark_text(t, value)
    if unit in {"periods", "own"}:
        return f.number(value, 2)
    if unit == "label":
        return t.t(f"cash.bucket.{value}")
    if isinstance(value, bool):
        return t.t("rag.yes") if value else t.t("rag.no")
    return f.by_unit(value, unit, currency)


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _bounds(low: float | None, high: float | None, rule: Rule, t: Translator, f: Formats) -> str:
    def shown(value: float | None) -> str:
        return f.by_unit(value, rule.unit)

    if low is not None and high is not None:
        return t.t("definitions.threshold.between", low=shown(low), high=shown(high))
    if low is not None:
        return t.t("definitions.threshold.at_least", low=shown(low))
    key = "definitions.threshold.below" if rule.exclusive else "definitions.threshold.at_most"
    return t.t(key, high=shown(high))


@lru_cache(maxsize=1024)
def _haystack(definition: Definition) -> str:
    """What a search looks through: the metric's id, names and meanings in every language."""
    texts = [definition.id, definition.id.replace("_", " ")]
    for language in languages():
        t = translator(language)
        texts += [t.t(f"metric.{definition.id}.name"), t.t(f"metric.{definition.id}.meaning")]
    return folded(" ".join(texts))
