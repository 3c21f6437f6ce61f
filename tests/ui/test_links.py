from __future__ import annotations

from ui import links, navigation


def test_address_is_quoted() -> None:
    assert links.address("project", {"country": ["México", "Perú"], "project_id": ["A&B"]}) == (
        "/project?country=M%C3%A9xico&country=Per%C3%BA&project_id=A%26B"
    )
    assert links.address("rag", {}) == "/rag"


def test_the_first_screen_has_the_root_as_its_address(monkeypatch) -> None:
    screens = (navigation.screen("definitions"), navigation.screen("definitions"))
    monkeypatch.setattr("ui.navigation.SCREENS", screens)
    assert navigation.url_path("definitions") == ""
    assert navigation.url_path("margin") == "margin"
    assert links.address("", {"a": ["b"]}) == "/?a=b"


def test_every_screen_is_in_a_subfolder() -> None:
    """A .py directly in pages/ would run without dashboard.py on a cold server."""
    assert all(len(entry.file.split("/")) == 3 for entry in navigation.SCREENS)
    assert not list((navigation.ROOT / "pages").glob("*.py"))
