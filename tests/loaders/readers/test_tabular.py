"""CSV and Parquet as they come: encodings, delimiters, ragged rows, and files that are something else."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.errors import MappingError, UnreadableFile
from loaders.readers import tabular
from loaders.readers.base import OVERFLOW, ROW, Heading, Sheet
from loaders.readers.tabular import CsvOptions, read_csv, read_parquet

AB = {"A": ["1", "3"], "B": ["2", "4"], ROW: [2, 3]}


def read(
    folder: Path, content: str | bytes, options: CsvOptions | None = None, heading: Heading | None = None
) -> Sheet:
    path = folder / "given.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_csv(path, "given.csv", options, heading)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("A,B\n1,2\n3,4\n", AB),
        ("A;B\n1;2\n3;4\n", AB),
        ("A\tB\n1\t2\n3\t4\n", AB),
        ("A|B\n1|2\n3|4", AB),
        ("A,B\r\n1,2\r\n3,4\r\n", AB),
        ("A,B\r1,2\r3,4\r", AB),
        ("\ufeffA,B\n1,2\n3,4\n", AB),
        ("sep=;\nA;B\n1;2\n3;4\n", AB | {ROW: [3, 4]}),
        (
            "A,B\n\n1,2\n\n\n3,4\n",
            {"A": [None, "1", None, None, "3"], "B": [None, "2", None, None, "4"], ROW: [2, 3, 4, 5, 6]},
        ),
        ("\nA,B\n1,2\n3,4\n", AB | {ROW: [3, 4]}),
        ("Title of it\n\nA,B\n1,2\n3,4\n", AB | {ROW: [4, 5]}),
        ('A,B\n"x\ny",2\n"q""z",4\n', {"A": ["x\ny", 'q"z'], "B": ["2", "4"], ROW: [2, 3]}),
        ('A,B\n"x\n\ny",2\n3,4\n', {"A": ["x\n\ny", "3"], "B": ["2", "4"], ROW: [2, 3]}),
        ('A,B\n"x\r\ny",2\n5" pipe,4\n', {"A": ["x\ny", '5" pipe'], "B": ["2", "4"], ROW: [2, 3]}),
        ('A,B\n"x" y,2\n3,4\n', {"A": ["x y", "3"], "B": ["2", "4"], ROW: [2, 3]}),
        ("A,B\n1\n3,4,\n", {"A": ["1", "3"], "B": [None, "4"], ROW: [2, 3]}),
        ("A,B\n1,2,9\n3,4,,8\n", AB | {OVERFLOW: ["9", "8"]}),
        ("A,B\n1,2" + ",9" * 40 + "\n3,4\n", AB | {OVERFLOW: [" | ".join(["9"] * 40), None]}),
        ("A,,B,,\n1,x,2,,\n", {"A": ["1"], "column 2": ["x"], "B": ["2"], ROW: [2]}),
        ("A,a\n1,2\n", {"A (1)": ["1"], "a (2)": ["2"], ROW: [2]}),
        ("A;B\n1,5;2\n3,25;4\n", {"A": ["1,5", "3,25"], "B": ["2", "4"], ROW: [2, 3]}),
        ("only\n1\n\n2\n", {"only": ["1", None, "2"], ROW: [2, 3, 4]}),
        ("A,B\n", {"A": [], "B": [], ROW: []}),
    ],
)
def test_a_text_file_is_one_sheet(tmp_path: Path, content: str, expected: dict[str, list[object]]) -> None:
    found = read(tmp_path, content).table
    assert {name: found[name].to_pylist() for name in found.column_names} == expected


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("latin-1", ("read as windows-1252",)),
        ("cp1252", ("read as windows-1252",)),
        ("utf-16", ("read as utf-16",)),
        ("utf-16-le", ("read as utf-16-le",)),
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, note: tuple[str, ...]) -> None:
    found = read(tmp_path, "Año,Región\n1,Bajío\n2,Querétaro\n".encode(encoding))
    assert found.table["Región"].to_pylist() == ["Bajío", "Querétaro"]
    assert found.notes == note


def test_a_byte_that_no_encoding_knows_does_not_stop_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, b"A,B\n\x96\x9d,2\n")
    assert found.table["A"].to_pylist() == ["–\x9d"]


@pytest.mark.parametrize(("delimiter", "has_points"), [(",", True), (";", False), ("\t", True)])
def test_a_point_is_one_for_sure_where_commas_delimit(
    tmp_path: Path, delimiter: str, has_points: bool
) -> None:
    assert read(tmp_path, f"A{delimiter}B\n1{delimiter}2\n").has_points is has_points


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n \r\n;;;\n", "empty"),
        (b"PK\x03\x04rest of a workbook", "no_text"),
        (b"%PDF-1.7 ...", "no_text"),
        (b"A\x00\x01\x02\x00\x00,B\n", "no_text"),
        (b"\x00" * 50, "no_text"),
        ("A,B\n1,2\n".encode("utf-32"), "no_text"),
        ("A,Región,Año\n1,Bajío\n".encode()[:-3], "no_encoding"),
        ("A,Región\n1,Bajío\n".encode() + "2,Querétaro\n".encode("latin-1"), "no_encoding"),
        (b'A,B\n1,2\n"open,2\n3,4\n', "open_quote"),
        (("A," * 2_500 + "\n").encode(), "too_many_columns"),
    ],
)
def test_what_is_no_text_file_is_one_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(tmp_path, content)
    assert getattr(caught.value, "reason") == reason  # noqa: B009
    assert str(caught.value).startswith("given.csv ")


def test_an_open_quote_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="in row 3"):
        read(tmp_path, 'A,B\n1,2\n"open,2\n3,4\n')


@pytest.mark.parametrize(
    ("options", "said", "kind"),
    [
        (CsvOptions(encoding="utf-8"), "not encoded in utf-8", UnreadableFile),
        (CsvOptions(encoding="klingon"), "no encoding 'klingon'", MappingError),
    ],
)
def test_an_encoding_that_does_not_fit(
    tmp_path: Path, options: CsvOptions, said: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=said):
        read(tmp_path, "Año\n1\n".encode("latin-1"), options)


def test_a_heading_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no heading in row 9"):
        read(tmp_path, "A,B\n1,2\n", heading=Heading(rows=(9,)))


def test_two_rows_of_headings_are_joined(tmp_path: Path) -> None:
    found = read(tmp_path, "Baseline,,X\nStart,Finish,Y\n1,2,3\n", heading=Heading(rows=(1, 2)))
    assert found.headings == ["Baseline Start", "Baseline Finish", "X Y"]
    assert found.table[ROW].to_pylist() == [3]


def test_a_file_on_its_side(tmp_path: Path) -> None:
    found = read(tmp_path, 'Name,P1,P2\n"Start\n(approved)",1,2\n,,\n', CsvOptions(transposed=True)).table
    assert found.to_pydict() == {"Name": ["P1", "P2"], "Start (approved)": ["1", "2"], ROW: [2, 3]}


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        read_csv(tmp_path / "none.csv", "none.csv")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "LARGEST", 3)
    with pytest.raises(UnreadableFile, match="split it"):
        read(tmp_path, "A,B\n1,2\n")


def test_parquet_keeps_what_it_is_exact_about(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    table = {
        "amount": pa.array([0.1, float("nan"), None]),
        "on": pa.array([date(2025, 8, 31), None, None]),
        "text": pa.array(["1.234", "x", None]),
        "count": pa.array([2**53 + 1, None, None], pa.int64()),
        "is": pa.array([True, None, None]),
    }
    pq.write_table(pa.table(table), path)
    found = read_parquet(path, "given.parquet")
    assert found.table.to_pylist()[:2] == [
        {
            "amount": "0.1",
            "on": "2025-08-31",
            "text": "1.234",
            "count": "9007199254740993",
            "is": "true",
            ROW: 2,
        },
        {"amount": "NaN", "on": None, "text": "x", "count": None, "is": None, ROW: 3},
    ]
    assert set(found.native) == {"amount", "on", "count", "is"}


def test_text_of_windows_that_could_be_a_letter_of_utf8_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, "A,B\n«CAFÉ»,Bogotá\n".encode("cp1252")).table["A"].to_pylist() == ["«CAFÉ»"]


def test_what_is_no_certain_text_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="from row 3 on"):
        read(tmp_path, "A,Región\n1,Bajío\n".encode() + "2,Querétaro\n".encode("latin-1"))


def test_headings_that_parquet_repeats_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "given.parquet"
    arrays = [pa.array(["1"]), pa.array(["2"]), pa.array(["3"]), pa.array(["4"])]
    pq.write_table(pa.Table.from_arrays(arrays, names=["A", "A", "B", "b"]), path)
    assert read_parquet(path, "given.parquet").table.to_pylist() == [
        {"A (1)": "1", "A (2)": "2", "B (1)": "3", "b (2)": "4", ROW: 2}
    ]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Bogota", "2025-08-31"),
        ("UTC", "2025-09-01"),
        ("-05:00", "2025-08-31"),
        ("+09:00", "2025-09-01"),
        (None, "2025-09-01"),
    ],
)
def test_a_moment_is_of_the_day_of_its_own_zone(tmp_path: Path, zone: str | None, day: str) -> None:
    path = tmp_path / "given.parquet"
    pq.write_table(pa.table({"on": pa.array([datetime(2025, 9, 1, 3)], pa.timestamp("us", zone))}), path)
    assert read_parquet(path, "given.parquet").table["on"].to_pylist()[0][:10] == day


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all"])
def test_what_is_no_parquet_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "given.parquet"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"given\.parquet is damaged or no Parquet file"):
        read_parquet(path, "given.parquet")
