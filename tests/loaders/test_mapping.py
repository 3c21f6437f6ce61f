"""Mapping files: what they mean, and the sentence where they mean nothing."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from loaders.demo.dress import mapping as demonstration
from loaders.errors import MappingError
from loaders.mapping import Mapping, parse_mapping, read_mapping

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "data" / "mappings").glob("*.toml"))
RISKS = """
[[file]]
match = "*.csv"
status_date = 2025-08-31
[[file.table]]
table = "risks"
[file.table.columns]
project_id = "Project"
risk_id = "No"
kind = { value = "risk" }
title = "Title"
"""

RATES = '[[file]]\nmatch = "*"\n[[file.table]]\ntable = "fx_rates"\n[file.table.columns]\n'


def parsed(text: str) -> Mapping:
    return parse_mapping(tomllib.loads(text), "my.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1", "no key 'x'"),
        ('sorce = "a"', "did you mean 'source'"),
        ("source = 5", "source is 5, and has to be text in quotes"),
        ('source = ""', "source is empty"),
        ('currency = "XQQ"', "no ISO 4217 code in use"),
        ('decimal = ";"', 'has to be "." or ","'),
        ('decimal = ","\nthousands = ","', "they have to differ"),
        ('thousands = "x"', "thousands is 'x'"),
        ('date_format = "dd/mm/yyyy"', "names no year"),
        ('status_date = "31/08/2025"', "write it as 2025-08-31"),
        ("status_date = {}", "give one of file_name, sheet_name and column"),
        ("status_date = { file_name = '(' }", "no regular expression"),
        ("status_date = { file_name = 'x' }", "group year"),
        ('[file]\nmatch = "*.csv"', "double brackets"),
        ("[[file]]", "match is missing"),
        ('[[file]]\nmatch = "*.csv"\ndelimiter = ";;"', "one character"),
        ('[[file]]\nmatch = "*.csv"\nheader_row = 0', "counted from 1"),
        ('[[file]]\nmatch = "*.csv"\ntransposed = "yes"', "true or false"),
        ('[[file]]\nmatch = "*.mpp"\nbaseline = 11', r"baseline is 11, and has to be from 0 \(the plain one\) to 10"),
        ("baseline = true", "baseline is True, and has to be a whole number"),
        (RISKS.replace('table = "risks"', 'table = "risk"'), "did you mean 'risks'"),
        (RISKS.replace("title =", "titel ="), "risks has no column 'titel'; did you mean 'title'"),
        (RISKS.replace('title = "Title"', ""), "title is required and comes from nowhere"),
        (RISKS.replace("status_date = 2025-08-31", ""), "status_date is required and comes from nowhere"),
        (RISKS + "category = { }", "either from .* or value"),
        (RISKS + 'category = { from = "A", value = "b" }', "either from .* or value"),
        (RISKS + 'category = { from = "A", percent = true }', "percent does not go with a text"),
        (RISKS + 'category = { from = "A", scale = 10 }', "scale does not go with a text"),
        (RISKS + 'category = { from = "A", date_format = "%Y" }', "date_format does not go with a text"),
        (RISKS + 'due_on = { from = "A", decimal = "," }', "decimal does not go with a date"),
        (RISKS + 'probability = { from = "A", scale = 10 }', "scale does not go with a fraction"),
        (RISKS + 'cost_impact = { from = "A", scale = 0 }', "scale is 0"),
        (RISKS + 'category = { from = "A", join = " " }', "join does not go"),
        (RISKS + 'category = { from = "A", pattern = "(a)(b)" }', "more than one group"),
        (RISKS + 'category = { from = "A", form = "B" }', "no key 'form'; did you mean 'from'"),
        (RISKS.replace("[file.table.columns]", 'only_with = ["x"]\n[file.table.columns]'), "only_with names 'x'"),
        (RISKS.replace("[file.table.columns]", "each_period = true\n[file.table.columns]"), "each_period is for"),
        (RISKS.replace("[file.table.columns]", '[[file.table.unpivot]]\ncolumns = "x"\n[file.table.columns]'), "unpivot"),
        (RISKS.replace("[file.table.columns]", "where = { A = 5 }\n[file.table.columns]"), "A is 5"),
        (RATES + 'status_date = "x"', "fx_rates has no status date"),
    ],
)  # fmt: skip
def test_what_a_mapping_cannot_mean_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(MappingError, match=said) as caught:
        parsed(text)
    assert str(caught.value).startswith("my.toml: in ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"[[file", "not valid TOML"), (b"\xff\xfe", "not valid TOML"), (None, "cannot be opened")],
)
def test_a_file_that_is_no_mapping(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "my.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingError, match=said):
        read_mapping(path)


def test_the_section_at_fault_is_named() -> None:
    with pytest.raises(MappingError, match=re.escape("in [[file]] '*.csv', table risks, column due_on")):
        parsed(RISKS + 'due_on = { from = "A", percent = true }')


def test_two_sections_may_not_claim_one_file() -> None:
    found = parsed('[[file]]\nmatch = "a*"\n[[file]]\nmatch = ["*b.csv"]\n')
    assert found.rule_for("a.csv").match == ("a*",)
    assert found.rule_for("c.csv") is found.fallback
    with pytest.raises(MappingError, match=r"ab\.csv matches both .* make one of the two patterns narrower"):
        found.rule_for("ab.csv")


def test_what_stands_at_the_top_holds_for_all_files() -> None:
    found = parsed(
        'source = "pmo"\ncurrency = "MXN"\ndecimal = ","\nempty = ["x"]\n[[file]]\nmatch = "a"\n'
        '[[file]]\nmatch = "b"\nsource = "fin"\ndecimal = "."\nempty = ["y"]\n'
    )
    assert [f.reading.empty for f in found.files] == [("x",), ("x", "y")]
    assert [(f.source, f.currency, f.reading.decimal) for f in found.files] == [
        ("pmo", "MXN", ","),
        ("fin", "MXN", "."),
    ]
    assert found.fallback.source == "pmo"


@pytest.mark.parametrize(("is_schedule", "source"), [(True, "schedule"), (False, "default")])
def test_a_source_without_a_name(is_schedule: bool, source: str) -> None:
    assert Mapping().fallback.source_of(is_schedule=is_schedule) == source


@pytest.mark.parametrize(
    ("stamp", "file", "sheet", "day"),
    [
        ("2025-08-31", "a.csv", None, datetime(2025, 8, 31)),
        ("{ file_name = '(?P<year>\\d{4})-(?P<month>\\d\\d)' }", "x/2025-02.csv", None, datetime(2025, 2, 28)),
        ("{ file_name = '(?P<month>[a-z]+)(?P<year>\\d\\d)' }", "agosto25.csv", None, datetime(2025, 8, 31)),
        ("{ file_name = '(?P<year>\\d{4})' }", "report 2025.csv", None, datetime(2025, 12, 31)),
        ("{ file_name = '(?P<year>\\d{4})(?P<month>\\d\\d)(?P<day>\\d\\d)' }", "20250903.csv", None, datetime(2025, 9, 3)),
        ("{ file_name = '(?P<year>\\d{4})' }", "a.csv", None, None),
        ("{ sheet_name = '(?P<month>\\w+) (?P<year>\\d{4})' }", "a.xlsx", "Enero 2025", datetime(2025, 1, 31)),
    ],
)  # fmt: skip
def test_the_day_of_a_delivery(stamp: str, file: str, sheet: str | None, day: datetime | None) -> None:
    said = stamp if stamp.startswith("{") else f'"{stamp}"'
    assert parsed(f"status_date = {said}").fallback.status_date.of(file, sheet) == day


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2025-09-03T10:00:00-06:00", datetime(2025, 9, 3, 16)),
        ("2025-09-03T10:00:00", datetime(2025, 9, 3, 10)),
        ("2025-09-03", datetime(2025, 9, 3)),
    ],
)
def test_the_moment_of_a_delivery_is_universal_time(said: str, moment: datetime) -> None:
    assert parsed(f"delivered_at = {said}").fallback.delivered_at.of("a", None) == moment


def test_a_name_whose_date_does_not_exist() -> None:
    stamp = parsed("status_date = { file_name = '(?P<year>\\d{4})-(?P<month>\\d\\d)' }").fallback.status_date
    assert stamp.of("2025-13.csv", None) is None


def test_columns_are_headings_lists_constants_or_rules() -> None:
    rule = (
        parsed(
            RISKS
            + 'category = ["A", "B"]\nprobability = 0.5\ndue_on = 2025-08-31\n'
            + 'response = { from = "R", values = { "Sí" = true } }\n'
        )
        .files[0]
        .tables[0]
    )
    assert rule.columns["category"].headings == ("A", "B")
    assert rule.columns["probability"].value == "0.5"
    assert rule.columns["due_on"].value == "2025-08-31"
    assert rule.columns["response"].values == {"sí": "true"}


def test_words_for_nothing_do_not_reach_texts() -> None:
    text = 'empty = ["none"]\n' + RISKS.replace(
        'title = "Title"', 'title = { from = "Title", empty = ["?"] }'
    )
    rule = parsed(text).files[0].tables[0].columns["title"]
    assert (rule.empty, rule.reading.empty) == (("?",), ("none", "?"))


def test_the_demonstrations_mapping_is_one() -> None:
    found = parsed(demonstration())
    rule = found.rule_for("finance/facturas.csv")
    assert (rule.source, rule.delimiter, rule.tables[0].reading.thousands) == ("finance", ";", ".")
    assert found.rule_for("schedules/MX-2402.xml").project_id == "MX-2402"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_the_examples_are_mappings(path: Path) -> None:
    assert read_mapping(path).files


def test_the_page_explains_what_there_is() -> None:
    """The first example of docs/mappings.md is a mapping, and every key of the format stands on the page."""
    page = (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert parsed(example).files[0].tables[0].table == "milestones"
    keys = (
        *("source", "currency", "ignore", "match", "encoding", "delimiter", "header_row", "status_date"),
        *(
            "delivered_at",
            "project_id",
            "baseline",
            "transposed",
            "decimal",
            "thousands",
            "date_format",
            "empty",
            "table",
        ),
        *(
            "sheet",
            "where",
            "where_not",
            "only_with",
            "fill_down",
            "distinct",
            "first",
            "each_period",
            "optional",
        ),
        *(
            "unpivot",
            "name_to",
            "value_to",
            "from",
            "value",
            "default",
            "values",
            "percent",
            "scale",
            "pattern",
        ),
        *("join", "slug", "file_name", "sheet_name", "column"),
    )
    assert [key for key in keys if key not in page] == []


def test_the_example_without_a_date_for_its_status() -> None:
    """A stamp in the file's name is enough for a required status date."""
    text = RISKS.replace("status_date = 2025-08-31", "status_date = { file_name = '(?P<year>\\d{4})' }")
    assert parsed(text).files[0].status_date.is_given
