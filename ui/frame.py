"""The frame every screen stands in: style, filters, the sentence and what it rests on, empty states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Literal, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import StopException

from locales import Translator, translator
from metrics.queries.filters import Basis, data_basis, filter_options
from ui import canvas, context, filters, theme
from ui.context import Context, current
from ui.formats import Formats
from ui.marks import escape
from ui.store import Store, ask, ask_all, remembered_as

GAPS = {"small": 15, "medium": 30, "large": 60}
"""Pixels between columns, by what Streamlit calls the gap."""

_HERE = "_screen"


def open_page(store: Store, screen: str) -> Context:
    """Draw the filter row and the tools, and provide the context of this run; the page itself comes after."""
    from ui import crumbs, search, views  # noqa: PLC0415

    theme.inject()
    scope = filters.choose(ask_all(filter_options, store), viewer=_viewer())
    t = translator(filters.language())
    opened = Context(scope=scope, t=t, f=Formats(t), palette=theme.CHART, store=store)
    context.provide(opened)
    with st.container(horizontal=True, key="page_tools", gap="small"):
        search.button()
        views.menu(screen)
        _how_to_read(opened, screen)
    crumbs.show(screen)
    return opened


@contextmanager
def filling(screen: str) -> Iterator[None]:
    """Around the page itself: grey shapes stand below what is there already, while its answers are first sought.

    Only for who arrives at a screen that nobody has seen since the store, the scope or the language changed: any
    other run takes its answers from memory, and shapes would only flicker.
    """
    body, below = st.container(key="screen"), st.empty()
    page = current()
    arrives = st.session_state.get(_HERE) != screen
    st.session_state[_HERE] = screen
    if arrives:
        filters.forget_unknown()
    seen = (
        _seen(key=remembered_as(screen, page.store.version, page.scope, page.t.language))
        if arrives
        else [True]
    )
    if not seen:
        below.html(_shapes(page.t))
    said = body.empty()
    try:
        with body:
            yield
    finally:
        with said.container():
            filters.say_unknown(page.t)
        if not seen:
            below.empty()
            seen.append(True)


def caption(text: str | None) -> None:
    """What a figure or a table leaves out or rests on, if anything."""
    if text:
        st.caption(text)


def doubts(html: str | None) -> None:
    """What is doubtful in a figure (ui.quality.below_html), if anything."""
    if html:
        st.html(html)


def end() -> NoReturn:
    """End the page here, as `st.stop` would; but that refuses every later change, so the shapes would stay."""
    raise StopException


@st.cache_resource(max_entries=512, show_spinner=False)
def _seen(*, key: str) -> list[bool]:
    """Empty until somebody has seen the page of that key whole."""
    return []


def _shapes(t: Translator) -> str:
    """Where tiles, a figure and a table are going to be; a screen reader hears that data are being read."""
    tiles_ = "<span></span>" * 4
    return (
        f'<div class="at-skeleton" role="status" aria-label="{escape(t.t("frame.loading"))}">'
        f'<div class="at-skeleton-tiles">{tiles_}</div><span class="at-skeleton-figure"></span>'
        f"{'<span></span>' * 5}</div>"
    )


def sentence(text: str, basis: Basis | None = None, *, doubts: str = "") -> None:
    """The message of the page, with the data's completeness and age at its right.

    `text` is shown literally. `basis` defaults to that of the whole scope; `doubts` is HTML after it, as ui.quality's
    marks.
    """
    page = current()
    basis = basis or ask(data_basis, page.scope)
    st.html(
        f'<div class="at-sentence"><p class="at-said" role="heading" aria-level="1">{escape(text)}</p>'
        f'<p class="at-basis">{basis_html(basis, page)}{doubts}</p></div>'
    )


def basis_html(basis: Basis, page: Context) -> str:
    """Completeness and age in words; stale or partial is said, not hidden."""
    if basis.data_to is None:
        return escape(page.t.t("basis.none"))
    parts = [page.t.n("basis.reported", basis.expected, reported=page.f.number(basis.reported))]
    age = (page.scope.as_of - basis.data_to).days
    if age > page.scope.stale_after_days:
        parts.append(page.t.t("basis.stale", date=page.f.date(basis.data_to), age=page.f.span(age)))
    else:
        parts.append(page.t.t("basis.data_to", date=page.f.date(basis.data_to)))
    if basis.newest_is_old(date.today()):
        parts.append(page.t.t("basis.long_ago", age=page.f.span((date.today() - basis.data_to).days)))
    return " · ".join(escape(part) for part in parts)


def section(title: str, note: str | None = None) -> None:
    """A heading inside a page, shown literally."""
    st.html(
        f'<h2 class="at-section">{escape(title)}</h2>'
        + (f'<p class="at-soft">{escape(note)}</p>' if note else "")
    )


class Column:
    """A part of the page's width, `with` which things are drawn there: tables know how wide it is."""

    def __init__(self, place: DeltaGenerator, pixels: int) -> None:
        self._place, self._pixels, self._open = place, pixels, ExitStack()

    def __enter__(self) -> None:
        """Draw here from now on."""
        self._open.enter_context(canvas.placed(self._pixels))
        self._open.enter_context(self._place)

    def __exit__(self, *error: object) -> None:
        """Draw again where it was drawn before."""
        self._open.close()


def columns(*shares: int, gap: Literal["small", "medium", "large"] = "large") -> list[Column]:
    """Columns side by side, of these shares of the page; below each other on a phone."""
    room = canvas.WIDE - GAPS[gap] * (len(shares) - 1)
    places = st.columns(shares, gap=gap) if shares else []
    return [Column(place, room * share // sum(shares)) for place, share in zip(places, shares, strict=True)]


def tiles(count: int = 5) -> DeltaGenerator:
    """A row of `count` tiles that reflows to two columns on a phone: `with frame.tiles(): frame.tile(…)`."""
    return st.grid(count, min_column_width=150)


def tile(
    label: str, value: str, change: str | None = None, *, extra_html: str = "", help: str | None = None
) -> None:
    """A number with its name and its change. `extra_html` must be built by ui helpers (marks, sparklines)."""
    st.html(tile_html(label, value, change, extra_html=extra_html, help=help))


def tile_html(
    label: str, value: str, change: str | None = None, *, extra_html: str = "", help: str | None = None
) -> str:
    """A tile as HTML, for a page that draws a row of them itself."""
    hint = f' title="{escape(help)}"' if help else ""
    return (
        f'<div class="at-tile"{hint}><div class="at-label">{escape(label)}</div>'
        f'<div class="at-value">{escape(value)}</div>'
        + (f'<div class="at-change">{escape(change)}</div>' if change else "")
        + f"{extra_html}</div>"
    )


def empty(title: str, what_to_do: str | None = None) -> None:
    """Nothing to show, and why: never a blank space or a zero."""
    st.html(f'<div class="at-empty"><b>{escape(title)}</b>{escape(what_to_do) if what_to_do else ""}</div>')


def failed(t: Translator) -> None:
    """What a page says that could not be shown, and two ways on."""
    st.html(
        f'<div class="at-empty" role="alert"><b>{escape(t.t("failed.title"))}</b>'
        f'{escape(t.t("failed.do"))} <a href="/" target="_self">{escape(t.t("failed.home"))}</a></div>'
    )


def _how_to_read(page: Context, screen: str) -> None:
    t = page.t
    if f"how.{screen}" not in t:
        return
    with st.popover(t.t("how.open"), icon=":material/help:", type="tertiary", key="how_to_read"):
        st.markdown(t.t(f"how.{screen}"))
        st.markdown(t.t("how.common"))


def _viewer() -> str:
    email = st.user.to_dict().get("email")
    return str(email) if email else ""
