"""Search from anywhere: the button, or Ctrl+K."""

from __future__ import annotations

import streamlit as st

from metrics.queries.search import MOST, Hit, find
from ui import links, marks
from ui.context import current
from ui.filters import country_name
from ui.store import ask

SHORTCUT = "ctrl+k"


def button() -> None:
    """The button that opens the search."""
    t = current().t
    if st.button(
        t.t("search.open"), icon=":material/search:", shortcut=SHORTCUT, key="search_open", type="tertiary"
    ):
        st.dialog(t.t("search.title"), width="medium")(_search)()


def _search() -> None:
    page = current()
    t = page.t
    words = st.text_input(
        t.t("search.title"),
        key="search_words",
        placeholder=t.t("search.hint"),
        label_visibility="collapsed",
        type="search",
        live=True,
        max_chars=80,
    )
    found: tuple[Hit, ...] = ask(find, page.scope, words or "")
    if words and not found:
        st.write(t.t("search.nothing", words=marks.escape_md(words)))
    for hit in found:
        about = " · ".join(
            part for part in (hit.customer, country_name(hit.country, t), hit.project_manager) if part
        )
        label = f"{marks.icon(hit.rag_overall)} **{marks.escape_md(hit.name)}** {marks.escape_md(about)}"
        links.link("project", label, project_id=hit.project_id)
    if len(found) == MOST:
        st.caption(t.t("search.more", most=MOST))
