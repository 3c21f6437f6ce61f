"""Tables people can read, select from, sort, search and download. Eager: every row is in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any, Literal
from urllib.parse import quote, quote_plus

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.dataframe_util import convert_pandas_df_to_arrow_table

from ui import canvas, links, printed, sieve
from ui.columns import heading, link_text
from ui.context import current
from ui.marks import escape
from ui.store import remembered_as

Height = int | Literal["auto", "stretch", "content"]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a text begins with that a spreadsheet would run."""


def project_links(
    frame: pd.DataFrame, *, id_column: str = "project_id", name_column: str = "name"
) -> pd.Series:
    """One address per row, its project's name after '#', for `link_column`."""
    shared = links.href("project")
    address = f"{shared}{'&' if '?' in shared else '?'}project_id="
    return pd.Series(
        [
            f"{address}{quote_plus(str(i))}#{quote(str(n), safe='')}"
            for i, n in zip(frame[id_column], frame[name_column], strict=True)
        ],
        index=frame.index,
        dtype="object",
    )


def link_column(label: str, *, help: str | None = None, pinned: bool = True) -> Any:
    """Column settings for the addresses of `project_links`: shows the name, opens the project."""
    return st.column_config.LinkColumn(label, help=help, display_text=r"#(.*)$", pinned=pinned)


def number(label: str, *, digits: int = 0, help: str | None = None, suffix: str = "") -> Any:
    """A right-aligned number column that still sorts as a number."""
    return st.column_config.NumberColumn(label, help=help, format=f"%,.{digits}f{suffix.replace('%', '%%')}")


def percent(label: str, *, help: str | None = None) -> Any:
    """A column of fractions (0-1) shown in percent."""
    return st.column_config.NumberColumn(label, help=help, format="percent")


def day(label: str, *, help: str | None = None) -> Any:
    """A date column: it sorts by date and reads as the viewer's language writes dates."""
    return st.column_config.DateColumn(label, help=help)


def pages(total: int, size: int) -> int:
    """How many pages of `size` rows hold `total` of them; at least one."""
    return max(1, -(-total // size))


def table(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    file_name: str,
    alt: str,
    height: Height = "auto",
    select: bool = False,
) -> int | None:
    """Show the columns named in `columns` (name → label or column settings), in that order, with a download.

    With `select`, a click anywhere in a row chooses it: returns its position in `frame`, else None. Identify
    what was chosen by the id in that row, never by the number. The download holds the frame as it is.
    """
    if frame.empty:
        _nothing()
        return None
    passing = sieve.mask(frame, columns, key)
    shown = frame if passing is None else frame[passing]
    chosen = _draw(
        shown, columns, key=key, alt=alt, height=height, select=select, filtered=passing is not None
    )
    with st.container(horizontal=True, gap="small", key=f"{key}_tools"):
        if len(frame) >= sieve.WORTH_IT:
            sieve.menu(frame, columns, key, len(shown))
        download(shown, file_name, key=key, columns=columns)
    return chosen if chosen is None or passing is None else int(np.flatnonzero(passing)[chosen])


def _nothing() -> None:
    from ui.frame import empty  # noqa: PLC0415

    empty(current().t.t("table.empty"))


def _draw(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    alt: str,
    height: Height,
    select: bool,
    filtered: bool,
) -> int | None:
    """The canvas, and its twin for paper; returns the row chosen."""
    page = current()
    if frame.empty:
        _nothing()
        return None
    data = _arrow(frame, list(columns))
    known = printed.digest(data)
    same = remembered_as(known, columns, page.t.language, canvas.place())
    made = _made(key=same, _make=lambda: _Made(frame, columns, data, known))
    if not select:
        _shown(key=remembered_as(same, height, alt), _show=lambda: _show(made, height=height, alt=alt))
        return None
    event = _show(
        # A choice is a position: other rows are another table.
        made, height=height, alt=alt, key=f"{key}_{known}" if filtered else key,
        on_select="rerun", selection_mode="single-cell",
    )  # fmt: skip
    return int(event["selection"]["cells"][0][0]) if event["selection"]["cells"] else None


class _Made:
    """A table as it is sent: its values with their texts (plain where they are too many), and its twin for paper."""

    def __init__(self, frame: pd.DataFrame, columns: Mapping[str, Any], data: pa.Table, known: str) -> None:
        page = current()
        self.columns = dict(columns)
        self.values: pa.Table | Styler = data
        if data.num_rows * data.num_columns <= canvas.MOST:
            texts = canvas.texts(frame, columns, page.f)
            self.columns = canvas.settings_of(frame, columns, texts, canvas.place())
            self.values = canvas.written(frame, texts, known=known)
        self.paper = printed.html(frame, columns, page.t, page.f)


@st.cache_resource(max_entries=256, show_spinner=False)
def _made(*, key: str, _make: Callable[[], _Made]) -> _Made:
    """Remembered, for most runs show the same data; nobody may change it."""
    return _make()


@st.cache_resource(max_entries=256, show_spinner=False)
def _shown(*, key: str, _show: Callable[[], Any]) -> None:
    """Draws a table in which nothing is chosen. Streamlit remembers what was drawn, and draws it again."""
    _show()


def forget() -> None:
    """Forget every table drawn, as a new process would."""
    _made.clear()
    _shown.clear()


def _show(made: _Made, *, height: Height, alt: str, **how: Any) -> Any:
    event = st.dataframe(
        made.values, column_order=list(made.columns), column_config=made.columns, hide_index=True, height=height,
        placeholder=current().t.t("format.missing"), alt=alt, **how,
    )  # fmt: skip
    st.html(made.paper)
    if out_of_sight := canvas.hidden(made.columns):
        st.html(f'<p class="at-soft at-unseen">{escape(current().t.n("table.hidden", out_of_sight))}</p>')
    return event


def _arrow(frame: pd.DataFrame, names: list[str]) -> pa.Table:
    """The columns as the browser gets them; one of mixed types as text, as Streamlit itself would send it."""
    try:
        return pa.Table.from_pandas(frame, columns=names, preserve_index=False)  # quicker than frame[names]
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return convert_pandas_df_to_arrow_table(frame[names], preserve_index=False)


def download(
    data: pd.DataFrame | Callable[[], pd.DataFrame],
    file_name: str,
    *,
    key: str,
    columns: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    more: Callable[[], None] | None = None,
) -> None:
    """A menu of files: the columns as shown under their headings, and the frame as it is; CSV, XLSX, Parquet.

    Numbers and dates keep full precision in both. `more` draws what else the menu offers. Where `data` or `columns`
    is a function it is called once the menu is open.
    """
    t = current().t
    menu = st.popover(
        t.t("table.download"),
        icon=":material/download:",
        type="tertiary",
        key=f"{key}_menu",
        on_change="rerun",
    )
    if not menu.open:
        return
    frame = data() if callable(data) else data
    headed = columns() if callable(columns) else columns
    with menu:
        if headed:
            st.caption(t.t("table.download.shown"))
            _formats(lambda: as_shown(frame, headed), file_name, f"{key}_shown")
        st.caption(t.t("table.download.raw"))
        _formats(lambda: frame, f"{file_name}_raw" if headed else file_name, f"{key}_raw")
        if more:
            more()


def as_shown(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The columns in the order and under the headings of the screen; links as the name they show."""
    shown = frame[list(columns)].copy()
    for name in columns:
        values = shown[name]
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            shown[name] = values.map(link_text)
    return shown.rename(columns={name: heading(name, how) for name, how in columns.items()})


def _formats(make: Callable[[], pd.DataFrame], file_name: str, key: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for suffix, (mime, write) in FILES.items():
            st.download_button(
                suffix.upper(),
                data=partial(_written, write, make),
                file_name=f"{file_name}.{suffix}",
                mime=mime,
                key=f"{key}_{suffix}",
                on_click="ignore",
            )


def _written(write: Callable[[pd.DataFrame], bytes], make: Callable[[], pd.DataFrame]) -> bytes:
    return write(make())


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as CSV; text that a spreadsheet would run as a formula is defused with an apostrophe."""
    safe = frame.map(lambda v: f"'{v}" if isinstance(v, str) and v.startswith(FORMULA) else v)
    return safe.to_csv(index=False).encode("utf-8-sig")


def xlsx_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as a workbook: text stays text, whatever it begins with."""
    file = BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer:
        _plain(frame).to_excel(writer, index=False, sheet_name="Atalaya", freeze_panes=(1, 0))
        writer.sheets["Atalaya"].autofit(300)
    return file.getvalue()


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """The frame as Parquet, its columns typed."""
    file = BytesIO()
    _plain(frame).to_parquet(file, index=False)
    return file.getvalue()


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists and records as text: neither a workbook nor a mixed Parquet column holds them."""
    return frame.map(lambda v: str(v) if isinstance(v, (list, dict, tuple, np.ndarray)) else v)


FILES: Mapping[str, tuple[str, Callable[[pd.DataFrame], bytes]]] = {
    "csv": ("text/csv", csv_bytes),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_bytes),
    "parquet": ("application/vnd.apache.parquet", parquet_bytes),
}
