"""RAG marks: shape, word and colour together. Computed is filled, reported is outlined.

The shapes differ (disc, triangle, diamond, ring), so no mark depends on seeing colour.
HTML snippets are safe to pass to st.html: everything from data in them is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from urllib.parse import quote

from locales import Translator
from ui.formats import is_missing

Kind = Literal["computed", "reported"]

COLOURS = ("red", "amber", "green", "unknown")
"""Worst first; anything that is not red, amber or green is unknown."""

REPORTS = 12
"""As many reports as a history shows."""
LONG = 18
"""Letters; longer than this is a number or a name without spaces, not a word of a language."""
_NO_SHAPE = '<span class="at-shape" aria-hidden="true"></span>'

FILLED = {"green": "●", "amber": "▲", "red": "◆", "unknown": "○"}
OUTLINED = {"green": "○", "amber": "△", "red": "◇", "unknown": "◌"}

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=])")


def colour_name(colour: Any) -> str:
    """One of COLOURS; None, "grey" and anything else are "unknown"."""
    return colour if colour in FILLED and colour != "unknown" else "unknown"


def escape(text: Any) -> str:
    """Text from data, safe inside HTML."""
    return html.escape(str(text), quote=True)


def breaking(text: Any) -> str:
    """Text from data, safe inside HTML, whose words longer than any of a language may break anywhere."""
    return " ".join(
        f'<span class="at-long">{escape(word)}</span>' if len(word) > LONG else escape(word)
        for word in str(text).split(" ")
    )


def escape_md(text: Any) -> str:
    """Text from data, literal inside Streamlit markdown: no links, colours, emoji codes, LaTeX or HTML."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")


def icon(colour: Any, kind: Kind = "computed") -> str:
    """The bare shape as a character."""
    return (FILLED if kind == "computed" else OUTLINED)[colour_name(colour)]


def word(t: Translator, colour: Any) -> str:
    """The colour's name: "red", "unknown"."""
    return t.t(f"rag.{colour_name(colour)}")


def mark_text(t: Translator, colour: Any, kind: Kind = "computed") -> str:
    """Shape and word as plain text, for tables, options and downloads: "◆ red"."""
    return f"{icon(colour, kind)} {word(t, colour)}"


def mark_html(t: Translator, colour: Any, kind: Kind = "computed", *, label: str | None = None) -> str:
    """Shape, word and colour as an HTML snippet; `label` replaces the word (say a dimension's name)."""
    name = colour_name(colour)
    title = t.t(f"rag.{kind}_is", colour=word(t, colour))
    return (
        f'<span class="at-mark at-{name} at-{kind}" title="{escape(title)}">{_shape(name, kind)}'
        f'<span class="at-word">{escape(label if label is not None else word(t, colour))}</span></span>'
    )


def mark_pair_html(t: Translator, computed: Any, reported: Any) -> str:
    """The computed mark, and the reported one beside it where they differ."""
    first = mark_html(t, computed)
    if colour_name(computed) == colour_name(reported):
        return first
    return f'{first} <span class="at-soft">{mark_html(t, reported, "reported")}</span>'


def history_strip(t: Translator, colours: Sequence[Any], *, kind: Kind = "computed") -> str:
    """The last REPORTS as a row of small shapes, oldest left; read aloud as a list of words.

    Of fewer reports the row is as wide, empty at its left, so that the newest of all projects stand below each other.
    """
    shown = [colour_name(c) for c in list(colours)[-REPORTS:]]
    title = escape(t.t("rag.history", colours=", ".join(word(t, c) for c in shown) or t.t("rag.unknown")))
    shapes = _NO_SHAPE * (REPORTS - len(shown)) + "".join(_shape(name, kind) for name in shown)
    return f'<span class="at-strip" role="img" aria-label="{title}" title="{title}">{shapes}</span>'


def sparkline(values: Sequence[Any], *, title: str, width: int = 120, height: int = 28) -> str:
    """A line of up to a few dozen values, oldest left, gaps where a value is missing. Carries no scale."""
    known = [float(v) for v in values if not is_missing(v)]
    if len(known) < 2:
        return ""
    low, span = min(known), (max(known) - min(known)) or 1.0
    step = (width - 4) / max(len(values) - 1, 1)
    path, pen_down = [], False
    for i, value in enumerate(values):
        if is_missing(value):
            pen_down = False
            continue
        y = 2 + (height - 4) * (1 - (float(value) - low) / span)
        path.append(f"{'L' if pen_down else 'M'}{2 + i * step:.1f} {y:.1f}")
        pen_down = True
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<path d="{"".join(path)}" fill="none" stroke="black" stroke-width="1.6" stroke-linejoin="round"/>'
        "</svg>"
    )
    mask = f"url(data:image/svg+xml,{quote(svg, safe='')})"
    return (
        f'<span class="at-spark" role="img" aria-label="{escape(title)}" title="{escape(title)}" '
        f'style="width:{width}px;height:{height}px;-webkit-mask-image:{mask};mask-image:{mask}"></span>'
    )


def counts_bar(t: Translator, counts: dict[str, int]) -> str:
    """Projects by colour as one stacked bar with its counts written below, worst first."""
    total = sum(counts.get(c, 0) for c in COLOURS)
    parts, words = [], []
    for colour in COLOURS:
        count = counts.get(colour, 0)
        if not count:
            continue
        parts.append(f'<span class="at-seg at-bg-{colour}" style="flex:{count}"></span>')
        words.append(mark_html(t, colour, label=f"{count} {word(t, colour)}"))
    if not total:
        return f'<span class="at-soft">{escape(t.t("format.missing"))}</span>'
    bar = f'<div class="at-bar" aria-hidden="true">{"".join(parts)}</div>'
    return f'{bar}<div class="at-legend">{" ".join(words)}</div>'


def worst(colours: Iterable[Any]) -> str:
    """The worst of the known colours, unknown when none is known. For sorting and display only."""
    names = {colour_name(c) for c in colours}
    return next((c for c in COLOURS if c in names), "unknown")


def severity(colour: Any) -> int:
    """Sort key, worst first: red 0, amber 1, green 2, unknown 3."""
    return COLOURS.index(colour_name(colour))


def _shape(name: str, kind: Kind) -> str:
    return f'<span class="at-shape at-{name} at-{kind}" aria-hidden="true"></span>'
