from __future__ import annotations

from pathlib import Path

import pytest

from ui.state import FILE, LONGEST_NAME, StateError, View, forget_view, save_view, views

MARGIN = View("Mexico", "margin", {"country": ["MX", "CO"], "as_of": ["2025-08-31"]})


def test_a_view_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    assert views(tmp_path, "ana") == []
    save_view(tmp_path, "ana", MARGIN)
    assert views(tmp_path, "ana") == [MARGIN]


def test_views_are_the_viewers_own(tmp_path: Path) -> None:
    save_view(tmp_path, "ana", MARGIN)
    assert views(tmp_path, "luis") == []
    forget_view(tmp_path, "luis", "Mexico")
    assert views(tmp_path, "ana") == [MARGIN]


def test_the_same_name_replaces_and_names_sort(tmp_path: Path) -> None:
    for view in (MARGIN, View("alpha", "rag", {}), View("Mexico", "rag", {})):
        save_view(tmp_path, "", view)
    assert [(v.name, v.screen) for v in views(tmp_path, "")] == [("alpha", "rag"), ("Mexico", "rag")]
    forget_view(tmp_path, "", "Mexico")
    assert [v.name for v in views(tmp_path, "")] == ["alpha"]


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    save_view(tmp_path, "", View("x" * 500, "rag", {}))
    assert len(views(tmp_path, "")[0].name) == LONGEST_NAME


def test_a_broken_file_is_said(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(StateError, match=FILE):
        views(tmp_path, "")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be opened"):
        save_view(tmp_path / "nowhere", "", MARGIN)
