from __future__ import annotations

from datetime import date
from io import BytesIO

import pandas as pd
import pytest

from ui.tables import FILES, as_shown, csv_bytes, day, number, parquet_bytes, xlsx_bytes

FRAME = pd.DataFrame(
    {
        "project_id": ["MX-1"],
        "name": ["/project?project_id=MX-1#N%C3%BAcleo%205G"],
        "value": [1234.56789],
        "on": [date(2025, 8, 31)],
        "note": ["=1+1"],
        "refs": [[{"row": 7}]],
    }
)


def test_csv_is_full_precision_and_marked_for_spreadsheets() -> None:
    frame = pd.DataFrame({"name": ["Bajío"], "value": [1234.56789]})
    assert csv_bytes(frame) == "\ufeffname,value\nBajío,1234.56789\n".encode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"])
def test_csv_defuses_formulas(text: str) -> None:
    assert f"'{text}" in csv_bytes(pd.DataFrame({"a": [text]})).decode("utf-8-sig")


@pytest.mark.parametrize("text", ["", "a=1", "Bajío"])
def test_csv_leaves_other_text(text: str) -> None:
    read = pd.read_csv(BytesIO(csv_bytes(pd.DataFrame({"a": [text], "b": [1]}))), keep_default_na=False)
    assert read["a"].tolist() == [text]


def test_csv_leaves_negative_numbers_and_gaps() -> None:
    assert csv_bytes(pd.DataFrame({"a": [-1.5, None]})).decode("utf-8-sig") == 'a\n-1.5\n""\n'


def test_as_shown_has_the_screens_order_headings_and_names() -> None:
    shown = as_shown(FRAME, {"value": number("Valor"), "name": "Proyecto", "on": day("Fecha")})
    assert list(shown.columns) == ["Valor", "Proyecto", "Fecha"]
    assert shown.iloc[0].tolist() == [1234.56789, "Núcleo 5G", date(2025, 8, 31)]


def test_workbook_holds_numbers_and_inert_text() -> None:
    read = pd.read_excel(BytesIO(xlsx_bytes(FRAME)), engine="calamine")
    assert read["value"][0] == pytest.approx(1234.56789)
    assert read["note"][0] == "=1+1"


def test_parquet_keeps_types() -> None:
    read = pd.read_parquet(BytesIO(parquet_bytes(FRAME)))
    assert read["value"][0] == 1234.56789
    assert read["on"][0] == date(2025, 8, 31)


@pytest.mark.parametrize("suffix", FILES)
def test_an_empty_frame_makes_a_file(suffix: str) -> None:
    assert FILES[suffix][1](FRAME.head(0))
