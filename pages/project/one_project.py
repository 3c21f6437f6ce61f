"""One project: the one-page truth, from the sentence down to the rows that it rests on."""

from ui import evidence, frame
from ui import project_parts as parts
from ui.context import current

page = current()
t = page.t
evidence.style()

of = parts.subject(page)
if of is None:
    frame.sentence(parts.nobody(page))
    frame.empty(t.t("project.none.do"))
    frame.end()

parts.heading(of)
parts.colours(of)

left, right = frame.columns(42, 58)
with left:
    parts.changed(of)
with right:
    parts.curve(of)

parts.milestones(of)
parts.gantt(of)
parts.sites(of)
parts.margin(of)
parts.registers(of)
parts.sources(of)
parts.missing(of)
