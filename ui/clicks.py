"""HTML whose links act inside the session: what the browser would load anew, Streamlit runs on.

`anchor` makes a link with a real address, so it can be copied, opened in a new tab, reached by keyboard and
printed. `show` draws HTML with such links; a plain click sets the screen's own parameters in the address, or
switches to the other screen, without losing the session.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

import streamlit as st

from ui import links
from ui.context import current
from ui.filters import MULTIPLE
from ui.marks import escape
from ui.store import remembered_as
from ui.theme import ASSETS

Made = TypeVar("Made")

_JS = """
// One act of the viewer is one entry of the browser's history: Streamlit makes one for each part of an address
// that a run settles (the page, its parameters, the bound filters), and the way back would lead through them.
if (!window.atalayaHistory) {
  window.atalayaHistory = { acted: false }
  for (const act of ["click", "keydown", "change"])
    window.addEventListener(act, () => { window.atalayaHistory.acted = true }, true)
  const push = history.pushState.bind(history)
  history.pushState = (...entry) => {
    if (window.atalayaHistory.acted) push(...entry)
    else history.replaceState(...entry)
    window.atalayaHistory.acted = false
  }
  // Entries made before this came, when a run put right an address from outside: the way back leads past them.
  const ways = window.navigation
  const arrived = ways?.currentEntry
  const early = ways?.entries().filter((entry) => entry.sameDocument && entry.index < arrived.index) ?? []
  if (early.length) {
    const before = ways.entries()[early[0].index - 1] ?? arrived
    window.addEventListener("popstate", () => {
      if (early.some((entry) => entry.key === ways.currentEntry.key)) ways.traverseTo(before.key)
    })
  }
}
// "/" opens the search from anywhere but a field in which it is typed.
if (!window.atalayaKeys) {
  window.atalayaKeys = true
  window.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.target.closest?.("input, textarea, select, [contenteditable], [role=dialog]")) return
    event.preventDefault()
    document.querySelector(".st-key-search_open button")?.click()
  })
}
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".at-clicks")
  document.documentElement.lang = data.lang
  if (!root) return
  if (root.shown !== data.html) {
    root.shown = data.html
    root.innerHTML = data.html
  }
  const arrived = root.querySelector("[data-arrive]")
  if (arrived && root.arrived !== arrived.dataset.arrive) {
    root.arrived = arrived.dataset.arrive
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
    setTimeout(() => arrived.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" }), 50)
  }
  root.onclick = (event) => {
    const link = event.target.closest("a[data-to]")
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    setTriggerValue("chosen", link.dataset.to + " " + Date.now())
  }
}
"""


def anchor(inner: str, screen: str, *, label: str | None = None, css: str = "", **params: str | None) -> str:
    """A link to a screen with its own `params`; one that is None is taken out of the address.

    `inner` is HTML and must be escaped already; `label` is what a screen reader says instead of it. A shared filter
    among `params` (country, programme …) is set to the one id given.
    """
    said = f' aria-label="{escape(label)}" title="{escape(label)}"' if label else ""
    to = f"{screen}?{urlencode({key: value or '' for key, value in params.items()})}"
    name = f' class="{css}"' if css else ""
    return (
        f'<a{name} href="{escape(links.href(screen, **params))}" target="_self" data-to="{escape(to)}"{said}>'
        f"{inner}</a>"
    )


def show(html: str, screen: str, *, key: str, bound: Collection[str] = ()) -> None:
    """Draw `html` on `screen`, its links acting in place. Everything from data in it must be escaped.

    `bound` are the screen's own parameters that a widget of that key holds: they are set through it.
    """
    result = _component()(
        data={"html": html, "lang": current().t.language},
        key=key,
        on_chosen_change=lambda: _adopt(screen, key, bound),
    )
    target, params = _read(getattr(result, "chosen", None))
    if target and target != screen:
        links.go(target, **{name: value for name, value in params.items() if name not in MULTIPLE})


def kept(name: str, make: Callable[[], Made], *args: Hashable) -> Made:
    """What `make()` returns, HTML or a frame, remembered per store version, scope, language, address and `args`.

    It must depend on nothing else. Of the address only the shared filters count: its links carry them. The result
    is a copy: a page may change it.
    """
    page = current()
    address = links.href("rag")
    key = remembered_as(name, page.store.version, page.scope, page.t.language, address, args)
    made: Made = _made(key=key, _make=make)
    return made


@st.cache_data(max_entries=256, show_spinner=False)
def _made(*, key: str, _make: Callable[[], Any]) -> Any:
    return _make()


def _adopt(screen: str, key: str, bound: Collection[str] = ()) -> None:
    """Before the run: set the filters that the clicked link names, and the same screen's own parameters."""
    target, params = _read(st.session_state[key].get("chosen"))
    for name in MULTIPLE:
        if value := params.pop(name, None):
            st.session_state[name] = [value]
    if target == screen:
        for name in bound:
            if name in params:
                st.session_state[name] = params.pop(name) or ""
        # In one step, so that one click is one entry of the browser's history; an empty list takes one out.
        st.query_params.update({name: [] if value is None else value for name, value in params.items()})


def _read(chosen: Any) -> tuple[str, dict[str, str | None]]:
    if not isinstance(chosen, str):
        return "", {}
    screen, _, query = chosen.rsplit(" ", 1)[0].partition("?")
    return screen, {key: v[0] or None for key, v in parse_qs(query, keep_blank_values=True).items()}


@cache
def _component() -> Callable[..., Any]:
    # Every screen draws its breadcrumbs with it: what its figures do outside the page comes along.
    figures = (ASSETS / "figures.js").read_text(encoding="utf-8")
    return st.components.v2.component(
        "atalaya_clicks", html='<div class="at-clicks">\n</div>', js=figures + _JS, isolate_styles=False
    )
