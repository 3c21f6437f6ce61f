"""The languages say the same things, nothing is missing, nothing is left over."""

from __future__ import annotations

import re
import string
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from locales import SOURCE_LANGUAGE, Translator, languages, translator

ROOT = Path(__file__).parents[2]
CODE = ("dashboard.py", "pages", "ui", "loaders", "metrics", "reports")

DYNAMIC = (
    *("column.", "table.", "value."),
    *("reject.", "evidence.", "template."),
    "metric.",
    *("nav.", "rag.", "filter.", "how."),
    *("dq.", "watermelon."),
    *("compare.a", "compare.b"),
    *("cash.stage.", "cash.with.", "cash.bucket."),
    *("sites.curve.", "sites.state.", "sites.by_", "sites.supplier", "sites.region"),
)
"""Keys built from a name at run time; everything else must stand in the code as it is."""

KEY = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""", re.IGNORECASE)
ASKED = re.compile(r"""\b(?:t|n)\(\s*["']([A-Za-z0-9_.]+)["']""")


@cache
def sources() -> str:
    files = chain.from_iterable(
        [ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*") for name in CODE
    )
    return "\n".join(
        f.read_text(encoding="utf-8") for f in files if f.suffix in {".py", ".toml", ".sql"} and f.is_file()
    )


@cache
def contract() -> dict[str, dict]:
    return tomllib.loads((ROOT / "loaders/contract.toml").read_text(encoding="utf-8"))


def forms(t: Translator, key: str) -> tuple[str, ...]:
    text = t.texts[key]
    return (text,) if isinstance(text, str) else text


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def others() -> list[str]:
    return [language for language in languages() if language != SOURCE_LANGUAGE]


def test_english_spanish_and_portuguese_are_there() -> None:
    assert set(languages()) >= {"en", "es", "pt"}
    assert languages()[0] == "en"


@pytest.mark.parametrize("language", others())
def test_same_keys(language: str) -> None:
    assert translator(language).texts.keys() == translator(SOURCE_LANGUAGE).texts.keys()


@pytest.mark.parametrize("language", others())
def test_same_fields(language: str) -> None:
    here, there = translator(language), translator(SOURCE_LANGUAGE)
    different = {
        key
        for key in here.texts.keys() & there.texts.keys()
        if set().union(*map(fields, forms(here, key))) != set().union(*map(fields, forms(there, key)))
    }
    assert different == set()


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty(language: str) -> None:
    t = translator(language)
    assert [key for key in t.texts if not all(form.strip() for form in forms(t, key))] == []


def test_every_key_asked_for_exists() -> None:
    asked = set(ASKED.findall(sources()))
    assert sorted(asked - translator(SOURCE_LANGUAGE).texts.keys()) == []


def test_every_key_is_used() -> None:
    written = set(KEY.findall(sources()))
    unused = [
        key for key in translator(SOURCE_LANGUAGE).texts if key not in written and not key.startswith(DYNAMIC)
    ]
    assert unused == []


@pytest.mark.parametrize("language", languages())
def test_contract_is_labelled(language: str) -> None:
    t = translator(language)
    wanted = {f"table.{table}" for table in contract()}
    for table in contract().values():
        for column, spec in table["columns"].items():
            wanted |= {f"column.{column}"} | {f"value.{value}" for value in spec.get("values", [])}
    assert sorted(wanted - t.texts.keys()) == []


@pytest.mark.parametrize("table", contract())
def test_labels_name_one_column_across_languages(table: str) -> None:
    """Any language's label is accepted as a header, so none may mean two columns of one table."""
    meant: dict[str, str] = {}
    for column in contract()[table]["columns"]:
        for label in {column, *(translator(code).t(f"column.{column}").casefold() for code in languages())}:
            assert meant.setdefault(label, column) == column, label


@pytest.mark.parametrize("table", contract())
def test_labels_name_one_value_across_languages(table: str) -> None:
    for spec in contract()[table]["columns"].values():
        meant: dict[str, str] = {}
        for value in spec.get("values", []):
            labels = {translator(code).t(f"value.{value}").casefold() for code in languages()}
            for label in {value.casefold(), *labels}:
                assert meant.setdefault(label, value) == value, label
