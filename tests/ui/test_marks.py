from __future__ import annotations

import itertools
import math
import tomllib

import pytest

from locales import translator
from ui import marks
from ui.theme import ASSETS, CHART, DARK, LIGHT, SLOTS, Palette

T = translator("en")


@pytest.mark.parametrize(
    ("colour", "computed", "reported"),
    [
        ("green", "● green", "○ green"),
        ("amber", "▲ amber", "△ amber"),
        ("red", "◆ red", "◇ red"),
        (None, "○ unknown", "◌ unknown"),
        ("grey", "○ unknown", "◌ unknown"),
    ],
)
def test_text_has_shape_and_word(colour: str | None, computed: str, reported: str) -> None:
    assert marks.mark_text(T, colour) == computed
    assert marks.mark_text(T, colour, "reported") == reported


def test_html_has_shape_word_and_colour() -> None:
    assert '"at-shape at-red at-computed"' in marks.mark_html(T, "red")
    assert ">red<" in marks.mark_html(T, "red")
    assert '"at-shape at-red at-reported"' in marks.mark_html(T, "red", "reported")


def test_names_from_data_are_escaped() -> None:
    assert "<script>" not in marks.mark_html(T, "red", label="<script>alert(1)</script>")
    assert marks.escape_md("[a](http://x) :red[b] $c$ *d*") == (r"\[a\]\(http\://x\) \:red\[b\] \$c\$ \*d\*")


def test_pair_shows_the_reported_only_where_it_differs() -> None:
    assert "at-reported" not in marks.mark_pair_html(T, "red", "red")
    assert "at-reported" in marks.mark_pair_html(T, "red", "green")


def test_history_is_the_last_twelve_in_words() -> None:
    strip = marks.history_strip(T, ["red"] * 5 + ["green"] * 11 + [None])
    assert strip.count("at-shape") == 12
    assert "red" not in strip
    assert "green, unknown" in strip


def test_a_short_history_is_as_wide_with_its_newest_at_the_right() -> None:
    strip = marks.history_strip(T, ["red", "green"])
    assert strip.count("at-shape") == 12
    assert strip.index('class="at-shape"') < strip.index("at-red") < strip.index("at-green")
    assert 'aria-label="' in strip
    assert "unknown" not in strip


def test_counts() -> None:
    bar = marks.counts_bar(T, {"red": 1, "green": 3})
    assert "1 red" in bar
    assert "amber" not in bar
    assert "n/a" in marks.counts_bar(T, {})


def test_sparkline_breaks_at_gaps() -> None:
    assert marks.sparkline([1, None, None], title="x") == ""
    assert marks.sparkline([1, 2, None, 3, 4], title="x").count("M2") >= 1


def test_worst_first() -> None:
    assert marks.worst([None, "green", "amber"]) == "amber"
    assert marks.worst([None]) == "unknown"
    assert sorted(["green", None, "red"], key=marks.severity) == ["red", "green", None]


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("role", ["ink", "ink_soft", "accent", "green", "amber", "red", "unknown"])
def test_text_contrast_is_aa(palette: Palette, role: str) -> None:
    for ground in (palette.paper, palette.panel):
        assert contrast(getattr(palette, role), ground) >= 4.5


def test_style_sheet_and_config_have_the_palettes_colours() -> None:
    css = (ASSETS / "atalaya.css").read_text(encoding="utf-8")
    for role in ("ink", "ink-soft", "line", "panel", "accent", "green", "amber", "red", "unknown"):
        field = role.replace("-", "_")
        expected = f"--at-{role}: light-dark({getattr(LIGHT, field)}, {getattr(DARK, field)})"
        assert expected in css


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
def test_config_has_the_palettes_colours(palette: Palette) -> None:
    config = tomllib.loads((ASSETS.parents[1] / ".streamlit/config.toml").read_text(encoding="utf-8"))
    theme = config["theme"][palette.name]
    assert theme["chartCategoricalColors"] == [getattr(palette, role) for role in SLOTS]
    assert theme["backgroundColor"] == palette.paper
    assert theme["secondaryBackgroundColor"] == palette.panel
    assert theme["textColor"] == palette.ink
    assert (theme["redColor"], theme["greenColor"]) == (palette.red, palette.green)


def test_stand_ins_are_in_the_order_of_the_config() -> None:
    assert [getattr(CHART, role) for role in SLOTS] == [f"#{n:06d}" for n in range(1, 11)]


CVD = {
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""How severe colour blindness maps linear RGB (Machado, Oliveira and Fernandes, 2009)."""


def lab(colour: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    """CIELAB of a colour as seen through `matrix`, by the sRGB and D65 definitions."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    red, green, blue = (
        max(0.0, min(1.0, sum(m * c for m, c in zip(row, linear, strict=True)))) for row in matrix
    )
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=lambda p: p.name)
@pytest.mark.parametrize("kind", CVD)
def test_rag_differs_for_colour_blind_people(palette: Palette, kind: str) -> None:
    seen = {role: lab(getattr(palette, role), CVD[kind]) for role in ("green", "amber", "red")}
    for one, other in itertools.combinations(seen, 2):
        assert math.dist(seen[one], seen[other]) >= 12, (one, other)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Capacitación adicional", "Capacitación adicional"),
        ("a <b> c", "a &lt;b&gt; c"),
        ("x" * 40 + " y", f'<span class="at-long">{"x" * 40}</span> y'),
        ("<" * 19, f'<span class="at-long">{"&lt;" * 19}</span>'),
        (7, "7"),
    ],
)
def test_only_what_is_no_word_breaks_anywhere(text: object, html: str) -> None:
    assert marks.breaking(text) == html
