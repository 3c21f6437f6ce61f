"""Where a page stands: Portfolio › Mexico › Programme › Project › Schedule, each step a way back with all filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from metrics.queries import project as projects
from metrics.queries.search import Whereabouts, whereabouts
from ui import clicks, evidence
from ui.context import current
from ui.filters import country_name
from ui.marks import escape
from ui.navigation import available
from ui.store import ask

ABOUT_ONE = ("project", "rag")
"""The screens that may be about one project."""


@dataclass(frozen=True)
class Step:
    """One step: its label as it stands in the data or the texts, and the screen it leads to, if any."""

    label: str
    screen: str | None = None
    params: tuple[tuple[str, str | None], ...] = ()


def show(screen: str) -> None:
    """Draw the way to `screen`."""
    clicks.show(html_of(trail(screen)), screen, key="crumbs")


def trail(screen: str) -> tuple[Step, ...]:
    """The steps to a screen as the address asks for it; the last one is where the viewer is."""
    t = current().t
    shown = next(entry for entry in available() if entry.name == screen)
    about = _about(screen)
    if about:
        return _to_project(about)
    first = next(entry.name for entry in available() if entry.section == shown.section)
    group = Step(t.t(f"nav.section.{shown.section}"), first if first != screen else None)
    return group, Step(t.t(f"nav.{screen}"))


def html_of(steps: tuple[Step, ...]) -> str:
    """The steps as a list of links that ends with the page itself."""
    items = [f"<li>{_link(step)}</li>" for step in steps[:-1]]
    here = f'<li aria-current="page">{escape(steps[-1].label)}</li>'
    label = escape(current().t.t("crumbs.label"))
    return f'<nav class="at-crumbs" aria-label="{label}"><ol>{"".join(items)}{here}</ol></nav>'


def _link(step: Step) -> str:
    params: dict[str, Any] = dict(step.params)
    return clicks.anchor(escape(step.label), step.screen, **params) if step.screen else escape(step.label)


def _about(screen: str) -> tuple[str, Whereabouts] | None:
    """The project that the screen is about, which it names in the address or takes for want of one."""
    if screen not in ABOUT_ONE or (screen == "rag" and not evidence.chosen()):
        return None
    scope = current().scope
    project_id = st.query_params.get(evidence.PROJECT) or ask(projects.worst, scope)
    found = ask(whereabouts, scope, project_id) if project_id else None
    return (project_id, found) if found else None


def _to_project(about: tuple[str, Whereabouts]) -> tuple[Step, ...]:
    t = current().t
    project_id, at = about
    first = available()[0]
    steps = [Step(t.t(f"nav.section.{first.section}"), first.name)]
    country = (("country", at.country),) if at.country else ()
    if at.country:
        steps.append(Step(country_name(at.country, t) or at.country, first.name, country))
    if at.programme_id:
        steps.append(
            Step(at.programme_name or at.programme_id, "rag", (*country, ("programme", at.programme_id)))
        )
    chosen = evidence.chosen()
    if not chosen:
        return *steps, Step(at.name)
    closed = (("project_id", project_id), ("dimension", None), ("rule", None))
    return *steps, Step(at.name, "project", closed), Step(evidence.dimension_name(chosen[1], t))
