"""Search from anywhere: the button, Ctrl+K or / (ui.clicks hears it); Enter opens the first hit, arrows choose."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from metrics.queries.search import MOST, Hit, find
from ui import links, marks
from ui.context import current
from ui.filters import country_name
from ui.store import ask

SHORTCUT = "ctrl+k"

_JS = """
// Hits come a moment after the letters: whoever presses Enter before gets the first hit of what stands there then.
export default function (component) {
  const { data, parentElement } = component
  const dialog = parentElement.closest("[role=dialog]")
  if (!dialog) return
  const found = "[data-testid=stPageLink] a, [data-testid=stButton] button"
  const hits = () => [...dialog.querySelectorAll(found)].filter((hit) => hit.offsetParent)
  dialog.found = data
  dialog.openWanted = (tries = 40) => {
    if (dialog.wanted === undefined || dialog.wanted !== dialog.found.words) return
    if (hits().length !== dialog.found.hits) return tries && setTimeout(() => dialog.openWanted(tries - 1), 50)
    dialog.wanted = undefined
    hits()[0]?.click()
  }
  dialog.openWanted()
  if (dialog.listens) return
  dialog.listens = true
  const focus = (tries = 20) => {
    if (dialog.contains(document.activeElement?.closest(`input, ${found}`))) return
    dialog.querySelector("input")?.focus()
    if (tries) setTimeout(() => focus(tries - 1), 100)
  }
  focus()
  dialog.addEventListener("keydown", (event) => {
    const field = event.target.closest("input")
    if (event.key === "Enter" && field) {
      dialog.wanted = field.value.trim()
      dialog.openWanted()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const all = hits()
    const at = all.indexOf(document.activeElement)
    if (at + step < 0) dialog.querySelector("input")?.focus()
    else all[Math.min(at + step, all.length - 1)]?.focus()
  })
}
"""


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
        _hit(hit.project_id, label)
    if len(found) == MOST:
        st.caption(t.t("search.more", most=MOST))
    _keys()(data={"words": (words or "").strip(), "hits": len(found)}, key="search_keys")
    st.caption(t.t("search.keys"))


def _hit(project_id: str, label: str) -> None:
    """A way to a project. From one to another the screen stays, and a link would leave the first one's address."""
    if "project_id" not in st.query_params:
        links.link("project", label, project_id=project_id)
    elif st.button(label, key=f"search_hit_{project_id}", type="tertiary"):
        st.query_params["project_id"] = project_id
        st.rerun()


@cache
def _keys() -> Callable[..., Any]:
    return st.components.v2.component(
        "atalaya_search", html='<div class="at-clicks">\n</div>', js=_JS, isolate_styles=False
    )
