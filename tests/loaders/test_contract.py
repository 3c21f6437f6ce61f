"""The contract is one file, and everything that depends on it follows."""

from __future__ import annotations

import pytest

from loaders import contract_page
from loaders.contract import ORIGIN, contract, parse
from loaders.store import scratch

ONE = """
[projects]
grain = "project"
key = ["project_id"]
[projects.columns]
project_id = { type = "id", required = true }
"""


def test_every_table_of_the_design_is_there() -> None:
    assert list(contract()) == [
        *(
            "programmes",
            "projects",
            "baselines",
            "status_reports",
            "milestones",
            "earned_value",
            "financials",
        ),
        *(
            "orders",
            "changes",
            "delays",
            "risks",
            "actions",
            "sites",
            "acceptances",
            "invoices",
            "subcontracts",
        ),
        *(
            "quality",
            "safety",
            "satisfaction",
            "resources",
            "handovers",
            "opportunities",
            "tasks",
            "task_baselines",
            "task_links",
        ),
        "fx_rates",
    ]


def test_adding_a_column_is_one_line() -> None:
    table = parse(f'{ONE}owner = {{ type = "text" }}\n')["projects"]
    assert table.columns["owner"].type == "text"
    assert list(table.shape) == ["project_id", "owner", *ORIGIN]
    assert "owner" in table.ddl()


@pytest.mark.parametrize("name", contract())
def test_a_table_can_be_created(name: str) -> None:
    with scratch() as con:
        con.execute(contract()[name].ddl('"given"'))
        found = [column for column, *_ in con.execute("describe given").fetchall()]
    assert found == [*contract()[name].columns, *ORIGIN]


@pytest.mark.parametrize(
    ("name", "is_accepted"), [("projects", True), ("risks", True), ("baselines", True), ("fx_rates", False)]
)
def test_a_delivery_can_be_dated_in_every_table_but_rates(name: str, is_accepted: bool) -> None:
    assert ("status_date" in contract()[name].accepted) is is_accepted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{ONE}x = {{ type = "colour" }}', "type 'colour'"),
        (f'{ONE}x = {{ type = "enum" }}', "lists its values"),
        (f'{ONE}x = {{ type = "text", values = ["a"] }}', "lists its values"),
        (f'{ONE}x = {{ type = "id", refs = "planets" }}', "refers to 'planets'"),
        (f'{ONE}x = {{ type = "id", reqired = true }}', "unknown key"),
        (ONE.replace('key = ["project_id"]', 'key = ["x"]'), "keyed or sliced by 'x'"),
        (ONE.replace("grain", "grian = 1\ngrain"), "unknown key 'grian'"),
    ],
)
def test_a_contract_that_contradicts_itself_says_so(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse(text)


def test_the_page_is_what_the_contract_says() -> None:
    """`python -m loaders.contract_page` writes it anew."""
    assert contract_page.PAGE.read_text(encoding="utf-8") == contract_page.page()


def test_the_page_names_every_column() -> None:
    text = contract_page.page()
    missing = [f"{t}.{c}" for t in contract() for c in contract()[t].columns if f"| `{c}` |" not in text]
    assert missing == []
