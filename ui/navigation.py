"""The screens: which file, under which title, at which address."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

from locales import Translator

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Screen:
    """One page of the dashboard; its title is the text `nav.<name>`."""

    name: str
    file: str
    icon: str
    section: str


SCREENS: tuple[Screen, ...] = (
    Screen("overview", "pages/portfolio/overview.py", ":material/monitoring:", "portfolio"),
    Screen("rag", "pages/portfolio/rag.py", ":material/grid_view:", "portfolio"),
    Screen("schedule", "pages/portfolio/schedule.py", ":material/event_upcoming:", "portfolio"),
    Screen("margin", "pages/portfolio/margin.py", ":material/waterfall_chart:", "portfolio"),
    Screen("risks", "pages/portfolio/risks.py", ":material/warning:", "portfolio"),
    Screen("cash", "pages/portfolio/cash.py", ":material/payments:", "portfolio"),
    Screen("sites", "pages/portfolio/sites.py", ":material/cell_tower:", "portfolio"),
    Screen("project", "pages/project/one_project.py", ":material/assignment:", "project"),
    Screen("compare", "pages/project/compare.py", ":material/compare_arrows:", "project"),
    Screen("freshness", "pages/sources/freshness.py", ":material/inbox:", "sources"),
    Screen("definitions", "pages/sources/definitions.py", ":material/menu_book:", "sources"),
)


def screen(name: str) -> Screen:
    """The screen of that name. Raises KeyError."""
    return {s.name: s for s in SCREENS}[name]


def available() -> tuple[Screen, ...]:
    """The screens whose file exists; the first is the one that opens by itself."""
    return _existing(SCREENS)


@cache
def _existing(screens: tuple[Screen, ...]) -> tuple[Screen, ...]:
    """Looked for once: every link asks."""
    return tuple(entry for entry in screens if (ROOT / entry.file).is_file())


def url_path(name: str) -> str:
    """A screen's address below the site's root: its name, but nothing for the one that opens by itself."""
    return "" if available()[0].name == name else name


def name_of(path: str) -> str:
    """The screen at an address: the inverse of `url_path`; the one that opens by itself for anything else."""
    names = {url_path(entry.name): entry.name for entry in available()}
    return names.get(path, available()[0].name)


def pages(t: Translator) -> dict[str, list[st.Page]]:
    """The available screens by translated section, for st.navigation."""
    found: dict[str, list[st.Page]] = {}
    for entry in available():
        page = st.Page(
            ROOT / entry.file,
            title=t.t(f"nav.{entry.name}"),
            help=t.t(f"nav.{entry.name}.help"),
            icon=entry.icon,
            url_path=entry.name,
            default=not found,
        )
        found.setdefault(t.t(f"nav.section.{entry.section}"), []).append(page)
    return found
