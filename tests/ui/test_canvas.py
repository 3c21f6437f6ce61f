from __future__ import annotations

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
"""A text that takes 392 pixels."""


@pytest.mark.parametrize(
    ("frame", "columns", "widths"),
    [
        ({"a": [WORDS], "b": [1]}, {"a": "A", "b": "B"}, {"a": None, "b": None}),
        ({n: [WORDS] for n in "abcd"}, dict.fromkeys("abcd", "N"), dict.fromkeys("abcd", 320)),
        ({n: [WORDS] for n in "abcdefghi"}, dict.fromkeys("abcdefghi", "N"), dict.fromkeys("abcdefghi")),
        (
            {"a": [WORDS], "b": [WORDS], "c": [WORDS], "d": [WORDS]},
            {"a": "A", "b": "B", "c": {"label": "C", "width": "large"}, "d": link_column("D")},
            {"a": 244, "b": 244, "c": "large", "d": None},
        ),
    ],
)
def test_columns_of_text_are_narrowed_until_all_are_in_sight(
    frame: dict[str, Any], columns: dict[str, Any], widths: dict[str, Any]
) -> None:
    data = pd.DataFrame(frame)
    told = canvas.texts(data, columns, Formats(translator("en")))
    settled = canvas.settings_of(data, columns, told)
    assert {
        name: None if isinstance(how, str) else how.get("width") for name, how in settled.items()
    } == widths
