"""Colours. Ink and greys carry the page, one accent marks links and selection, RAG colours mean RAG alone.

The same values stand in .streamlit/config.toml and ui/assets/atalaya.css; a test keeps the three together.
Red, amber and green differ in lightness as well as hue, and never come without their shape and word.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"
FONT = '"Source Sans", sans-serif'


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    name: str
    paper: str
    panel: str
    ink: str
    ink_soft: str
    line: str
    accent: str
    green: str
    amber: str
    red: str
    unknown: str
    mid: str
    pale: str

    @property
    def greys(self) -> tuple[str, ...]:
        """Greys for series that are not RAG, strongest first."""
        return (self.ink, self.ink_soft, self.mid, self.pale, self.line)

    def rag(self, colour: str | None) -> str:
        """The hex of a RAG colour; unknown for anything else."""
        return {"green": self.green, "amber": self.amber, "red": self.red}.get(colour or "", self.unknown)


LIGHT = Palette(
    name="light",
    paper="#ffffff",
    panel="#f6f6f4",
    ink="#1c2024",
    ink_soft="#5a6169",
    line="#dcdedf",
    accent="#1f5fa8",
    green="#1a7f4b",
    amber="#a85f00",
    red="#b3201f",
    unknown="#6b7178",
    mid="#8a9097",
    pale="#b4b9be",
)
DARK = Palette(
    name="dark",
    paper="#14171a",
    panel="#1d2125",
    ink="#eceeef",
    ink_soft="#a3aab1",
    line="#343a40",
    accent="#7db3ee",
    green="#4cc38a",
    amber="#f0b24a",
    red="#ff7b72",
    unknown="#9aa1a8",
    mid="#8a9097",
    pale="#5f666d",
)


SLOTS = ("ink", "ink_soft", "line", "accent", "green", "amber", "red", "unknown", "mid", "pale")
"""The order of the colours in chartCategoricalColors of .streamlit/config.toml, for both themes."""

CHART = Palette(
    name="chart",
    paper="#000038",
    panel="#000038",
    **{role: f"#{number:06d}" for number, role in enumerate(SLOTS, start=1)},
)
"""Stand-ins for figures: in the browser, Streamlit's plotly theme puts the visible theme's colours in their
place. Use them as they are: they can't be mixed. After a switch of theme, figures follow on the next run."""


def inject() -> None:
    """Put the shared style sheet into the page; once per run, from dashboard.py."""
    st.html(ASSETS / "atalaya.css")
    if st.context.theme.type == "dark":
        st.html(ASSETS / "print_dark.css")
