"""Tables people can read, select from, sort, search and download. Eager: every row is in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import Any, Literal
from urllib.parse import quote, quote_plus, unquote

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui import links, marks
from ui.context import current

Height = int | Literal["auto", "stretch", "content"]


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


def rag_text(colours: pd.Series, kind: marks.Kind = "computed") -> pd.Series:
    """A column of colours as shape and word."""
    t = current().t
    return colours.map(lambda colour: marks.mark_text(t, None if pd.isna(colour) else colour, kind))


def formatted(values: pd.Series, how: Callable[[Any], str]) -> pd.Series:
    """A column as text in the viewer's formats; loses numeric sorting, so only for short fixed lists."""
    return values.map(how)


def number(label: str, *, digits: int = 0, help: str | None = None, suffix: str = "") -> Any:
    """A right-aligned number column that still sorts as a number."""
    return st.column_config.NumberColumn(label, help=help, format=f"%,.{digits}f{suffix.replace('%', '%%')}")


def percent(label: str, *, help: str | None = None) -> Any:
    """A column of fractions (0-1) shown in percent."""
    return st.column_config.NumberColumn(label, help=help, format="percent")


def day(label: str, *, help: str | None = None) -> Any:
    """A date column, ISO: it sorts, and reads the same in every language."""
    return st.column_config.DateColumn(label, help=help, format="YYYY-MM-DD")


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
    cell = _draw(frame, columns, key=key, file_name=file_name, alt=alt, height=height, select=select)
    return cell[0] if cell else None


def pick_cell(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    file_name: str,
    alt: str,
    height: Height = "auto",
) -> tuple[int, str] | None:
    """A `table` where a click chooses one cell: its row's position in `frame` and its column's name."""
    return _draw(frame, columns, key=key, file_name=file_name, alt=alt, height=height, select=True)


def _draw(
    frame: pd.DataFrame,
    columns: Mapping[str, Any],
    *,
    key: str,
    file_name: str,
    alt: str,
    height: Height,
    select: bool,
) -> tuple[int, str] | None:
    t = current().t
    if frame.empty:
        from ui.frame import empty  # noqa: PLC0415

        empty(t.t("table.empty"))
        return None
    chosen = st.dataframe(
        frame,
        column_order=list(columns),
        column_config=dict(columns),
        hide_index=True,
        height=height,
        key=key,
        on_select="rerun" if select else "ignore",
        selection_mode="single-cell",
        placeholder=t.t("format.missing"),
        alt=alt,
    )
    download(frame, file_name, key=key, columns=columns)
    if isinstance(chosen, DeltaGenerator) or not chosen["selection"]["cells"]:
        return None
    row, column = chosen["selection"]["cells"][0]
    return int(row), str(column)


def download(
    frame: pd.DataFrame,
    file_name: str,
    *,
    key: str,
    columns: Mapping[str, Any] | None = None,
    more: Callable[[], None] | None = None,
) -> None:
    """A menu of files: the columns as shown under their headings, and the frame as it is; CSV, XLSX, Parquet.

    Numbers and dates keep full precision in both. `more` draws what else the menu offers.
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
    with menu:
        if columns:
            st.caption(t.t("table.download.shown"))
            _formats(lambda: as_shown(frame, columns), file_name, f"{key}_shown")
        st.caption(t.t("table.download.raw"))
        _formats(lambda: frame, f"{file_name}_raw" if columns else file_name, f"{key}_raw")
        if more:
            more()


def as_shown(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The columns in the order and under the headings of the screen; links as the name they show."""
    shown = frame[list(columns)].copy()
    for name in columns:
        values = shown[name]
        if values.dtype == object or pd.api.types.is_string_dtype(values):
            shown[name] = values.map(_link_text)
    return shown.rename(columns={name: heading(name, how) for name, how in columns.items()})


def heading(name: str, how: Any) -> str:
    """The heading of a column: a label, or column settings that hold one."""
    if isinstance(how, str):
        return how
    return str((how or {}).get("label") or name)


def _link_text(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("/") and "#" in value:
        return unquote(value.rsplit("#", 1)[1])
    return value


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
    safe = frame.map(lambda v: f"'{v}" if isinstance(v, str) and v[:1] in "=+-@\t\r" else v)
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
