from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui import clicks


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What `href` builds, without a running page."""
    seen: dict[str, str] = {}

    def href(screen: str, **params: str | None) -> str:
        seen.update({key: value for key, value in params.items() if value is not None})
        return f"/{screen}"

    monkeypatch.setattr("ui.clicks.links.href", href)
    return seen


def test_a_link_has_an_address_of_its_own_and_what_a_click_sets(address: dict[str, str]) -> None:
    html = clicks.anchor("<b>x</b>", "rag", label='"A" & <b>', css="c", project_id="P&1", rule=None)
    assert html == (
        '<a class="c" href="/rag" target="_self" data-to="rag?project_id=P%261&amp;rule="'
        ' aria-label="&quot;A&quot; &amp; &lt;b&gt;" title="&quot;A&quot; &amp; &lt;b&gt;"><b>x</b></a>'
    )
    assert address == {"project_id": "P&1"}


@pytest.mark.parametrize(
    ("chosen", "read"),
    [
        ("rag?project_id=P%261&rule= 1700", ("rag", {"project_id": "P&1", "rule": None})),
        ("project? 1700", ("project", {})),
        (None, ("", {})),
        (7, ("", {})),
    ],
)
def test_what_was_clicked(chosen: object, read: tuple[str, dict[str, str | None]]) -> None:
    assert clicks._read(chosen) == read


def test_a_click_on_the_same_screen_is_one_step_of_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[dict[str, object]] = []
    fake = SimpleNamespace(
        session_state={"key": {"chosen": "rag?project_id=P1&dimension=cost&rule= 1"}},
        query_params=SimpleNamespace(update=steps.append),
    )
    monkeypatch.setattr("ui.clicks.st", fake)
    clicks._adopt("rag", "key")
    clicks._adopt("project", "key")
    assert steps == [{"project_id": "P1", "dimension": "cost", "rule": []}]


def test_a_parameter_that_a_widget_holds_is_set_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit refuses to change it in the address."""
    steps: list[dict[str, object]] = []
    fake = SimpleNamespace(
        session_state={"key": {"chosen": "definitions?q=cpi&area= 1"}, "q": ""},
        query_params=SimpleNamespace(update=steps.append),
    )
    monkeypatch.setattr("ui.clicks.st", fake)
    clicks._adopt("definitions", "key", ["q"])
    assert fake.session_state["q"] == "cpi"
    assert steps == [{"area": []}]


def page() -> None:
    """Draws one part twice, in English and in Spanish, and counts how often it was drawn."""
    from dataclasses import dataclass  # noqa: PLC0415
    from datetime import date  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415
    from metrics.scope import Scope  # noqa: PLC0415
    from ui import clicks, context  # noqa: PLC0415
    from ui.formats import Formats  # noqa: PLC0415
    from ui.theme import CHART  # noqa: PLC0415

    @dataclass
    class Store:
        version: str = "memo 1"

    drawn = []
    for language in ("en", "es", "en"):
        t = translator(language)
        context.provide(context.Context(Scope("", date(2025, 8, 31)), t, Formats(t), CHART, Store()))
        st.write(clicks.kept("part", lambda t=t: drawn.append(1) or t.t("nav.margin"), "arg"))
    st.write(f"{len(drawn)}")


def test_a_part_is_drawn_once_per_language() -> None:
    at = AppTest.from_function(page).run()
    assert not at.exception
    assert [m.value for m in at.markdown] == ["Margin", "Margen", "Margin", "2"]
