"""What can go wrong on the way in. Every message is one sentence a PMO analyst can act on.

LoadError
├── UnreadableFile    a file that cannot be opened or understood at all
├── MappingError      a mapping file that contradicts itself, the contract or the source
├── RulesError        a rules file with a hole, an overlap or an unknown metric
├── NothingKeptError  no row of the sources could be kept (loaders/pipeline.py)
└── StoreError        the store folder cannot be read, locked or published
    └── StoreBusyError  another load is writing
"""

from __future__ import annotations


class LoadError(Exception):
    """Base of everything a load can say no to; `str(error)` is the sentence to show."""


class UnreadableFile(LoadError):  # noqa: N818 - it names what is wrong
    """A source file that cannot be opened, or is not what its name says."""


class MappingError(LoadError):
    """A mapping file that cannot be used."""


class RulesError(LoadError):
    """A rules file that cannot be used."""


class StoreError(LoadError):
    """The store cannot be opened, locked or published."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""
