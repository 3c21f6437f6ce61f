"""Atalaya, the dashboard: settings → store → navigation → shared filters → page.

Run with `streamlit run dashboard.py`. The store folder comes from ATALAYA_STORE (default data/published);
when it holds nothing yet, the demonstration portfolio is built into it first.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from locales import Translator, translator
from ui import filters, first_start, frame, navigation, theme


def main() -> None:
    """One run. Whatever goes wrong unforeseen is logged, and said in a sentence with a way on."""
    t = translator(filters.language())
    try:
        show(t)
    except Exception:
        logging.getLogger("atalaya").exception("A page failed at %s", st.context.url)
        frame.failed(t)


def show(t: Translator) -> None:
    """The store, the frame, then the page."""
    st.set_page_config(page_title=t.t("app.name"), page_icon=str(theme.ASSETS / "atalaya.svg"), layout="wide")
    st.logo(theme.ASSETS / "atalaya.svg", size="large")
    page = st.navigation(navigation.pages(t), position="top")
    store = first_start.ready_store(t, filters.known_on())
    name = navigation.name_of(page.url_path)
    frame.open_page(store, name)
    with frame.filling(name):
        page.run()


@asynccontextmanager
async def serving(_app: st.App) -> AsyncIterator[None]:
    """Before the first visitor: pages/ holds none of Streamlit's old kind of pages.

    Left to find out by itself, a server answers its first deep link with "page not found".
    """
    PagesManager.uses_pages_directory = False
    yield


# What `streamlit run` serves; the script itself runs for each session.
app = st.App(__file__, lifespan=serving)

if get_script_run_ctx(suppress_warning=True) is not None:
    main()
