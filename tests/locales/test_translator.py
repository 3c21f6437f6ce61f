from __future__ import annotations

from pathlib import Path

import pytest

import locales
from locales import CatalogueError, MissingTextError, translator

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 1, "1 day"),
        ("en", 0, "0 days"),
        ("en", 1200, "1,200 days"),
        ("es", 1, "1 día"),
        ("es", 2, "2 días"),
        ("pt", 0, "0 dia"),
        ("pt", 1200, "1.200 dias"),
    ],
)
def test_plural_forms(language: str, count: int, text: str) -> None:
    assert translator(language).n("format.days", count) == text


def test_fields_are_filled() -> None:
    assert translator("es").t("basis.data_to", date="30 sep") == "datos al 30 sep"


@pytest.mark.parametrize(("key", "params"), [("no.such_key", {}), ("basis.data_to", {})])
def test_missing_text_or_field(key: str, params: dict[str, str]) -> None:
    with pytest.raises(MissingTextError, match=key):
        translator("en").t(key, **params)


def test_a_field_from_data_is_not_formatted_again() -> None:
    assert translator("en").t("basis.data_to", date="{x}") == "data to {x}"


def test_labels() -> None:
    assert translator("es").labels("column")["baseline_finish"] == "Fin línea base"
    assert translator("es").label("value", "never heard of") == "never heard of"


def test_unknown_language() -> None:
    with pytest.raises(CatalogueError, match="xx"):
        translator("xx")


def test_a_key_in_two_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for name in ("a.po", "b.po"):
        (folder / name).write_text(HEAD + 'msgid "x.y"\nmsgstr "z"\n', encoding="utf-8")
    monkeypatch.setattr(locales, "ROOT", tmp_path)
    with pytest.raises(CatalogueError, match=r"b\.po: the key 'x\.y'"):
        translator("en")


def test_a_changed_catalogue_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415

    path = tmp_path / "en" / "LC_MESSAGES" / "a.po"
    path.parent.mkdir(parents=True)
    monkeypatch.setattr(locales, "ROOT", tmp_path)
    for stamp, text in ((1, "old"), (2, "new")):
        path.write_text(HEAD + f'msgid "x.y"\nmsgstr "{text}"\n', encoding="utf-8")
        os.utime(path, (stamp, stamp))
        assert translator("en").t("x.y") == text
