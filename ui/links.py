"""Ways onward. The shared filters and dates in the address always travel along."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import streamlit as st

from ui.filters import SHARED
from ui.navigation import screen, url_path


def href(name: str, **params: str | None) -> str:
    """An address for HTML and link columns: "/project?country=Mexico&project_id=P-01".

    Carries the shared filters; `params` are the screen's own (None leaves one out).
    """
    there = set(st.query_params)
    shared = {key: st.query_params.get_all(key) for key in SHARED if key in there}
    return address(url_path(name), shared | own(params))


def address(path: str, params: Mapping[str, list[str]]) -> str:
    """The path of a screen below the site's base path, with its parameters."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    full = "/" + "/".join(part for part in (base, quote(path)) if part)
    return f"{full}?{urlencode(params, doseq=True)}" if params else full


def own(params: Mapping[str, str | None]) -> dict[str, list[str]]:
    """A screen's own parameters; Streamlit adds the bound ones by itself when it switches the page."""
    return {key: [value] for key, value in params.items() if value is not None}


def go(name: str, **params: str | None) -> None:
    """Switch to a screen within the session, as after a click on a row."""
    st.switch_page(screen(name).file, query_params=own(params))


def link(
    name: str, label: str, *, icon: str | None = None, help: str | None = None, **params: str | None
) -> None:
    """A visible link to a screen. `label` is markdown: escape names from data with marks.escape_md."""
    st.page_link(screen(name).file, label=label, icon=icon, help=help, query_params=own(params))


def to_project(project_id: str) -> str:
    """The address of a project's page."""
    return href("project", project_id=project_id)
