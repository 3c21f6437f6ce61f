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
from metrics.definitions import GROUPS, Definition, formula, variants_of
from metrics.queries.definitions import Example, Read, Rule, Term, Worked
from metrics.queries.examples import PORTFOLIO, ROLL_UP
from metrics.rules import load_rules
from ui import clicks, marks, theme
from ui.formats import Formats, folded

SCREEN = "definitions"

ITEMS_TOLD = 3
"""Items of a list that are named; of more it says that there are."""

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
                card(
                    d,
                    rules_of(d, rules),
                    example_text(d, names, worked, t, f),
                    worked,
                    t,
                    f,
                    rolled_text(d, names, worked, t, f),
                )
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
    rolled: str | None = None,
) -> str:
    """One metric as Streamlit markdown: HTML around its typeset formulas.

    One element for many metrics: a page with an element for each of their parts takes ten times as long. Only the
    formulas are read as markdown, for blank lines part them from the HTML; everything else is escaped, on one line.
    """
    facts = (
        t.t("definitions.unit", unit=t.t(f"metric.unit.{definition.unit}")),
        t.t("definitions.unknown", reason=t.t(f"metric.unknown.{definition.unknown}")),
        t.t("definitions.source", source=t.t(f"metric.source.{definition.source}")),
        *inputs_said(definition, t),
        t.t("definitions.column", id=f"{definition.mart}.{definition.column}"),
        other_names(definition, t),
    )
    of_programme = definition.mart == ROLL_UP
    said = t.t("definitions.example", name=worked.name, text=example) if worked and example else None
    lines = [] if said is None or of_programme else [said]
    if worked and (part := example if of_programme else rolled):
        lines.append(t.t("definitions.example.programme", name=worked.programme or "", text=part))
    return (
        f'<div class="at-definition"><div class="at-definition-top">'
        f'<div class="at-definition-words">'
        f'<div class="at-definition-name">{_line(t.t(f"metric.{definition.id}.name"))}</div>'
        f"<div>{_line(t.t(f'metric.{definition.id}.meaning'))}</div></div>"
        f'<div class="at-definition-formula">{_formulas(definition, worked, t)}</div></div>'
        + "".join(thresholds_html(rule, t, f) for rule in rules)
        + "".join(f'<div class="at-definition-example">{_line(line)}</div>' for line in lines)
        + f'<div class="at-definition-facts">{_line(" · ".join(facts))}</div></div>\n\n'
    )


def _formulas(definition: Definition, worked: Worked | None, t: Translator) -> str:
    """The formula; where what a row says chooses between several, each under its name, those that hold marked."""
    if not definition.by or not definition.variants:
        return _typeset(formula(definition, t))
    found = worked.examples.get(definition.id) if worked else None
    parts = []
    for value, chosen in variants_of(definition):
        name = marks.escape(t.t(f"metric.variant.{value}"))
        if worked and found and value in found.variants:
            holds = t.t("definitions.variant.holds", name=worked.name)
            name = f"<strong>{name}</strong> · {_line(holds)}"
        parts.append(f'<div class="at-definition-variant">{name}</div>{_typeset(formula(chosen, t))}')
    return "".join(parts)


def _typeset(latex: str) -> str:
    return f"\n\n$$\n{latex}\n$$\n\n"


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

    `names` are those of `names_of`. A metric that is what rows come to names them, with where they were read.
    """
    found = worked.examples.get(definition.id) if worked else None
    if worked is None or found is None:
        return None
    currency = {"own": found.currency, None: worked.currency}.get(definition.currency, definition.currency)
    if definition.mart == ROLL_UP:
        currency = found.currency
    text = _worked_text(found, definition.unit, currency, names, t, f)
    item = None if definition.mart == ROLL_UP else _item(found.item, definition.mart, t, f)
    return t.t("definitions.example", name=item, text=text) if item else text


def rolled_text(
    definition: Definition,
    names: Mapping[tuple[str, str], tuple[str, str]],
    worked: Worked | None,
    t: Translator,
    f: Formats,
) -> str | None:
    """The same of the project's programme, in US dollars; None for a metric that no roll-up holds."""
    found = worked.rolled.get(definition.id) if worked else None
    return None if found is None else _worked_text(found, definition.unit, found.currency, names, t, f)


def _worked_text(
    found: Example,
    unit: str,
    currency: str | None,
    names: Mapping[tuple[str, str], tuple[str, str]],
    t: Translator,
    f: Formats,
) -> str:
    result = _in_unit(found.stated, unit, currency, t, f)
    terms, told = [], set()
    for term in found.terms:
        name, of = _named(term, names, t)
        shown = _term(term.value, of, currency, t, f)
        rows = (
            read_text(term.read, t) if term.read and term.read not in told and not _is_count(term) else None
        )
        told |= {term.read} if term.read else set()
        if shown:
            text = t.t("definitions.example.term", name=name, value=shown)
            terms.append(t.t("definitions.example.read", term=text, rows=rows) if rows else text)
        elif rows and term.value is not None:
            terms.append(rows)
    if found.read is not None:
        terms.append(read_text(found.read, t))
    return t.t("definitions.example.from", terms=" · ".join(terms), result=result) if terms else result


def _is_count(term: Term) -> bool:
    """Whether a term says already how many rows of a mart it is."""
    read = term.read
    return term.unit == "count" and read is not None and read.file is None and term.value == read.count


def _named(
    term: Term, names: Mapping[tuple[str, str], tuple[str, str]], t: Translator
) -> tuple[str, str | None]:
    """What a term is called, and its unit: of a metric its own."""
    if term.mart and (term.mart, term.name) in names:
        return names[term.mart, term.name]
    name = term.name.removesuffix("_sum")
    is_metric = f"metric.{name}.name" in t and f"metric.term.{name}" not in t and not term.mart
    metric = (
        next((known for (_, column), known in names.items() if column == name), None) if is_metric else None
    )
    if metric:
        return metric[0], term.unit or metric[1]
    return _label(name, t), term.unit or _UNITS.get(term.name)


_UNITS = {"reported_overall": "colour"}
"""The units of what is shown in an example though it is no metric, and no date."""


def read_text(read: Read, t: Translator) -> str:
    """Rows as a person would look them up: one by its place, more by their number and file."""
    if read.table == PORTFOLIO:
        return t.n("definitions.example.projects", read.count)
    table = t.label("table", read.table) if read.file else t.label("metric.rows", read.table)
    table = t.label("table", read.table) if table == read.table else table
    if read.count == 1 and read.file and read.row is not None:
        key = "definitions.example.sheet_row" if read.sheet else "definitions.example.row"
        return t.t(key, table=table, file=read.file, sheet=read.sheet, row=read.row)
    rows = t.n("definitions.example.rows", read.count, mart=table)
    if read.files == 1:
        return t.t("definitions.example.file", rows=rows, file=read.file)
    return t.n("definitions.example.files", read.files, rows=rows) if read.files else rows


def _item(item: Any, mart: str, t: Translator, f: Formats) -> str | None:
    """Which of a mart's rows an example is of: a month, a check, a risk by its title."""
    if item is None:
        return None
    if isinstance(item, date):
        return f.date(item)
    for key in _ITEM_NAMES.get(mart, ()):
        if f"{key}.{item}" in t:
            return t.t(f"{key}.{item}")
    return str(item)


_ITEM_NAMES = {
    "mart_exchange_variance": ("metric.word",),
    "mart_margin_bridge": ("margin.step",),
    "mart_rag_evidence": ("rag.rule",),
    "mart_schedule_quality": ("schedule.dcma",),
}
"""The texts that name a mart's rows, by their first words."""


def _label(column: str, t: Translator) -> str:
    """What a column or a term is called that is no metric."""
    for kind in ("metric.term", "column"):
        if f"{kind}.{column}" in t:
            return t.label(kind, column)
    word = t.label("metric.word", column)
    return word[:1].upper() + word[1:]


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
    if isinstance(value, list):
        return _listed(value, t)
    if unit is not None:
        return _in_unit(value, unit, currency, t, f)
    return f.date(value) if isinstance(value, date) else None


def _listed(values: Sequence[Any], t: Translator) -> str | None:
    """The first of the tasks or tests that an example counts; None for a list of anything else."""
    if any(isinstance(value, dict) and "name" not in value for value in values):
        return None
    named = [str(v["name"]) if isinstance(v, dict) else t.label("metric.variant", v) for v in values]
    return ", ".join(named[:ITEMS_TOLD]) + (" …" if len(named) > ITEMS_TOLD else "")


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
