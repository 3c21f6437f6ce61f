"""Finding and reading a metric's definition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

import streamlit as st

from locales import Translator, languages, translator
from metrics.definitions import Definition
from metrics.queries.definitions import Rule
from ui import marks, theme
from ui.formats import Formats, folded

_ABBREVIATION = re.compile(r"([A-Z]{2,}(?:\(t\))?) =")
_UPRIGHT = re.compile(r"\\text\{([^{}]*)\}")
_WORD = re.compile(r"\\word\{(\w+)\}")


def matching(found: Sequence[Definition], words: str) -> list[Definition]:
    """The definitions that speak of all `words` in any language; an id alone finds just that metric."""
    wanted = folded(words).split()
    exact = [d for d in found if d.id == words.strip().casefold()]
    return exact or [d for d in found if all(word in _haystack(d) for word in wanted)]


@dataclass(frozen=True)
class Listing:
    """What the page shows: how many metrics, then each group's heading and its cards, as Streamlit markdown."""

    count: int
    groups: tuple[tuple[str, str], ...]


def style() -> None:
    """The look of the cards."""
    st.html(theme.ASSETS / "definitions.css")


def listing(
    found: Sequence[Definition],
    everything: Sequence[Definition],
    rules: Sequence[Rule],
    values: Mapping[str, Any],
    t: Translator,
    f: Formats,
) -> Listing:
    """The cards of the metrics found. `values` are a project's own numbers, for the worked examples."""
    symbols = symbols_of(everything)
    groups = tuple(
        (
            t.t(f"metric.group.{group}"),
            "".join(
                card(d, rules_of(d, rules), example_text(d, symbols, values, t, f), values, t, f)
                for d in members
            ),
        )
        for group, members in groupby(found, key=lambda d: d.group)
    )
    return Listing(len(found), groups)


def card(
    definition: Definition,
    rules: Sequence[Rule],
    example: str | None,
    values: Mapping[str, Any],
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
        t.t("definitions.source", source=definition.source),
        t.t("definitions.column", id=definition.id),
        other_names(definition, t),
    )
    worked = t.t("definitions.example", name=values["name"], text=example) if example else None
    return (
        f'<div class="at-definition"><div class="at-definition-top">'
        f'<div class="at-definition-words">'
        f'<div class="at-definition-name">{_line(t.t(f"metric.{definition.id}.name"))}</div>'
        f"<div>{_line(t.t(f'metric.{definition.id}.meaning'))}</div></div>"
        f'<div class="at-definition-formula">\n\n$$\n{formula(definition, t)}\n$$\n\n</div></div>'
        + "".join(thresholds_html(rule, t, f) for rule in rules)
        + (f"<div>{_line(worked)}</div>" if worked else "")
        + f'<div class="at-definition-facts">{_line(" · ".join(facts))}</div></div>\n\n'
    )


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


def formula(definition: Definition, t: Translator) -> str:
    """The formula in LaTeX, its words in the viewer's language."""
    return _WORD.sub(lambda found: rf"\text{{{t.t(f'metric.word.{found[1]}')}}}", definition.formula)


def thresholds_html(rule: Rule, t: Translator, f: Formats) -> str:
    """The rule's bounds as marks: "● ≥ 0.95  ▲ 0.90 to 0.95  ◆ otherwise"."""
    green = (rule.green_from, rule.green_to)
    amber = (_first(rule.amber_from, rule.green_to), _first(rule.amber_to, rule.green_from))
    has_amber = rule.amber_from is not None or rule.amber_to is not None
    parts = [
        marks.mark_html(t, colour, label=_bounds(low, high, rule, t, f))
        for colour, (low, high) in (("green", green), *([("amber", amber)] if has_amber else []))
    ]
    parts.append(marks.mark_html(t, "red", label=t.t("definitions.threshold.otherwise")))
    name = f"<code>{marks.escape(rule.id)}</code>"
    note = ""
    if rule.from_percent_complete:
        progress = f.percent(rule.from_percent_complete, 0)
        condition = t.t("definitions.threshold.from", progress=progress)
        note = f'<span class="at-soft">{marks.escape(condition)}</span>'
    return f'<div class="at-legend">{name} {" ".join(parts)} {note}</div>'


def other_names(definition: Definition, t: Translator) -> str:
    """The metric's names in the languages that the viewer does not read: "es: margen · pt: margem"."""
    names = {code: translator(code).t(f"metric.{definition.id}.name") for code in languages()}
    return " · ".join(f"{code}: {name}" for code, name in names.items() if code != t.language)


def example_text(
    definition: Definition,
    symbols: Mapping[str, Definition],
    values: Mapping[str, Any],
    t: Translator,
    f: Formats,
) -> str | None:
    """The metric worked out with a project's own numbers: "EV MXN 209 M · AC MXN 212 M → 0.98"; None if unknown.

    `symbols` are those of `symbols_of`.
    """
    if definition.id not in values:
        return None
    result = _in_unit(values[definition.id], definition.unit, values.get("currency"), t, f)
    terms = [
        t.t(
            "definitions.example.term",
            name=symbol,
            value=_in_unit(values[d.id], d.unit, values.get("currency"), t, f),
        )
        for symbol, d in symbols.items()
        if d.id != definition.id and d.id in values and _uses(definition, symbol)
    ]
    if not terms:
        return result
    return t.t("definitions.example.from", terms=" · ".join(terms), result=result)


def symbols_of(everything: Sequence[Definition]) -> dict[str, Definition]:
    """The abbreviations that formulas begin with, and the metric each stands for."""
    found = ((_ABBREVIATION.match(_UPRIGHT.sub(r"\1", d.formula)), d) for d in everything)
    return {match[1]: d for match, d in found if match}


def _uses(definition: Definition, symbol: str) -> bool:
    left, equals, right = _UPRIGHT.sub(r"\1", definition.formula).partition("=")
    said = right if equals else left
    return re.search(rf"(?<![A-Za-z]){re.escape(symbol)}(?![A-Za-z(_])", said) is not None


def _in_unit(value: Any, unit: str, currency: str | None, t: Translator, f: Formats) -> str:
    if unit == "date":
        return f.date(value)
    if unit == "colour":
        return marks.mark_text(t, value)
    if unit == "periods":
        return f.number(value, 2)
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
