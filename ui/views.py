"""Saved views and links to send: a screen with all its filters, and its dates pinned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from ui import filters, links, marks
from ui.context import current
from ui.navigation import SCREENS, available, url_path
from ui.state import LONGEST_NAME, StateError, View, forget_view, save_view, views
from ui.store import store_dir

_SAID = "_view_said"


def pinned(address: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The address with everything the viewer sees written out: defaults are not in it, and they move."""
    scope = current().scope
    against = scope.compared_with.isoformat() if scope.compared_with else filters.NOTHING
    return {
        **address,
        filters.AS_OF: [scope.as_of.isoformat()],
        filters.COMPARED_WITH: [against],
        filters.CURRENCY: [scope.currency],
        filters.BASIS: [scope.basis],
    }


def menu(screen: str) -> None:
    """The popover: the link to send, the viewer's saved views, and the field to save this one."""
    page = current()
    t = page.t
    popover = st.popover(
        t.t("views.open"), icon=":material/bookmark:", type="tertiary", key="views_menu", on_change="rerun"
    )
    if not popover.open:
        return
    address = {key: st.query_params.get_all(key) for key in st.query_params}
    with popover:
        st.caption(t.t("views.link"))
        st.code(_absolute(screen, pinned(address)), language=None, wrap_lines=True)
        try:
            kept = views(store_dir(), page.scope.viewer)
        except StateError as error:
            st.warning(t.t("views.unavailable", reason=marks.escape_md(error)))
            return
        st.caption(t.n("views.saved", len(kept)))
        for view in kept:
            _offer(view)
        with st.form("view_save", border=False, clear_on_submit=True):
            name = st.text_input(t.t("views.name"), max_chars=LONGEST_NAME, key="view_name")
            if st.form_submit_button(t.t("views.save")) and name.strip():
                _keep(View(name.strip(), screen, pinned(address)))
        said = st.session_state.pop(_SAID, None)
        if said:
            st.error(said)


def _offer(view: View) -> None:
    t = current().t
    shown = next((s for s in available() if s.name == view.screen), None)
    if shown is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(
            shown.file,
            label=marks.escape_md(view.name),
            icon=shown.icon,
            query_params={key: list(values) for key, values in view.params.items()},
        )
        st.button(
            t.t("views.forget"),
            key=f"forget_{view.name}",
            type="tertiary",
            on_click=partial(_try, forget_view, view.name),
        )


def _keep(view: View) -> None:
    _try(save_view, view)
    st.rerun()


def _try(change: Any, what: View | str) -> None:
    page = current()
    try:
        change(store_dir(), page.scope.viewer, what)
    except StateError as error:
        st.session_state[_SAID] = page.t.t("views.unavailable", reason=marks.escape_md(error))


def _absolute(screen: str, params: Mapping[str, list[str]]) -> str:
    here = urlsplit(st.context.url or "")
    site = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    known = {entry.name for entry in SCREENS}
    return site + links.address(url_path(screen) if screen in known else "", params)
