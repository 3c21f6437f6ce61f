"""Freshness & rejects: what arrived, what was refused and where to repair it, and who owes a report."""

import streamlit as st

from metrics.queries import freshness
from ui import clicks, frame, quality, tables, uploads
from ui import freshness as words
from ui.charts import base
from ui.charts import freshness as charts
from ui.charts.kept import kept
from ui.context import current
from ui.store import ask, ask_all

page = current()
t, f, scope = page.t, page.f, page.scope
said, owing = ask(freshness.headline, scope), ask(freshness.owing, scope)
found, findings = ask(freshness.sources, scope), ask(freshness.findings, scope)
words.style()


frame.sentence(words.sentence(said, owing, t, f))
with frame.tiles(4):
    words.tiles(said, found, findings, page)

frame.section(t.t("freshness.owing"), words.owing_title(said, owing, t, f))
if not owing.empty:
    tables.table(
        *quality.beside(words.owing_listed(owing, t), words.owing_columns(t), "freshness"), key="owing", file_name="owing",
        alt=t.t("freshness.owing"), height=words.height(owing),
    )  # fmt: skip
    frame.caption(words.shown_of(owing, t, f))

frame.section(t.t("freshness.sources"), t.t("freshness.sources.note"))
arrivals = ask(freshness.arrivals, scope)
if found.empty:
    frame.empty(t.t("freshness.sources.none"), t.t("freshness.sources.none.do"))
else:
    title = clicks.kept("freshness_arrivals", lambda: words.arrivals_title(found, t, f))
    if not arrivals.empty:
        base.show(
            kept("freshness_arrivals", lambda: charts.arrivals(
                arrivals, words.arrivals_notes(arrivals, found, t, f), page.palette, t, f
            )), title, title, arrivals, key="arrivals", columns=lambda: words.arrivals_columns(t),
            definition="projects_reported",
        )  # fmt: skip
    tables.table(
        clicks.kept("freshness_sources", lambda: words.sources_listed(found, t)),
        words.sources_columns(t, said.within_days), key="sources", file_name="sources", alt=title,
        height=words.height(found),
    )  # fmt: skip
    frame.caption(words.shown_of(found, t, f))

refused = ask_all(freshness.refused, page.store)
frame.section(t.t("freshness.refused"), words.refused_note(said, t, f))
if not refused.empty:
    st.html(clicks.kept("freshness_refused", lambda: words.refused_html(refused, t, f)))
    with st.container(horizontal=True, gap="small"):
        for suffix in ("xlsx", "csv"):
            st.download_button(
                t.t("freshness.refused.download", kind=suffix.upper()), words.refused_file(page, suffix),
                file_name=t.t("freshness.refused.file", suffix=suffix), mime=tables.FILES[suffix][0],
                key=f"refused_{suffix}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
    st.caption(t.t("freshness.mark.how"))

frame.section(t.t("freshness.findings"), words.findings_title(findings, t))
if not findings.empty:
    tables.table(
        clicks.kept("freshness_findings", lambda: words.findings_listed(findings, t, f)),
        words.findings_columns(t), key="findings", file_name="data_quality", alt=t.t("freshness.findings"),
    )  # fmt: skip
    frame.caption(words.shown_of(findings, t, f))

for key, title, note, query, listed, columns in words.gaps():
    gaps = ask(query, scope)
    if not gaps.empty:
        frame.section(t.t(title), t.t(note))
        tables.table(
            listed(gaps, t), columns(t), key=key, file_name=key, alt=t.t(title), height=words.height(gaps)
        )
        frame.caption(words.shown_of(gaps, t, f))

frame.section(t.t("freshness.files"), t.t("freshness.files.note"))
files = ask_all(freshness.files, page.store)
tables.table(files, words.files_columns(t), key="files", file_name="files", alt=t.t("freshness.files"))
frame.caption(words.shown_of(files, t, f))

frame.section(t.t("freshness.deliver"), t.t("freshness.deliver.note"))
with st.container(horizontal=True, gap="small"):
    for language, label in words.template_labels(t):
        st.download_button(
            label, words.template_file(language), file_name=t.t("freshness.template.file", language=language),
            mime=tables.FILES["xlsx"][0], key=f"template_{language}", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip
uploads.panel()
