"""Delivering through the browser: drop files, see what they would change, then publish.

The dry run and the load are the command line's own. Files wait in the session; nothing is written to the
store before somebody chooses to publish what the dry run showed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import streamlit as st

from loaders import marked, pipeline
from loaders.errors import LoadError
from loaders.intake import READABLE
from ui import freshness, tables
from ui.context import Context, current
from ui.marks import escape_md
from ui.store import store_dir

_TRIED = "_upload_tried"
_PUBLISHED = "_upload_published"
_MARKED = "_upload_marked"
"""The copy last marked: one, for a session keeps it in memory."""
MAPPING = "mapping.toml"
LONGEST_NAME = 255
"""Bytes that the name of a file may have."""
SHARES = {"read": (0.0, 0.3), "compare": (0.3, 0.4), "order": (0.4, 0.5), "compute": (0.5, 1.0)}
"""Which part of the whole each step of a load is."""


@dataclass(frozen=True)
class Tried:
    """What a dry run found for files of this digest; `fault` is why nothing could be kept."""

    digest: str
    result: pipeline.LoadResult | None
    refused: Sequence[Any]
    fault: str | None


def panel() -> None:
    """The drop area, the dry run of what is dropped, and the button that publishes it."""
    page = current()
    t = page.t
    published = st.session_state.pop(_PUBLISHED, None)
    if published:
        st.success(published, icon=":material/check_circle:")
    files = st.file_uploader(
        t.t("freshness.upload"), type=sorted([*READABLE, ".toml"]), accept_multiple_files=True,
        key="upload_files", help=t.t("freshness.upload.help"),
    )  # fmt: skip
    if not files:
        return
    digest = _digest(files)
    tried: Tried | None = st.session_state.get(_TRIED)
    if tried is None or tried.digest != digest:
        if st.button(t.t("freshness.upload.check"), icon=":material/fact_check:", key="upload_check"):
            st.session_state[_TRIED] = _try(files, digest, page)
            st.rerun()
        return
    _tell(tried, page)
    _offer_marked(tried, files, page)
    if tried.result and tried.result.outcome.is_new:
        st.caption(t.t("freshness.upload.publish.note"))
        publish = st.button(
            t.t("freshness.upload.publish"), type="primary", icon=":material/publish:", key="upload_publish"
        )
        if publish:
            _publish(files, page)


def _try(files: Sequence[Any], digest: str, page: Context) -> Tried:
    with TemporaryDirectory(prefix="atalaya-") as folder:
        _save(files, Path(folder))
        try:
            with _progress(page.t.t("freshness.upload.checking")) as progress:
                result = pipeline.check([Path(folder)], store_dir(), progress=progress)
        except pipeline.NothingKeptError as error:
            return Tried(digest, None, error.outcome.rejects, error.sentence(page.t))
        except LoadError as error:
            return Tried(digest, None, (), _without(error.sentence(page.t), folder))
    return Tried(digest, result, result.rejects, None)


def _publish(files: Sequence[Any], page: Context) -> None:
    t = page.t
    with TemporaryDirectory(prefix="atalaya-") as folder:
        _save(files, Path(folder))
        try:
            with _progress(t.t("freshness.upload.publishing")) as progress:
                result = pipeline.load([Path(folder)], store_dir(), progress=progress)
        except LoadError as error:
            st.error(escape_md(_without(error.sentence(t), folder)), icon=":material/error:")
            return
    st.session_state[_TRIED] = None
    kept = page.f.number(result.outcome.rows_kept)
    st.session_state[_PUBLISHED] = t.t("freshness.upload.published", rows=kept)
    st.rerun()


def _tell(tried: Tried, page: Context) -> None:
    """What publishing would change, and what would be refused."""
    t = page.t
    if tried.fault:
        st.error(escape_md(tried.fault), icon=":material/error:")
    if tried.result:
        outcome = tried.result.outcome
        key = "freshness.upload.would" if outcome.is_new else "freshness.upload.nothing_new"
        st.markdown(
            f"**{escape_md(t.n(key, outcome.rows_kept, files=freshness.files_of(len(outcome.files), t)))}**"
        )
        if tried.result.beside_demonstration:
            st.warning(t.t("freshness.upload.demonstration"), icon=":material/info:")
        tables.table(
            changes(outcome.changes, page), changes_columns(page), key="upload_changes", file_name="dry_run",
            alt=t.t("freshness.upload.changes"), height="content",
        )  # fmt: skip
    if tried.refused:
        st.markdown(f"**{escape_md(t.n('freshness.upload.refused', len(tried.refused)))}**")
        shown = refused(tried.refused, page)
        tables.table(
            shown, {name: name for name in shown.columns}, key="upload_refused", file_name="refused",
            alt=t.t("freshness.refused"),
        )  # fmt: skip


def _offer_marked(tried: Tried, files: Sequence[Any], page: Context) -> None:
    """For each workbook dropped with refusals in it, a copy that has them marked; made when it is asked for."""
    t = page.t
    names = dict.fromkeys(Path(reject.file).name for reject in tried.refused)
    times = Counter(_fitting(Path(file.name).name) for file in files)
    dropped = {name: file for file in files if times[name := _fitting(Path(file.name).name)] == 1}
    ready: dict[tuple[str, str], bytes] = st.session_state.setdefault(_MARKED, {})
    for name in (name for name in names if name in dropped and marked.is_markable(name)):
        known = (tried.digest, name)
        asked = known not in ready and st.button(
            t.t("freshness.mark", file=escape_md(name)), icon=":material/ink_highlighter:", key=f"mark_{name}"
        )
        if asked:
            rejects = [reject for reject in tried.refused if Path(reject.file).name == name]
            try:
                with st.spinner(t.t("freshness.mark.doing", file=escape_md(name))):
                    copy = marked.marked(dropped[name].getvalue(), name, rejects, t)
            except LoadError as error:
                st.error(escape_md(error.sentence(t)), icon=":material/error:")
                continue
            st.session_state[_MARKED] = {known: copy}
            st.rerun()
        if known in ready:
            stem, suffix = Path(name).stem, Path(name).suffix
            st.download_button(
                t.t("freshness.mark.download", file=escape_md(name)), ready[known],
                file_name=t.t("freshness.mark.name", stem=stem, suffix=suffix), mime=tables.FILES["xlsx"][0],
                key=f"marked_{name}", icon=":material/download:", on_click="ignore", type="primary",
            )  # fmt: skip


def changes(found: Sequence[Any], page: Context) -> pd.DataFrame:
    """What a dry run would do, table by table; tables it does not touch are left out."""
    names = ("new", "replaced", "unchanged", "outdated", "added", "changed", "removed")
    rows = [
        {"table": page.t.label("table", change.table), **{name: getattr(change, name) for name in names}}
        for change in found
    ]
    return pd.DataFrame(rows, columns=["table", *names])


def changes_columns(page: Context) -> dict[str, Any]:
    """The columns of `changes`."""
    t = page.t
    return {
        "table": t.t("freshness.col.table"),
        "new": tables.number(t.t("freshness.change.new"), help=t.t("freshness.change.help")),
        "replaced": tables.number(t.t("freshness.change.replaced"), help=t.t("freshness.change.help")),
        "unchanged": tables.number(t.t("freshness.change.unchanged"), help=t.t("freshness.change.help")),
        "outdated": tables.number(
            t.t("freshness.change.outdated"), help=t.t("freshness.change.outdated.help")
        ),
        "added": tables.number(t.t("freshness.change.added")),
        "changed": tables.number(t.t("freshness.change.changed")),
        "removed": tables.number(t.t("freshness.change.removed")),
    }


def refused(rejects: Sequence[Any], page: Context) -> pd.DataFrame:
    """What a dry run refuses, as the table to repair by."""
    t = page.t
    return pd.DataFrame(
        {
            t.t("freshness.col.file"): [r.file for r in rejects],
            t.t("freshness.col.sheet"): [r.sheet for r in rejects],
            t.t("freshness.col.row"): [r.row for r in rejects],
            t.t("freshness.col.column"): [r.column for r in rejects],
            t.t("freshness.col.value"): [r.value for r in rejects],
            t.t("freshness.col.repair"): [r.sentence(t) for r in rejects],
        }
    )


def share(step: str, done: int, total: int) -> float:
    """How much of the whole is done, 0 to 1, when `done` of `total` of a step is."""
    start, end = SHARES.get(step, (0.0, 1.0))
    return start + (end - start) * min(done / total, 1.0) if total else start


@contextmanager
def _progress(text: str) -> Iterator[Callable[[str, str, int, int], None]]:
    """A bar that goes away at the end; gives the callback that a load reports to."""
    bar = st.progress(0.0, text=text)

    def told(step: str, what: str, done: int, total: int) -> None:
        bar.progress(share(step, done, total), text=f"{text} {escape_md(what)}")

    yield told
    bar.empty()


def _save(files: Sequence[Any], folder: Path) -> None:
    """Write the files to a folder, each under its own name: of two with one name the second goes to a folder `2`."""
    for file in files:
        name = _fitting(Path(file.name).name)
        place = next(p for n in count(1) if not (p := folder / (str(n) if n > 1 else "") / name).exists())
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(file.getvalue())


def _fitting(name: str) -> str:
    """A name as long as a file may have here, its kind kept: other systems count letters, this one bytes."""
    stem, suffix = Path(name).stem, Path(name).suffix
    room = LONGEST_NAME - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


def _digest(files: Sequence[Any]) -> str:
    told = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.name):
        told.update(file.name.encode())
        told.update(file.getvalue())
    return told.hexdigest()


def _without(text: str, folder: str) -> str:
    """A message without the path of the folder that the files wait in."""
    return text.replace(f"{folder}/", "").replace(folder, "")
