from __future__ import annotations

from types import SimpleNamespace

import pytest

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
