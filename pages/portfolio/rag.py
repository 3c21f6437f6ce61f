"""RAG: who reports better than the numbers, and every project by dimension with the evidence behind it."""

import streamlit as st

from metrics.queries import rag
from ui import clicks, evidence, frame, tables
from ui import rag as words
from ui.context import current
from ui.filters import url_choice
from ui.store import ask

page = current()
t, f, scope = page.t, page.f, page.scope
said = ask(rag.headline, scope)

evidence.style()
frame.sentence(words.sentence(said, t, f))
if not said.running:
    frame.empty(t.t("rag.none"), t.t("rag.none.do"))
    frame.end()

chosen = evidence.chosen()
evidence.say_unknown()
with st.container(key="rag_open" if chosen else "rag_whole"):
    left, right = frame.columns(60, 40, gap="medium") if chosen else (st.container(), None)

with left:
    melons = ask(rag.watermelons, scope)
    frame.section(words.band_title(melons, t), t.t("rag.band.note"))
    if melons.empty:
        frame.empty(t.t("rag.band.none"))
    else:
        html = clicks.kept("rag_band", lambda: words.band_html(melons, t, f))
        clicks.show(html, "rag", key="rag_band")

    frame.section(t.t("rag.matrix"), t.t("rag.matrix.note"))
    with st.container(horizontal=True, gap="small", key="rag_choices"):
        show = url_choice("show", t.t("rag.show"), words.shows(t), "all", width=260)
        sort = url_choice("sort", t.t("rag.sort"), words.sorts(t), "worst", width=220)
    drawn = st.container()
    size = ask(rag.size, scope, show)
    number = words.page_number(size)
    found = ask(rag.matrix, scope, show, sort, number)
    with drawn:
        if found.empty:
            frame.empty(t.t("table.empty"), t.t("rag.show.other"))
        else:
            html = clicks.kept(
                "rag_matrix",
                lambda: words.matrix_html(found, sort, chosen, words.asked_doubts(found), t, f),
                *(show, sort, number, chosen),
            )
            clicks.show(html, "rag", key="rag_matrix")
            if pages := words.print_html(len(found), size, number, t, f):
                st.html(pages)
            tables.download(words.plain(found), "rag_matrix", key="rag_matrix_data")

if chosen and right:
    with right:
        evidence.panel(*chosen, screen="rag")
