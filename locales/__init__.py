"""Every visible text, by language: gettext catalogues read with Babel at run time, nothing compiled.

A text is asked for by its dotted key, `translator("es").t("overview.title")`. The catalogues of one language
are all files of locales/<language>/LC_MESSAGES; a key lives in exactly one of them:

    msgid "overview.turned_worse"           msgid  "rag.sentence"
    msgid_plural "overview.turned_worse"    msgstr "{project}: {days} days late."
    msgstr[0] "{count} project turned worse."
    msgstr[1] "{count} projects turned worse."

Texts hold named fields for str.format; plural forms follow the catalogue's Plural-Forms header.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

ROOT = Path(__file__).parent
SOURCE_LANGUAGE = "en"
NUMBER_LOCALES = {"en": "en_US", "es": "es_MX", "pt": "pt_BR"}
"""The regional formats of each language; Mexico's decimal point serves Colombia too."""


class MissingTextError(LookupError):
    """A key without a text, or a text whose fields were not all given."""


class CatalogueError(Exception):
    """A catalogue that cannot be used; `str(error)` names the file and the key."""


@dataclass(frozen=True)
class Translator:
    """The texts of one language."""

    language: str
    texts: Mapping[str, str | tuple[str, ...]] = field(repr=False)
    plural_form: Callable[[int], int] = field(repr=False)

    def __contains__(self, key: str) -> bool:
        """Whether the language has a text for `key`."""
        return key in self.texts

    def t(self, key: str, /, **params: object) -> str:
        """The text of `key` with its named fields filled in. Raises MissingTextError."""
        text = self._text(key)
        return self._fill(key, text if isinstance(text, str) else text[0], params)

    def n(self, key: str, count: int, /, **params: object) -> str:
        """The text of `key` in the plural form for `count`, filling `{count}`. Raises MissingTextError."""
        forms = self._text(key)
        text = forms if isinstance(forms, str) else forms[self.plural_form(abs(count))]
        shown = format_decimal(count, locale=NUMBER_LOCALES.get(self.language, self.language))
        return self._fill(key, text, {"count": shown, **params})

    def label(self, kind: str, name: str) -> str:
        """The label of a contract column, table or enum value; the name itself where there is none."""
        text = self.texts.get(f"{kind}.{name}", name)
        return text if isinstance(text, str) else text[0]

    def labels(self, kind: str) -> dict[str, str]:
        """All labels of a kind ("column", "table", "value"), by the name they label."""
        prefix = f"{kind}."
        return {
            key.removeprefix(prefix): text if isinstance(text, str) else text[0]
            for key, text in self.texts.items()
            if key.startswith(prefix)
        }

    def _text(self, key: str) -> str | tuple[str, ...]:
        try:
            return self.texts[key]
        except KeyError:
            raise MissingTextError(f"No text for {key!r} in language {self.language!r}.") from None

    def _fill(self, key: str, text: str, params: Mapping[str, object]) -> str:
        try:
            return text.format(**params)
        except (KeyError, IndexError) as error:
            raise MissingTextError(
                f"The text of {key!r} ({self.language}) needs the field {error}."
            ) from None


@cache
def languages() -> tuple[str, ...]:
    """The languages that have catalogues, the source language first; looked for once."""
    found = {path.parent.name for path in ROOT.glob("*/LC_MESSAGES")}
    return tuple(sorted(found, key=lambda language: (language != SOURCE_LANGUAGE, language)))


def translator(language: str) -> Translator:
    """The texts of `language`, read once and again when a catalogue changes. Raises CatalogueError."""
    files = tuple(sorted((ROOT / language / "LC_MESSAGES").glob("*.po")))
    if not files:
        raise CatalogueError(f"There is no catalogue for the language {language!r}.")
    return _translator(language, files, tuple(path.stat().st_mtime_ns for path in files))


def read_catalogue(path: Path) -> Catalog:
    """One .po file. Raises CatalogueError when it is not well formed."""
    with path.open("rb") as file:
        try:
            return read_po(file, locale=path.parent.parent.name, abort_invalid=True)
        except ValueError as error:
            raise CatalogueError(f"{path.parent.parent.name}/{path.name}: {error}") from error


@lru_cache(maxsize=8)
def _translator(language: str, files: tuple[Path, ...], _modified: tuple[int, ...]) -> Translator:
    texts: dict[str, str | tuple[str, ...]] = {}
    plural_form: Callable[[int], int] | None = None
    for path in files:
        catalogue = read_catalogue(path)
        plural_form = plural_form or gettext.c2py(catalogue.plural_expr)
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[0]
            if not key:
                continue
            if key in texts:
                raise CatalogueError(
                    f"{language}/{path.name}: the key {key!r} is already in another catalogue."
                )
            texts[key] = message.string if isinstance(message.string, str) else tuple(message.string or ())
    assert plural_form is not None
    return Translator(language, texts, plural_form)
