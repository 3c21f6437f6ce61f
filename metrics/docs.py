"""The generated pages: docs/metrics.md out of the definitions, docs/marts.md out of the marts themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import duckdb

from locales import Translator, languages, translator
from metrics.build import mart_scripts
from metrics.definitions import GROUPS, Definition, Rows, definitions, formula, variants_of
from metrics.rules import Rule, load_rules

_NAMED = re.compile(r"^(mart_\w+|fx_intervals|project_timeline): (.+)")
_PART = re.compile(r"^(grain|units|source)\s+(.+)")
_TERM = re.compile(r"^\s{2,4}(\w+)\s{2,}(.+)")
_UNIT_TEXT = {"fraction": "fraction (0–1)", "days": "days", "pp": "percentage points"}
_SIGN = {
    "ratio": "",
    "fraction": "",
    "pp": " pp",
    "days": " days",
    "count": "",
    "score": "",
    "money": "",
    "periods": "",
}

_METRICS_TOP = """\
# Metrics

What every number means: its formula, its unit, when it is unknown, who says so, and the default thresholds.
Generated from `metrics/definitions.toml`, `metrics/rules.toml` and the texts by `python -m metrics docs`; a test
fails when it is not what they say. Missing is unknown and stays empty: never 0, never 1.0, never green.

Money is in the project's currency. A fraction is shown as percent; percentage points are differences of percents.
"""

_MARTS_TOP = """\
# Marts

The tables that pages read, and that any BI tool may: in the current file of the store (`python -m loaders where`),
schema `main`. Generated from `metrics/marts/*.sql` by `python tools/docs.py`; a test fails when it is not what
they say.
"""


def metrics_page(rules: Sequence[Rule] | None = None) -> str:
    """docs/metrics.md; thresholds are those of `rules`, or the default ones."""
    t = translator("en")
    judged = load_rules().rules if rules is None else rules
    lines = [_METRICS_TOP]
    for group in GROUPS:
        lines.append(f"## {t.t(f'metric.group.{group}')}\n")
        for definition in definitions():
            if definition.group == group:
                lines += _metric(definition, t, [r for r in judged if r.metric in definition.rules])
    return "\n".join(lines).rstrip() + "\n"


def _metric(definition: Definition, t: Translator, rules: Sequence[Rule]) -> Iterator[str]:
    others = [
        translator(language).t(f"metric.{definition.id}.name")
        for language in languages()
        if language != t.language
    ]
    yield f"### {t.t(f'metric.{definition.id}.name')}\n"
    yield f"`{definition.mart}.{definition.column}` · {' · '.join(others)}\n"
    yield f"{t.t(f'metric.{definition.id}.meaning')}\n"
    yield from _formulas(definition, t)
    yield f"- Unit: {_UNIT_TEXT.get(definition.unit, t.t(f'metric.unit.{definition.unit}'))}"
    yield f"- Unknown when: {t.t(f'metric.unknown.{definition.unknown}')}"
    if definition.inputs:
        yield f"- Computed from: {', '.join(definition.inputs)}"
    for rule in rules:
        yield f"- Threshold (`{rule.id}`): {thresholds(rule)}"
    if definition.also:
        yield f"- Also in: {', '.join(definition.also)}"
    yield from _worked(definition)
    yield f"- Source: {t.t(f'metric.source.{definition.source}')}\n"


def _formulas(definition: Definition, t: Translator) -> Iterator[str]:
    if not definition.by:
        yield f"$${formula(definition, t)}$$\n"
    for value, chosen in variants_of(definition):
        if definition.by:
            yield f"{t.t(f'metric.variant.{value}')} (`{definition.by}` is `{value}`):\n"
        else:
            yield f'With the setting `{definition.setting} = "{value}"`:\n'
        yield f"$${formula(chosen, t)}$$\n"
    if definition.by and not definition.variants:
        yield f"$${formula(definition, t)}$$\n"


def _worked(definition: Definition) -> Iterator[str]:
    """How the number is worked out anew, for those who check it: in SQL over the mart, and over the rows it is made of."""
    where = f", where {definition.example_row}" if definition.example_row else ""
    named = {"": definition.example, **definition.examples} if definition.by else {"": definition.example}
    for value, example in named.items():
        said = f" ({value})" if value else ""
        if example and example in definition.terms:
            yield f"- Worked out{said}: {_rows(definition.terms[example])}{where}"
        elif example:
            yield f"- Worked out{said}: `{example}`{where}"
    for name, rows in definition.terms.items():
        if name not in named.values():
            yield f"  - `{name}`: {_rows(rows)}"


def _rows(rows: Rows) -> str:
    when = {"before": ", of the report before", "ever": ", of all days up to then"}.get(rows.when, "")
    where = f" where `{rows.where}`" if rows.where else ""
    last = f", of the last by `{rows.last}`" if rows.last else ""
    return f"`{rows.value}` over {rows.over}{when}{where}{last}"


def thresholds(rule: Rule) -> str:
    """The bounds in words: "green ≥ 0.95, amber ≥ 0.90, else red; from 15 % complete"."""
    b = rule.bounds
    if rule.only_red:
        return f"red {_outside(rule)}; otherwise it has no say"
    parts = [f"green {_range(b.green_from, b.green_to, rule)}"]
    if b.amber_from is not None or b.amber_to is not None:
        parts.append(f"amber {_range(b.amber_from, b.amber_to, rule)}")
    said = ", ".join([*parts, "else red"])
    if b.from_percent_complete:
        said += f"; from {b.from_percent_complete * 100:g} % complete"
    return said


def _range(low: float | None, high: float | None, rule: Rule) -> str:
    below = "<" if rule.bounds.upper == "exclusive" else "≤"
    ends = [f"≥ {_number(low, rule)}"] if low is not None else []
    return " and ".join([*ends, *([f"{below} {_number(high, rule)}"] if high is not None else [])])


def _outside(rule: Rule) -> str:
    b = rule.bounds
    ends = [f"< {_number(b.green_from, rule)}"] if b.green_from is not None else []
    above = "≥" if b.upper == "exclusive" else ">"
    return " or ".join([*ends, *([f"{above} {_number(b.green_to, rule)}"] if b.green_to is not None else [])])


def _number(value: float, rule: Rule) -> str:
    if rule.unit == "fraction":
        return f"{value * 100:g} %"
    return f"{value:.2f}" if rule.unit == "ratio" else f"{value:g}{_SIGN[rule.unit]}"


def marts_page(con: duckdb.DuckDBPyConnection) -> str:
    """docs/marts.md, for a database in which the marts are built (they may be empty)."""
    columns: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in con.execute(_COLUMNS).fetchall():
        columns.setdefault(table, []).append((column, kind))
    told = _headers()
    lines = [_MARTS_TOP]
    for table, held in columns.items():
        lines.append(f"## {table}\n")
        lines += [f"{part}\n" for part in told.get(table, [])]
        lines += ["| column | type |", "|---|---|"]
        lines += [f"| {column} | {_type(kind)} |" for column, kind in held]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _headers() -> dict[str, list[str]]:
    """What the heads of the mart files say, by mart: its first sentence, grain, units and source."""
    told: dict[str, list[str]] = {}
    for script in mart_scripts():
        head: list[str] = []
        for line in script.read_text(encoding="utf-8").splitlines():
            if not line.startswith("--"):
                break
            text = line[2:].strip()
            named = _NAMED.match(text)
            term = _TERM.match(line[2:])
            if named:
                first = named[2].split(" work.")[0]
                head = told.setdefault(named[1], [first[0].upper() + first[1:]])
            elif found := _PART.match(text):
                head.append(f"**{found[1].capitalize()}**: {found[2]}")
            elif term:
                head.append(f"- `{term[1]}`: {term[2]}")
            elif head and text:
                head[-1] += f" {text}"
    return told


_TYPES = (
    (re.compile(r"STRUCT\(\"table\" .*?\)\[\]"), "list of source rows (table, source, file, sheet, row)"),
    (re.compile(r"DECIMAL\(18,4\)"), "decimal(18,4)"),
)


def _type(kind: str) -> str:
    for pattern, text in _TYPES:
        if pattern.fullmatch(kind):
            return text
    return kind.lower().replace("|", "\\|")


_COLUMNS = """
select table_name, column_name, data_type
from duckdb_columns()
where schema_name = 'main'
  and (starts_with(table_name, 'mart_') or table_name in ('project_timeline', 'fx_intervals', 'rules'))
order by starts_with(table_name, 'mart_') desc, table_name, column_index
"""
