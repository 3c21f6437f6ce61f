"""The store: versioned DuckDB files and a pointer to the current one. Only this module opens DuckDB.

    atalaya-000007.duckdb               a published version: never written to again
    atalaya-000007-known-000004.duckdb  what version 7 knew after load 4, built when somebody asks
    current                             the name of the version in force, replaced atomically
    lock, known.lock                    held by the one process that writes
Why: docs/decisions/0002-one-file-per-version.md; how: docs/store.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from enum import Enum
from pathlib import Path

import duckdb

from loaders import timeline
from loaders.errors import StoreBusyError, StoreError
from loaders.history import FORMAT, faults, forget_after, format_of, last_load_before
from loaders.timeline import build_timeline
from metrics import build as marts
from metrics.build import build_marts

POINTER = "current"
LOCK, KNOWN_LOCK = "lock", "known.lock"
KEPT = 3
"""Versions kept, the current one included: sessions in flight still use the one before."""
MEMORY = "1GB"
"""What a reading process may use."""
KNOWN_PATIENCE_S = 600
"""How long to wait while somebody else builds what was known on a day."""
POLL_S = 0.2
"""How often a waiting load looks whether it may write."""

_NAME = re.compile(r"atalaya-(\d{6})\.duckdb")
_KNOWN = re.compile(r"(atalaya-\d{6})-known-\d{6}\.duckdb")
_READ_ONLY = {"enable_external_access": "false", "lock_configuration": "true", "memory_limit": MEMORY}

Build = Callable[[duckdb.DuckDBPyConnection], None]


class Standing(Enum):
    """Who made what a version holds: this release, another one, or one too new for this one to touch."""

    CURRENT = "current"
    OTHER = "other"
    NEWER = "newer"


@dataclass(frozen=True)
class Store:
    """One open version, for reading."""

    version: str
    path: Path
    _con: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for one use by one thread; whoever asks closes it."""
        return self._con.cursor()

    def close(self) -> None:
        """Close the file."""
        self._con.close()


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, gone at the end."""
    con = duckdb.connect(config={"preserve_insertion_order": "true"})
    try:
        yield con
    finally:
        con.close()


def exists(folder: Path) -> bool:
    """Whether anything was ever published to the folder, damaged or not."""
    return (folder / POINTER).exists() or bool(versions(folder))


def versions(folder: Path) -> list[str]:
    """The version files in the folder, oldest first. Raises StoreError when it can't be read."""
    if not folder.is_dir():
        return []
    try:
        return sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
    except OSError as error:
        raise _cannot("error.store_read", folder, error) from error


def current_version(folder: Path) -> str:
    """The name of the version in force. Raises StoreError when there is none."""
    try:
        name = (folder / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        if there := versions(folder):
            raise StoreError.of(
                "error.pointer_lost", folder=str(folder), pointer=POINTER, newest=there[-1]
            ) from None
        raise StoreError.of("error.no_store", folder=str(folder)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _cannot("error.store_read", folder, error) from error
    if _NAME.fullmatch(name) and (folder / name).is_file():
        return name
    told = {"folder": str(folder), "name": repr(name[:60]), "pointer": POINTER}
    if others := versions(folder):
        raise StoreError.of("error.version_gone", **told, newest=others[-1])
    raise StoreError.of("error.version_gone_alone", **told)


def current_path(folder: Path) -> Path:
    """The file of the version in force. Raises StoreError when there is none."""
    return folder / current_version(folder)


def open_current(folder: Path) -> Store:
    """Open the version in force for reading. Raises StoreError when there is none or it is damaged."""
    path = current_path(folder)
    try:
        return open_file(path)
    except StoreError:
        if current_path(folder) == path:
            raise
        return open_file(current_path(folder))


def open_file(path: Path) -> Store:
    """Open a published file for reading. Raises StoreError when it is damaged."""
    try:
        con = duckdb.connect(str(path), read_only=True, config=dict(_READ_ONLY))
    except duckdb.Error as error:
        others = [name for name in versions(path.parent) if name < path.name]
        told = {"path": str(path), "why": _reason(error)}
        if others:
            raise StoreError.of(
                "error.version_damaged", **told, pointer=POINTER, before=others[-1]
            ) from error
        raise StoreError.of("error.version_damaged_alone", **told) from error
    return Store(path.name, path, con)


def standing(con: duckdb.DuckDBPyConnection) -> Standing:
    """Who made what an open file holds; only reads. OTHER: `pipeline.rebuild` makes it this release's."""
    if format_of(con) > FORMAT:
        return Standing.NEWER
    return Standing.CURRENT if timeline.is_current(con) and marts.is_current(con) else Standing.OTHER


def writing(
    folder: Path, wait_s: float = 0.0, waiting: Callable[[], None] | None = None
) -> contextlib.AbstractContextManager[None]:
    """Hold the folder for writing; while another process holds it, wait up to `wait_s` seconds.

    `waiting` is called once, before the wait. Raises StoreBusyError when it lasts longer, StoreError when the
    folder can't be written.
    """
    return held(folder, LOCK, wait_s, waiting)


@contextmanager
def held(
    folder: Path, lock: str, wait_s: float = 0.0, waiting: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold one of the folder's locks, as `writing` does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / lock).open("a")
    except OSError as error:
        raise _cannot("error.folder_write", folder, error) from error
    with handle:
        deadline = time.monotonic() + wait_s
        while not _locked(handle.fileno(), folder):
            if waiting:
                waiting()
                waiting = None
            if time.monotonic() >= deadline:
                raise StoreBusyError.of("error.busy", folder=str(folder))
            time.sleep(POLL_S)
        yield


def publish(folder: Path, build: Callable[[duckdb.DuckDBPyConnection], bool]) -> str | None:
    """Build the next version from the current one and put it in force; call inside `writing`.

    `build` gets a connection to a copy of the current version (or an empty file) and says whether anything
    is to be published. Returns the new version's name, None when nothing was. Whatever goes wrong, the
    version in force stays. Raises StoreError, and whatever `build` raises.
    """
    before = current_path(folder) if exists(folder) else None
    name = f"atalaya-{_next_number(folder):06d}.duckdb"
    building = folder / f"{name}.building"
    try:
        _discard(*folder.glob("*.building*"))
        if not _built(building, before, build):
            return None
        with _filling(folder):
            building.rename(folder / name)
            _point(folder, name)
    finally:
        _discard(building)
    _prune(folder, name)
    return name


@contextmanager
def copy(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the version in force to try things on (empty where there is none), gone at the end.

    Raises StoreError when the store is damaged or the copy does not fit.
    """
    with tempfile.TemporaryDirectory(prefix="atalaya-") as name:
        aside = Path(name)
        path = aside / "trial.duckdb"
        with _filling(aside):
            if exists(folder):
                shutil.copyfile(current_path(folder), path)
        con = _open_to_write(path)
        try:
            with _filling(aside, _DISK_ERRORS):
                yield con
        finally:
            con.close()


def open_as_known(folder: Path, day: date, build: Build = build_marts) -> Store:
    """The store as it was known at the end of a day: the marts over the rows loaded until then.

    The first time that somebody asks for it, it is built; later it is opened. Raises StoreError when nothing
    had been loaded by then.
    """
    return open_file(as_known_on(folder, day, build))


def as_known_on(folder: Path, day: date, build: Build = build_marts) -> Path:
    """The file behind `open_as_known`, built if it is not there. Days are those of the time zone here."""
    current = current_path(folder)
    opened = open_file(current)
    try:
        load_id, newest, first = last_load_before(opened._con, _end_of(day))
    finally:
        opened.close()
    if load_id is None:
        if first:
            raise StoreError.of("error.not_known_yet", day=f"{day:%Y-%m-%d}", first=f"{first:%Y-%m-%d}")
        raise StoreError.of("error.not_known", day=f"{day:%Y-%m-%d}")
    if load_id == newest:
        return current
    place = _cache_folder(folder)
    path = place / f"{current.stem}-known-{load_id:06d}.duckdb"
    if not _is_built(path, current):
        _build_known(place, path, current, load_id, build)
    return path


def _build_known(place: Path, path: Path, current: Path, load_id: int, build: Build) -> None:
    def make(con: duckdb.DuckDBPyConnection) -> bool:
        forget_after(con, load_id)
        build_timeline(con)
        build(con)
        return True

    with held(place, KNOWN_LOCK, KNOWN_PATIENCE_S):
        if _is_built(path, current):
            return
        _discard(*place.glob("*.aside*"))
        building = path.with_name(f"{path.name}.aside")
        try:
            _built(building, current, make)
            with _filling(place):
                building.rename(path)
        finally:
            _discard(building)
        _prune_known(place, path)


def _is_built(path: Path, current: Path) -> bool:
    """Whether a file of what was known is there, of this release, and of this version and not of one of its name."""
    if not path.is_file() or path.stat().st_mtime_ns < current.stat().st_mtime_ns:
        return False
    opened = open_file(path)
    try:
        return standing(opened._con) is Standing.CURRENT
    finally:
        opened.close()


def _end_of(day: date) -> datetime:
    """The last moment of a day here, as naive UTC."""
    last = datetime.combine(day + timedelta(days=1), clock.min).timestamp()
    return datetime.fromtimestamp(last, UTC).replace(tzinfo=None)


def _cache_folder(folder: Path) -> Path:
    """The store folder, or one of this user's own where that can't be written."""
    if os.access(folder, os.W_OK):
        return folder
    place = (
        Path(tempfile.gettempdir()) / f"atalaya-{os.getuid()}" / re.sub(r"\W+", "-", str(folder.resolve()))
    )
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.parent.stat().st_uid != os.getuid():
            raise StoreError.of("error.not_yours", folder=str(place.parent))
    except OSError as error:
        raise StoreError.of(
            "error.no_place", folder=str(folder), place=str(place), why=_reason(error)
        ) from error
    return place


def _built(path: Path, before: Path | None, build: Callable[[duckdb.DuckDBPyConnection], bool]) -> bool:
    """Build a file from another one, check it as a reader would see it, and put it safely on disk."""
    with _filling(path.parent):
        if before:
            shutil.copyfile(before, path)
    con = _open_to_write(path)
    try:
        with _filling(path.parent, _DISK_ERRORS):
            wanted = build(con)
            if wanted:
                con.execute("checkpoint")
    finally:
        con.close()
    if wanted:
        _check(path)
        with _filling(path.parent):
            _sync(path)
    return wanted


def _open_to_write(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        con = duckdb.connect(str(path))
    except duckdb.Error as error:
        raise StoreError.of("error.in_force_damaged", why=_reason(error)) from error
    if format_of(con) > FORMAT:
        con.close()
        raise StoreError.of("error.newer_release")
    return con


def _check(path: Path) -> None:
    opened = open_file(path)
    try:
        found = faults(opened._con)
    finally:
        opened.close()
    if found:
        raise StoreError.of("error.check_failed", found="; ".join(found))


_DISK_ERRORS = (duckdb.IOException, duckdb.FatalException, duckdb.OutOfMemoryException)


@contextmanager
def _filling(folder: Path, errors: tuple[type[Exception], ...] = (OSError, *_DISK_ERRORS)) -> Iterator[None]:
    """Turn a full or failing disk into a sentence."""
    try:
        yield
    except errors as error:
        raise _cannot("error.new_version", folder, error) from error


def _locked(handle: int, folder: Path) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _cannot("error.folder_lock", folder, error) from error
    return True


def _point(folder: Path, name: str) -> None:
    aside = folder / f"{POINTER}.building"
    aside.write_text(f"{name}\n", encoding="utf-8")
    _sync(aside)
    aside.replace(folder / POINTER)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _next_number(folder: Path) -> int:
    return (
        max((int(found[1]) for name in versions(folder) if (found := _NAME.fullmatch(name))), default=0) + 1
    )


def _prune(folder: Path, current: str) -> None:
    """Remove what is old. A removed file stays readable to whoever has it open."""
    kept = {current, *[name for name in versions(folder) if name < current][-(KEPT - 1) :]}
    for path in folder.iterdir():
        known = _KNOWN.fullmatch(path.name)
        of_version = f"{known[1]}.duckdb" if known else path.name
        if _NAME.fullmatch(of_version) and of_version < current and of_version not in kept:
            with contextlib.suppress(OSError):
                path.unlink()


def _prune_known(place: Path, newest: Path) -> None:
    """Keep the last few files of what was known."""
    found = sorted((p for p in place.iterdir() if _KNOWN.fullmatch(p.name)), key=lambda p: p.stat().st_mtime)
    for old in [p for p in found if p != newest][: -(KEPT - 1)]:
        with contextlib.suppress(OSError):
            old.unlink()


def _discard(*paths: Path) -> None:
    for path in paths:
        for left in (path, path.with_name(f"{path.name}.wal")):
            with contextlib.suppress(OSError):
                left.unlink()
        shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)


def _cannot(key: str, folder: Path, error: Exception) -> StoreError:
    return StoreError.of(key, folder=str(folder), why=_reason(error))


def _reason(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or str(error).splitlines()[0]).rstrip(".")
