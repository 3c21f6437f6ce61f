"""What goes out as files is what is in the store, and loads again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from loaders import store
from loaders.errors import LoadError, StoreError
from loaders.export import export
from loaders.pipeline import load
from tests.loaders.sources import few_marts, folder

ORDERS = "project_id,order_id,status_date,amount,currency,frame_contract\n"


def marts(con, *_told) -> None:
    few_marts(con)
    con.execute("""
        create or replace table mart_rag_evidence as
        select 'P1' as project_id, [{'file': 'a.csv', 'row': 2}] as source_refs, true as decided,
               0.1 + 0.2 as value, date '2025-08-31' as status_date, null::date as status_date_to""")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("export")
    text = (
        f"{ORDERS}P1,O1,2025-08-31,1234567.8901,MXN,=HYPERLINK(1)\nP1,O2,2025-08-31,-5,USD,- Núñez\n"
        f"P1,O3,2025-08-31,7,USD,-5\nP1,O4,2025-07-31,1,USD,gone\n"
    )
    load([folder(base / "in", orders=text)], base / "store", build=marts)
    return base / "store"


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_a_file_for_each_table_and_mart(shop: Path, tmp_path: Path, kind: str) -> None:
    told: list[str] = []
    written = export(shop, tmp_path / "out", kind, lambda what, done, total: told.append(what))
    names = {path.stem for path in written}
    assert {
        "projects",
        "orders",
        "mart_project_status",
        "mart_rag_evidence",
        "loads",
        "rejects",
        "stubs",
    } <= names
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{name}.{kind}" for name in names}
    assert told == [path.stem for path in written]


def test_parquet_keeps_types(shop: Path, tmp_path: Path) -> None:
    export(shop, tmp_path, "parquet")
    orders = pq.read_table(tmp_path / "orders.parquet")
    assert str(orders.schema.field("amount").type) == "decimal128(18, 4)"
    assert sorted(orders["order_id"].to_pylist()) == ["O1", "O2", "O3"]
    [row] = pq.read_table(tmp_path / "mart_rag_evidence.parquet").to_pylist()
    assert row["source_refs"] == [{"file": "a.csv", "row": 2}]


def test_csv_has_exact_decimals_and_no_formulas(shop: Path, tmp_path: Path) -> None:
    export(shop, tmp_path, "csv")
    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as handle:
        rows = {row["order_id"]: row for row in csv.DictReader(handle)}
    assert rows["O1"]["amount"] == "1234567.8901"
    assert {key: row["frame_contract"] for key, row in rows.items()} == {
        "O1": "'=HYPERLINK(1)",
        "O2": "- Núñez",
        "O3": "-5",
    }
    with (tmp_path / "mart_rag_evidence.csv").open(encoding="utf-8", newline="") as handle:
        [row] = csv.DictReader(handle)
    assert json.loads(row["source_refs"]) == [{"file": "a.csv", "row": 2}]


def test_excel_has_numbers_dates_and_text_that_stays_text(shop: Path, tmp_path: Path) -> None:
    export(shop, tmp_path, "xlsx")
    heading, *rows = (
        CalamineWorkbook.from_path(str(tmp_path / "orders.xlsx")).get_sheet_by_index(0).to_python()
    )
    by_order = {row[1]: dict(zip(heading, row, strict=True)) for row in rows}
    assert by_order["O1"]["amount"] == 1234567.8901
    assert by_order["O1"]["frame_contract"] == "=HYPERLINK(1)"
    assert by_order["O1"]["status_date"].isoformat() == "2025-08-31"
    assert by_order["O1"]["ordered_on"] == ""


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_what_was_exported_loads_again(shop: Path, tmp_path: Path, kind: str) -> None:
    export(shop, tmp_path / "out", kind)
    for path in (tmp_path / "out").iterdir():
        if path.stem != "orders":
            path.unlink()
    result = load([tmp_path / "out"], tmp_path / "store", build=marts)
    assert result.rejects == ()
    told = []
    for place in (shop, tmp_path / "store"):
        opened = store.open_current(place)
        told.append(
            opened.cursor().execute("select order_id, amount, currency from orders order by all").fetchall()
        )
        opened.close()
    assert told[0] == told[1]


def test_without_a_store_or_a_folder_it_is_a_sentence(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        export(tmp_path / "none", tmp_path, "csv")
    (tmp_path / "file").write_text("")
    with pytest.raises(LoadError, match="cannot be written"):
        export(shop, tmp_path / "file" / "out", "csv")


def test_a_table_that_a_worksheet_cannot_hold_is_a_sentence(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.export.EXCEL_ROWS", 2)
    with pytest.raises(LoadError, match="orders has 3 rows, more than a worksheet holds"):
        export(shop, tmp_path, "xlsx")
