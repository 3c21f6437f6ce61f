"""What can go wrong on the way in. Every message is one sentence a PMO analyst can act on.

LoadError
├── UnreadableFile    a file that cannot be opened or understood at all
├── MappingError      a mapping file that contradicts itself, the contract or the source
├── RulesError        a rules file with a hole, an overlap or an unknown metric
├── NothingKeptError  no row of the sources could be kept (loaders/pipeline.py)
├── NotMarkedError    a workbook that its refusals cannot be marked in (loaders/marked.py)
└── StoreError        the store folder cannot be read, locked or published
    └── StoreBusyError  another load is writing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from locales import SOURCE_LANGUAGE, Translator, translator


class LoadError(Exception):
    """Base of everything a load can say no to; `str(error)` is the sentence to show, in English.

    One made by `of` can say it in every language.
    """

    key: str | None = None
    params: Mapping[str, str | int] = {}

    @classmethod
    def of(cls, key: str, **params: str | int) -> Self:
        """The error that the text `key` of the catalogue says. Raises locales.MissingTextError."""
        error = cls(translator(SOURCE_LANGUAGE).t(key, **params))
        error.key, error.params = key, params
        return error

    def sentence(self, t: Translator) -> str:
        """The sentence in a language, in English where there is no other."""
        return t.t(self.key, **self.params) if self.key else str(self)


class UnreadableFile(LoadError):  # noqa: N818 - it names what is wrong
    """A source file that cannot be opened, or is not what its name says."""


class MappingError(LoadError):
    """A mapping file that cannot be used."""


class RulesError(LoadError):
    """A rules file that cannot be used."""


class NotMarkedError(LoadError):
    """A workbook that its refusals cannot be marked in."""


class StoreError(LoadError):
    """The store cannot be opened, locked or published."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""
