"""Atalaya, the dashboard: settings → store → navigation → shared filters → page.

Run with `streamlit run dashboard.py`. The store folder comes from ATALAYA_STORE (default data/published);
when it holds nothing yet, the demonstration portfolio is built into it first.
"""

from __future__ import annotations

import streamlit as st

from locales import translator
from ui import filters, first_start, frame, navigation, theme


def main() -> None:
    """One run: the store, the frame, then the page."""
    t = translator(filters.language())
    st.set_page_config(page_title=t.t("app.name"), page_icon=str(theme.ASSETS / "atalaya.svg"), layout="wide")
    st.logo(theme.ASSETS / "atalaya.svg", size="large")
    page = st.navigation(navigation.pages(t), position="top")
    store = first_start.ready_store(t)
    frame.open_page(store, page.url_path)
    page.run()


main()
