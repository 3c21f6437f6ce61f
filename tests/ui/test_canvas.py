from __future__ import annotations

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from locales import translator
from ui import canvas, tables
from ui.formats import Formats
from ui.tables import day, link_column, number, percent

LINK = "/project?project_id=A#N%C3%BAcleo%205G"
FRAME = pd.DataFrame(
    {
        "unseen": [1, 2],
        "name": [LINK, LINK],
        "value": [1234.5, None],
        "share": [0.123, None],
        "on": [date(2025, 8, 31), None],
        "note": ["a", None],
    },
    index=[7, 3],
)
COLUMNS = {
    "name": link_column("Project"),
    "value": number("Value", digits=1),
    "share": percent("Share"),
    "on": day("On"),
    "note": "Note",
}


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("en", ["Núcleo 5G", "1,234.5", "12.3\xa0%", "31 Aug 2025", "a"], ["n/a"] * 4),
        ("es", ["Núcleo 5G", "1,234.5", "12.3\xa0%", "31 ago 2025", "a"], ["n/d"] * 4),
        ("pt", ["Núcleo 5G", "1.234,5", "12,3\xa0%", "31 ago 2025", "a"], ["n/d"] * 4),
    ],
)
def test_values_read_as_the_language_writes_them(language: str, first: list[str], last: list[str]) -> None:
    told = canvas.texts(FRAME, COLUMNS, Formats(translator(language)))
    assert told.to_numpy().tolist() == [first, ["Núcleo 5G", *last]]


def page() -> None:
    """A table of three rows, and a choice in another."""
    from dataclasses import dataclass  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415
    from metrics.scope import Scope  # noqa: PLC0415
    from ui import context, tables  # noqa: PLC0415
    from ui.formats import Formats  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    @dataclass
    class Store:
        version: str = "canvas 1"

    t = translator("pt")
    context.provide(context.Context(Scope("", date(2025, 8, 31)), t, Formats(t), CHART, Store()))
    frame = pd.DataFrame({"value": [1234.5, 99.0, None]})
    for key in ("shown", "chosen"):
        tables.table(
            frame, {"value": tables.number("Valor", digits=1)}, key=key, file_name="f", alt=key,
            select=key == "chosen",
        )  # fmt: skip


def sent(at: AppTest) -> list[Any]:
    """The data of each table, and the texts that stand beside them."""
    return [
        (
            d.value["value"].tolist()[:2],
            convert_arrow_bytes_to_pandas_df(d.proto.arrow_data.styler.display_values)["value"].tolist(),
            '"format": null' in d.proto.columns or "format" not in d.proto.columns,
        )
        for d in at.dataframe
    ]


def test_the_browser_gets_the_numbers_and_how_they_read_on_every_run() -> None:
    at = AppTest.from_function(page).run()
    assert not at.exception
    whole = [([1234.5, 99.0], ["1.234,5", "99,0", "n/d"], True)] * 2
    assert sent(at) == whole
    assert sent(at.run()) == whole
    assert len([html for html in at.html if "at-print" in html.value]) == 2


def test_too_many_cells_are_left_to_the_canvas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "MOST", 2)
    tables.forget()
    at = AppTest.from_function(page).run()
    assert not at.exception
    assert [d.proto.arrow_data.styler.display_values for d in at.dataframe] == [b"", b""]
    assert all("%,.1f" in d.proto.columns for d in at.dataframe)


WORDS = "x" * 60
"""A text that takes more than the WIDEST column; "x" * 50 takes 353 pixels, as does a column of them."""


def columns_of(settled: dict[str, Any]) -> dict[str, Any]:
    """The width of each column, "hidden" for one out of sight."""
    told = {name: {} if isinstance(how, str) else how for name, how in settled.items()}
    return {name: "hidden" if how.get("hidden") else how.get("width") for name, how in told.items()}


@pytest.mark.parametrize(
    ("frame", "columns", "pixels", "widths"),
    [
        ({"a": [WORDS], "b": [1]}, {"a": "A", "b": "B"}, 1288, {"a": None, "b": None}),
        ({n: [WORDS] for n in "abcd"}, dict.fromkeys("abcd", "N"), 1288, dict.fromkeys("abcd", 322)),
        ({n: [WORDS] for n in "abc"}, dict.fromkeys("abc", "N"), 614, dict.fromkeys("abc", 204)),
        (
            {n: [WORDS] for n in "abcdef"},
            dict.fromkeys("abcdef", "N"),
            614,
            dict.fromkeys("abcde", 122) | {"f": "hidden"},
        ),
        (
            {"a": [WORDS], "b": [WORDS], "c": [WORDS], "d": [WORDS]},
            {"a": "A", "b": "B", "c": {"label": "C", "width": "large"}, "d": link_column("D")},
            1288,
            {"a": 244, "b": 244, "c": "large", "d": None},
        ),
        (
            {"a": [LINK], "b": [1.0], "c": [2.0]},
            {"a": link_column("A"), "b": number("N" * 30), "c": number("N" * 30)},
            400,
            {"a": None, "b": None, "c": "hidden"},
        ),
        ({"a": ["", "", "", "x" * 50]}, {"a": "A"}, 1288, {"a": 353}),
        ({"a": ["x"], "b": ["x"]}, {"a": WORDS, "b": "B"}, 100, {"a": 120, "b": "hidden"}),
    ],
    ids=[
        "all have room", "texts share what there is", "half a page", "what has no room is hidden",
        "own widths and links stay", "numbers are never cut", "one text among empty ones", "the first stays",
    ],
)  # fmt: skip
def test_a_table_fits_its_place(
    frame: dict[str, Any], columns: dict[str, Any], pixels: int, widths: dict[str, Any]
) -> None:
    data = pd.DataFrame(frame)
    told = canvas.texts(data, columns, Formats(translator("en")))
    settled = canvas.settings_of(data, columns, told, pixels)
    assert columns_of(settled) == widths
    assert canvas.hidden(settled) == list(widths.values()).count("hidden")


def halves() -> None:
    """A table as wide as the page, and the same in half of it."""
    from dataclasses import dataclass  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    import pandas as pd  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415
    from metrics.scope import Scope  # noqa: PLC0415
    from ui import context, frame, tables  # noqa: PLC0415
    from ui.formats import Formats  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    @dataclass
    class Store:
        version: str = "halves 1"

    t = translator("en")
    context.provide(context.Context(Scope("", date(2025, 8, 31)), t, Formats(t), CHART, Store()))
    data = pd.DataFrame({name: [1] for name in "abcde"})
    columns = {name: tables.number(name * 25) for name in data}
    left, _ = frame.columns(1, 1)
    with left:
        tables.table(data, columns, key="half", file_name="f", alt="half")
    tables.table(data, columns, key="whole", file_name="f", alt="whole")


def test_a_table_in_half_the_page_says_what_it_keeps_in_its_menu() -> None:
    at = AppTest.from_function(halves).run()
    assert not at.exception
    hidden = [[n for n in "abcde" if json.loads(d.proto.columns)[n].get("hidden")] for d in at.dataframe]
    assert hidden == [["d", "e"], []]
    assert [h.value for h in at.html if "at-unseen" in h.value] == [
        '<p class="at-soft at-unseen">2 more columns in the table&#x27;s own menu, top right.</p>'
    ]
