"""What the text of a cell becomes, or why not: each case is a sheet of its own, all of them in one check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from loaders.batch import Batch, Reject
from loaders.mapping import ColumnRule, FileRule, Reading, TableRule
from loaders.names import countries, currencies
from loaders.refusals import MOST_ALIKE
from locales import languages, translator
from tests.loaders.sheets import Cell, checked, sheet

ROW = {"project_id": "P1", "status_date": "2025-08-31"}

# (cells of one column of one sheet, what they become; a text is the reason that refuses the cell)
Case = tuple[Sequence[Cell], Sequence[Any]]

NUMBERS: list[Case] = [
    (["1", "1.5", "-2", "+3", "1e3", ".5", "7."], [1, 1.5, -2, 3, 1000, 0.5, 7]),
    (["1,234.50", "1,234"], [1234.5, 1234]),
    (["1.234,50", "1.234"], [1234.5, 1234]),
    (["0,5", "1.234"], [0.5, 1234]),
    (["0.5", "1,234"], [0.5, 1234]),
    (["1,234"], ["ambiguous_number"]),
    (["1.234"], [1.234]),
    (["1,234,567"], [1234567]),
    (["1.234.567"], [1234567]),
    (["1.5", "2,5", "1,234"], [1.5, 2.5, "ambiguous_number"]),
    (["1 234,5", "1\u00a0234,5", "1'234,5"], [1234.5, 1234.5, 1234.5]),
    (["1 2", "12,34,5", "1..2", "--5", "1_000", "0x10"], ["number"] * 6),
    (["$ 1,234.50", "€5.5", "£.5", "-$3.25"], [1234.5, 5.5, 0.5, -3.25]),
    (["(1,234.50)", "12.5-", "−4.5"], [-1234.5, -12.5, -4.5]),
    (["USD 5"], ["number"]),
    (["nan", "NaN", "inf", "-Infinity", "1e999"], ["number"] * 5),
    (["lots"], ["number"]),
    (["1e12", "1e13", "-1e308"], [1e12, "number_size", "number_size"]),
    (["12 %"], ["percent_sign"]),
    (["n/a", "-", "TBD", "Sin dato", " ", None, "5"], [None, None, None, None, None, None, 5]),
    (["#REF!", "#N/A", "#DIV/0!", "#¡VALOR!"], ["formula"] * 4),
    ([1234.567, 0.1, 12], [1234.567, 0.1, 12]),
]
MONEY: list[Case] = [
    (["1234.56789", "0.00004"], ["1234.5679", "0.0000"]),
    (["99999999999999.99"], ["99999999999999.9900"]),
    (["100000000000000", "1e15", "-1e15"], ["number_size"] * 3),
    (["+5", "+-5", "--5", "-+5"], ["5.0000", "number", "number", "number"]),
    ([0.30000000000000004], ["0.3000"]),
]
SEMICOLONS: list[Case] = [
    (["1.234"], ["ambiguous_number"]),
    (["1.234", "5,5"], [1234, 5.5]),
    (["1.5", "1.234"], [1.5, 1.234]),
    (["12", "1500"], [12, 1500]),
]
INTEGERS: list[Case] = [
    (["3", "3.0", "1,000", "2.5"], [3, 3, 1000, "integer"]),
    (["-1"], ["min"]),
    (["3", "4.0"], [3, 4]),
]
FRACTIONS: list[Case] = [
    (["0.95", "0", "1", "95 %", "12.5%"], [0.95, 0, 1, 0.95, 0.125]),
    (["95", "1.01", "-0.1", "150 %"], ["fraction", "fraction", "min", "fraction"]),
    ([0.3, 30], [0.3, "fraction"]),
]
DATES: list[Case] = [
    (["2026-02-28", "2026-02-28T10:00:00Z", "2026-02-28 00:00:00", "2026/2/8", "20260228"],
     ["2026-02-28", "2026-02-28", "2026-02-28", "2026-02-08", "2026-02-28"]),
    (["31/08/2025", "03/04/2026"], ["2025-08-31", "2026-04-03"]),
    (["8/31/2025", "3/4/2026 12:00:00 AM"], ["2025-08-31", "2026-03-04"]),
    (["31/08/2025", "8/31/2025", "03/04/2026", "5/5/2025"],
     ["2025-08-31", "2025-08-31", "ambiguous_date", "2025-05-05"]),
    (["03/04/2026"], ["ambiguous_date"]),
    (["03.04.2026"], ["2026-04-03"]),
    (["31/02/2026", "2026-02-30", "2025-13-45", "31.02.2026", "45/45/2025"], ["date_impossible"] * 5),
    (["31-Aug-2025", "31 ago 2025", "31 de agosto de 2025", "1 de set. de 2025", "August 31, 2025", "31-Aug-25"],
     ["2025-08-31", "2025-08-31", "2025-08-31", "2025-09-01", "2025-08-31", "2025-08-31"]),
    (["30.06.08", "yesterday", "2025"], ["date", "date", "date"]),
    (["45900"], ["date_serial"]),
    ([45900, 45900.5], ["2025-08-31", "2025-08-31"]),
    (["1850-01-01", "2999-12-31"], ["date_range", "date_range"]),
    (["n/d", "—", "tbc"], [None, None, None]),
    (["2025-08-31", "31/08/2025", "soon"], ["2025-08-31", "2025-08-31", "date"]),
]  # fmt: skip
ENUMS: list[Case] = [
    (["customer", "Customer", " VENDOR ", "Cliente", "Tercero", "fuerza mayor", "third-party"],
     ["customer", "customer", "vendor", "customer", "third_party", "force_majeure", "third_party"]),
    (["nobody", "5"], ["enum", "enum"]),
]  # fmt: skip
BOOLEANS: list[Case] = [
    (["true", "No", "sí", "1", "x", "Verdadero", "não"], [True, False, True, True, True, True, False]),
    ([True, False], [True, False]),
    (["maybe"], ["boolean"]),
]
COUNTRIES: list[Case] = [
    (["MX", "co", "México", "Colombia", "United Kingdom", "Reino Unido", "UK"],
     ["MX", "CO", "MX", "CO", "GB", "GB", "GB"]),
    (["XX", "Atlantis", "EU"], ["country"] * 3),
]  # fmt: skip
CURRENCIES: list[Case] = [
    (["MXN", "cop", "USD"], ["MXN", "COP", "USD"]),
    (["XQQ", "MXP", "$", "pesos", "XAU"], ["currency"] * 5),
]
TEXTS: list[Case] = [
    (["  Núcleo 5G  ", "two\nlines", "a\x96b"], ["Núcleo 5G", "two\nlines", "a–b"]),
    (["x" * 32_767, "x" * 32_768], ["x" * 32_767, "text_size"]),
    (["nul\x00byte", "bell\x07"], ["control_characters"] * 2),
    (["n/a", "-"], ["n/a", "-"]),
    (["#REF!"], ["formula"]),
    ([2401, 2401.5, True], ["2401", "2401.5", "True"]),
]
IDS: list[Case] = [(["A  1", "A\n2", "00012"], ["A 1", "A 2", "00012"]), (["x" * 256], ["text_size"])]

SUITES: dict[str, tuple[str, str, list[Case], dict[str, str], bool]] = {
    "number": (
        "tasks",
        "total_slack_days",
        NUMBERS,
        {"task_uid": "1", "name": "t"},
        True,
    ),
    "money": ("earned_value", "actual_cost", MONEY, {"period_end": "2025-08-31", "planned_value": "1"}, True),
    "semicolons": (
        "tasks",
        "total_slack_days",
        SEMICOLONS,
        {"task_uid": "1", "name": "t"},
        False,
    ),
    "days": (
        "risks",
        "schedule_impact_days",
        [(["36600", "-36600", "36601", "-1e6"], [36600, -36600, "max", "min"])],
        {"risk_id": "R", "kind": "risk", "title": "t"},
        True,
    ),
    "integer": ("quality", "tests_run", INTEGERS, {}, True),
    "fraction": ("risks", "probability", FRACTIONS, {"risk_id": "R", "kind": "risk", "title": "t"}, True),
    "date": ("actions", "due_on", DATES, {"item_id": "A", "kind": "action", "title": "t"}, True),
    "enum": ("delays", "cause", ENUMS, {"delay_id": "D"}, True),
    "boolean": ("subcontracts", "back_to_back_ld", BOOLEANS, {"supplier_id": "S"}, True),
    "country": ("projects", "country", COUNTRIES, {"name": "n"}, True),
    "currency": ("orders", "currency", CURRENCIES, {"order_id": "O", "amount": "1"}, True),
    "text": ("status_reports", "summary", TEXTS, {}, True),
    "id": ("milestones", "milestone_id", IDS, {"name": "n"}, True),
}


@cache
def judged(suite: str) -> dict[int, tuple[dict[int, Any], dict[int, Reject]]]:
    """Case → row → value, and row → reject, of all cases of a suite in one check."""
    table, column, cases, others, has_points = SUITES[suite]
    sheets = [
        sheet(
            [{**ROW, "project_id": f"P{case}-{n}", **others, column: cell} for n, cell in enumerate(cells)],
            file=str(case), has_points=has_points,
        )
        for case, (cells, _) in enumerate(cases)
    ]  # fmt: skip
    found: dict[int, tuple[dict[int, Any], dict[int, Reject]]] = {n: ({}, {}) for n, _ in enumerate(cases)}
    for batch in checked(sheets, TableRule(table)):
        for row in batch.rows.to_pylist():
            found[int(row["file"])][0][row["row"]] = row[column]
        for reject in batch.rejects:
            assert reject.row is not None
            found[int(reject.file)][1][reject.row] = reject
    return found


def shown(value: Any) -> Any:
    return str(value) if isinstance(value, (date, Decimal)) else value


@pytest.mark.parametrize(
    ("suite", "case"), [(s, n) for s, (_, _, cases, _, _) in SUITES.items() for n, _ in enumerate(cases)]
)
def test_a_cell_becomes_a_value_or_a_reason(suite: str, case: int) -> None:
    _, column, cases, _, _ = SUITES[suite]
    cells, expected = cases[case]
    values, rejects = judged(suite)[case]
    got = [shown(values[row]) if row in values else rejects[row].reason for row in range(2, len(cells) + 2)]
    assert (
        got == pytest.approx(list(expected))
        if suite == "number" and _are_numbers(expected)
        else got == [*expected]
    )
    for reject in rejects.values():
        assert reject.column == column
        for language in languages():
            assert reject.sentence(translator(language)).endswith(".")


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def one(rows: Sequence[dict[str, Cell]], table: str, **columns: ColumnRule) -> Batch:
    (batch,) = checked([sheet(rows)], TableRule(table, columns=columns))
    return batch


@pytest.mark.parametrize(
    ("currency", "rate", "reason", "said"),
    [
        ("MXN", "0.058", "inverse_rate", "17.2414"),
        ("COP", "0.00025", "inverse_rate", "4000"),
        ("EUR", "1.08", "inverse_rate", "0.9259"),
        ("GBP", "1.27", "inverse_rate", "0.7874"),
        ("COP", "4.1", "far_rate", "4.1 for COP, far from what one US dollar is worth (300 to 30000 COP)"),
        ("MXN", "18000", "far_rate", "2 to 200 MXN): check the decimal mark"),
        ("EUR", "4000", "far_rate", "0.6 to 1.06 EUR"),
        ("KWD", "3.26", "inverse_rate", "0.306748"),
        ("CAD", "0.73", "inverse_rate", "1.36986"),
        ("CHF", "880", "far_rate", "0.65 to 1.9 CHF"),
        ("MXN", "17.5", None, ""),
        ("CHF", "1.14", None, ""),
        ("CAD", "0.92", None, ""),
        ("COP", "4000", None, ""),
        ("EUR", "0.9", None, ""),
        ("USD", "1", None, ""),
        ("USD", "17.5", "dollar_rate", "write 1"),
        ("MXN", "0", "zero_rate", "is 0"),
        ("MXN", "-17", "min", "0"),
        ("ARS", "1.0", None, ""),
        ("ARS", "0.0007", "inverse_rate", "1428.57"),
        ("BRL", "0.85", None, ""),
        ("XOF", "0.0001", None, ""),
    ],
)
def test_a_rate_is_units_for_one_dollar(currency: str, rate: str, reason: str | None, said: str) -> None:
    row = {"currency": currency, "rate_date": "2025-08-31", "basis": "actual", "per_usd": rate}
    (batch,) = checked([sheet([row])], TableRule("fx_rates"))
    assert [r.reason for r in batch.rejects] == ([reason] if reason else [])
    assert all(said in r.sentence(translator("en")) for r in batch.rejects)


def test_a_row_is_refused_whole_with_a_reject_for_each_bad_cell() -> None:
    good, bad = {**ROW, "tests_run": "5"}, {**ROW, "project_id": "P2", "tests_run": "x", "tests_passed": "-1"}
    (batch,) = checked([sheet([good, bad])], TableRule("quality"))
    assert [(r.row, r.column, r.reason) for r in batch.rejects] == [
        (3, "tests_passed", "min"),
        (3, "tests_run", "number"),
    ]
    assert [row["project_id"] for row in batch.rows.to_pylist()] == ["P1"]
    assert [(p.rows_in, p.rows_kept) for p in batch.parts] == [(2, 1)]


def test_rows_carry_the_contract_then_their_origin() -> None:
    (batch,) = checked([sheet([{**ROW, "tests_run": "5"}])], TableRule("quality"))
    assert batch.rows.column_names == [
        *("project_id", "status_date", "defects_critical", "defects_major", "defects_minor"),
        *("tests_planned", "tests_run", "tests_passed", "file", "sheet", "row", "slice_date"),
    ]
    assert batch.rows.to_pylist()[0]["slice_date"] == date(2025, 8, 31)


def test_damage_names_the_slices_as_far_as_they_are_known() -> None:
    rows = [
        {"project_id": "P1", "status_date": "2025-08-31", "tests_run": "x"},
        {"project_id": "P2", "status_date": "soon", "tests_run": "1"},
        {"project_id": "P3", "status_date": "2025-08-31", "tests_run": "1"},
    ]
    (batch,) = checked([sheet(rows)], TableRule("quality"))
    assert batch.damaged.sort_by("project_id").to_pylist() == [
        {"project_id": "P1", "slice_date": date(2025, 8, 31)},
        {"project_id": "P2", "slice_date": None},
    ]


@pytest.mark.parametrize(
    ("files", "second", "kept", "reasons"),
    [
        (("a", "a"), {"tests_run": "5"}, 1, ["duplicate"]),
        (("a", "b"), {"tests_run": "6"}, 1, ["duplicate_elsewhere"]),
        (("a", "b"), {"tests_run": "5"}, 1, []),
        (("a", "b"), {"tests_run": "6", "status_date": "2025-07-31"}, 2, []),
    ],
)
def test_a_repeated_key(
    files: tuple[str, str], second: dict[str, str], kept: int, reasons: list[str]
) -> None:
    first = {**ROW, "tests_run": "5"}
    if files[0] == files[1]:
        sheets = [sheet([first, {**ROW, **second}], "a")]
    else:
        sheets = [sheet([first], "a"), sheet([{**ROW, **second}], "b")]
    (batch,) = checked(sheets, TableRule("quality"))
    assert (batch.rows.num_rows, [r.reason for r in batch.rejects]) == (kept, reasons)
    assert batch.rows_in == kept + len(reasons)


def test_a_repeated_key_says_where_the_first_row_is() -> None:
    rows = [sheet([{**ROW, "tests_run": "5"}], "a.csv"), sheet([{**ROW, "tests_run": "6"}], "b.csv")]
    (batch,) = checked(rows, TableRule("quality"))
    assert "a.csv, 2" in batch.rejects[0].sentence(translator("en"))


def test_a_gap_in_the_key_is_a_value_like_others() -> None:
    rows = [
        {**ROW, "hours_worked": "5"},
        {**ROW, "hours_worked": "6"},
        {**ROW, "supplier_id": "S", "hours_worked": "1"},
    ]
    (batch,) = checked([sheet(rows)], TableRule("safety"))
    assert [(r.row, r.reason) for r in batch.rejects] == [(3, "duplicate")]


def test_surveys_have_no_key() -> None:
    row = {"project_id": "P1", "surveyed_on": "2025-08-31", "score": "8"}
    (batch,) = checked([sheet([row, row])], TableRule("satisfaction"))
    assert (batch.rows.num_rows, batch.rejects) == (2, ())


def test_a_project_holds_from_its_own_day_else_from_its_deliverys() -> None:
    rows = [
        {"project_id": "P1", "name": "n", "status_date": "2025-08-31"},
        {"project_id": "P2", "name": "n", "status_date": "2025-08-31", "valid_from": "2025-01-01"},
        {"project_id": "P3", "name": "n"},
    ]
    (batch,) = checked([sheet(rows)], TableRule("projects"))
    assert [(r["valid_from"], r["slice_date"]) for r in batch.rows.to_pylist()] == [
        (date(2025, 8, 31), date(2025, 8, 31)),
        (date(2025, 1, 1), date(2025, 1, 1)),
        (None, None),
    ]


def test_deliveries_of_different_moments_come_apart() -> None:
    rows = [
        {**ROW, "tests_run": "5", "delivered_at": "2025-09-03"},
        {**ROW, "tests_run": "6", "delivered_at": "2025-09-05T12:00:00-06:00"},
        {**ROW, "project_id": "P2", "tests_run": "x", "delivered_at": "2025-09-05T18:00:00Z"},
        {**ROW, "project_id": "P3", "tests_run": "1", "delivered_at": "whenever"},
    ]
    batches = checked([sheet(rows)], TableRule("quality"))
    assert [(b.delivered_at, b.rows.num_rows, [r.reason for r in b.rejects]) for b in batches] == [
        (None, 0, ["moment"]),
        (datetime(2025, 9, 3), 1, []),
        (datetime(2025, 9, 5, 18), 1, ["number"]),
    ]
    assert [b.rows_in for b in batches] == [1, 1, 2]


def test_what_is_wrong_alike_is_listed_in_part_and_counted() -> None:
    rows = [{**ROW, "project_id": f"P{n}", "tests_run": "x"} for n in range(MOST_ALIKE + 7)]
    (batch,) = checked([sheet(rows)], TableRule("quality"))
    assert len(batch.rejects) == MOST_ALIKE + 1
    (more,) = [r for r in batch.rejects if r.row is None]
    assert "7 more cells of tests_run" in more.sentence(translator("en"))
    assert batch.parts[0].rows_kept == 0


def test_a_refused_value_is_cut_to_what_can_be_read() -> None:
    (batch,) = checked([sheet([{**ROW, "summary": "x" * 2_000_000}])], TableRule("status_reports"))
    (reject,) = batch.rejects
    assert reject.reason == "text_size"
    assert len(reject.value or "") < 200


def test_every_period_becomes_a_status_date() -> None:
    rows = [
        {"Mes": "2025-01-31", "PV": "10", "EV": "8", "AC": "9"},
        {"Mes": "2025-02-28", "PV": "20", "EV": "15", "AC": "18"},
    ]
    columns = {
        "project_id": ColumnRule(value="P1"),
        "period_end": ColumnRule(headings=("Mes",)),
        "planned_value": ColumnRule(headings=("PV",)),
        "earned_value": ColumnRule(headings=("EV",)),
        "actual_cost": ColumnRule(headings=("AC",)),
    }
    (batch,) = checked([sheet(rows)], TableRule("earned_value", columns=columns, each_period=True))
    said = sorted(
        (
            str(r["status_date"]),
            str(r["period_end"]),
            float(r["planned_value"]),
            r["earned_value"] and float(r["earned_value"]),
        )
        for r in batch.rows.to_pylist()
    )
    assert said == [
        ("2025-01-31", "2025-01-31", 10, 8),
        ("2025-01-31", "2025-02-28", 20, None),
        ("2025-02-28", "2025-01-31", 10, 8),
        ("2025-02-28", "2025-02-28", 20, 15),
    ]


def test_the_mappings_currency_is_the_projects_default_and_no_other_rows() -> None:
    (projects,) = checked(
        [sheet([{"project_id": "P1", "name": "n"}, {"project_id": "P2", "name": "n", "currency": "USD"}])],
        TableRule("projects"),
        FileRule(currency="MXN"),
    )
    assert [r["currency"] for r in projects.rows.to_pylist()] == ["MXN", "USD"]
    (orders,) = checked(
        [sheet([{**ROW, "order_id": "O", "amount": "1"}])], TableRule("orders"), FileRule(currency="MXN")
    )
    assert orders.rows.to_pylist()[0]["currency"] is None


@pytest.mark.parametrize(
    ("rule", "cell", "value"),
    [
        (ColumnRule(percent=True), "30", 0.3),
        (ColumnRule(percent=True), "30 %", 0.3),
        (ColumnRule(percent=True), "130", "percent"),
        (ColumnRule(values={"alta": "0.8", "nul*": ""}), "ALTA", 0.8),
        (ColumnRule(values={"alta": "0.8", "nul*": ""}), "Nula o casi", None),
        (ColumnRule(values={"alta": "0.8"}), "0.5", 0.5),
        (ColumnRule(pattern=r"\((.*)\)"), "high (0.7)", 0.7),
        (ColumnRule(default="0.1"), None, 0.1),
        (ColumnRule(reading=Reading(decimal=",")), "0,25", 0.25),
        (ColumnRule(reading=Reading(decimal=",")), 0.25, 0.25),
        (ColumnRule(reading=Reading(decimal=",")), "0.25", "number"),
        (ColumnRule(reading=Reading(empty=("s/n", "exempt*"))), "Exempt under 43", None),
    ],
)
def test_a_column_reads_as_its_mapping_says(rule: ColumnRule, cell: Cell, value: Any) -> None:
    from dataclasses import replace  # noqa: PLC0415

    columns = {
        name: ColumnRule(value=said)
        for name, said in {**ROW, "risk_id": "R", "kind": "risk", "title": "t"}.items()
    }
    columns["probability"] = replace(rule, headings=("P",))
    batch = one([{"P": cell, "other": "x"}], "risks", **columns)
    got = [r["probability"] for r in batch.rows.to_pylist()] + [r.reason for r in batch.rejects]
    assert got == [value]


@pytest.mark.parametrize(
    ("rule", "cell", "value"),
    [
        (ColumnRule(scale=1_000_000), "£12,131.50", "12131500000.0000"),
        (ColumnRule(scale=0.001), "5", "0.0050"),
        (ColumnRule(reading=Reading(decimal=",", thousands=".")), "1.234", "1234.0000"),
        (ColumnRule(reading=Reading(decimal=",", thousands=".")), 1.234, "1.2340"),
        (ColumnRule(reading=Reading(decimal=".", thousands=" ")), "1 234.5", "1234.5000"),
        (ColumnRule(reading=Reading(decimal=".", thousands="")), "1,234.5", "number"),
        (ColumnRule(scale=1_000_000_000), "999999999", "number_size"),
    ],
)
def test_an_amount_reads_as_its_mapping_says(rule: ColumnRule, cell: Cell, value: str) -> None:
    from dataclasses import replace  # noqa: PLC0415

    columns = {name: ColumnRule(value=said) for name, said in {**ROW, "order_id": "O"}.items()}
    columns["amount"] = replace(rule, headings=("A",))
    batch = one([{"A": cell}], "orders", **columns)
    assert [str(r["amount"]) for r in batch.rows.to_pylist()] + [r.reason for r in batch.rejects] == [value]


@pytest.mark.parametrize(
    ("formats", "cell", "value"),
    [
        (("%d/%m/%Y",), "03/04/2026", "2026-04-03"),
        (("%d/%m/%Y",), "03/04/2026 00:00", "2026-04-03"),
        (("%d/%m/%Y",), "2026-04-03", "2026-04-03"),
        (("%d/%m/%Y",), "31/02/2026", "date_impossible"),
        (("%d/%m/%Y",), "4/30/2026", "date"),
        (("%m/%d/%y", "%d.%m.%y"), "31.12.40", "2040-12-31"),
        (("%d/%m/%Y",), 45900, "2025-08-31"),
    ],
)
def test_a_date_reads_as_its_mapping_says(formats: tuple[str, ...], cell: Cell, value: str) -> None:
    columns = {
        name: ColumnRule(value=said)
        for name, said in {**ROW, "item_id": "A", "kind": "action", "title": "t"}.items()
    }
    columns["due_on"] = ColumnRule(headings=("D",), reading=Reading(date_format=formats))
    batch = one([{"D": cell}], "actions", **columns)
    assert [str(r["due_on"]) for r in batch.rows.to_pylist()] + [r.reason for r in batch.rejects] == [value]


def test_days_without_a_format_are_noted() -> None:
    (batch,) = checked([sheet([{**ROW, "forecast_finish": 45900}])], TableRule("status_reports"))
    assert "1 cells without a date format were read as days" in batch.parts[0].notes[0]


def test_currencies_and_countries_are_those_of_today() -> None:
    assert {"mxn", "cop", "usd", "brl", "gbp"} <= set(currencies())
    assert not {"mxp", "dem", "xau", "zzz"} & set(currencies())
    assert countries()["mexico"] == "MX"
    assert len({*countries().values()}) > 240
