from __future__ import annotations

import pytest

from metrics.queries.search import Whereabouts
from ui import crumbs
from ui.crumbs import Step

MEXICO = (("country", "MX"),)


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts and addresses of a running page."""
    from types import SimpleNamespace  # noqa: PLC0415

    from locales import translator  # noqa: PLC0415

    page = SimpleNamespace(t=translator("en"))
    monkeypatch.setattr("ui.crumbs.current", lambda: page)
    monkeypatch.setattr("ui.clicks.links.href", lambda screen, **_params: f"/{screen}")
    monkeypatch.setattr("ui.crumbs.evidence.chosen", lambda: None)


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("at", "above"),
    [
        (
            Whereabouts("Core", "P1", "RAN", "MX"),
            ("Portfolio", ("Mexico", MEXICO), ("RAN", (*MEXICO, ("programme", "P1")))),
        ),
        (Whereabouts("Core", None, None, "MX"), ("Portfolio", ("Mexico", MEXICO))),
        (Whereabouts("Core", None, None, None), ("Portfolio",)),
        (Whereabouts("Core", "P1", None, None), ("Portfolio", ("P1", (("programme", "P1"),)))),
    ],
)
def test_the_way_to_a_project(at: Whereabouts, above: tuple[object, ...]) -> None:
    steps = crumbs._to_project(("A", at))
    expected = [(s, ()) if isinstance(s, str) else s for s in above]
    assert [(step.label, step.params) for step in steps[:-1]] == expected
    assert steps[-1] == Step("Core")


@pytest.mark.usefixtures("english")
def test_names_are_escaped_and_the_last_step_is_the_page() -> None:
    html = crumbs.html_of((Step("A <b>", "rag"), Step("C & D")))
    assert 'aria-label="Breadcrumbs"' in html
    assert '<li><a href="/rag"' in html
    assert ">A &lt;b&gt;</a></li>" in html
    assert '<li aria-current="page">C &amp; D</li></ol></nav>' in html
