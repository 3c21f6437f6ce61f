"""The store folder: what readers see while somebody writes, and after whatever goes wrong."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from loaders import store
from loaders.errors import StoreBusyError, StoreError
from loaders.history import FORMAT
from loaders.pipeline import load
from tests.loaders.sources import few_marts, folder, risks

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two versions; tests copy it."""
    place = tmp_path_factory.mktemp("store")
    for title in ("first", "second"):
        put(place, title)
    return place


@pytest.fixture
def shop(published: Path, tmp_path: Path) -> Path:
    """A store of two versions of one's own."""
    return shutil.copytree(published, tmp_path / "store")


def put(place: Path, title: str) -> str | None:
    return load([folder(place / "sources", risks=risks(title))], place, build=few_marts).version


def retitle(place: Path, title: str) -> str | None:
    """A version more, without a load."""

    def build(con: duckdb.DuckDBPyConnection) -> bool:
        con.execute("update timeline.risks set title = ?", [title])
        return True

    with store.writing(place):
        return store.publish(place, build)


def title_in(opened: store.Store) -> str:
    con = opened.cursor()
    try:
        return str(con.execute("select title from risks").fetchall()[0][0])
    finally:
        con.close()


def title(place: Path) -> str:
    opened = store.open_current(place)
    try:
        return title_in(opened)
    finally:
        opened.close()


def names(place: Path) -> set[str]:
    return {path.name for path in place.iterdir() if path.name != "sources"}


# Publishing.


def test_each_load_is_a_version_and_the_pointer_names_the_newest(shop: Path) -> None:
    assert store.current_version(shop) == "atalaya-000002.duckdb"
    assert store.current_path(shop) == shop / NEWEST
    assert title(shop) == "second"
    assert names(shop) == {"atalaya-000001.duckdb", "atalaya-000002.duckdb", "current", "lock"}


def test_the_last_few_versions_stay(shop: Path) -> None:
    for n in range(3, 7):
        assert retitle(shop, f"title {n}") == f"atalaya-{n:06d}.duckdb"
    assert store.versions(shop) == [f"atalaya-{n:06d}.duckdb" for n in (4, 5, 6)]


def test_a_reader_keeps_its_version_while_others_are_published(shop: Path) -> None:
    opened = store.open_current(shop)
    for n in range(store.KEPT + 1):
        retitle(shop, f"title {n}")
    assert not opened.path.exists()
    assert title_in(opened) == "second"
    opened.close()
    assert title(shop) == f"title {store.KEPT}"


def test_readers_in_another_process_do_not_hinder_a_load_nor_it_them(shop: Path) -> None:
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(shop)], cwd=ROOT,
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout is not None
    assert reader.stdout.readline().strip() == "second"
    retitle(shop, "third")
    out, _ = reader.communicate("go on\n", timeout=30)
    assert out.split() == ["second", "third"]


READER = """
import sys
from pathlib import Path
from loaders import store
opened = store.open_current(Path(sys.argv[1]))
print(opened.cursor().execute("select title from risks").fetchall()[0][0], flush=True)
sys.stdin.readline()
print(opened.cursor().execute("select title from risks").fetchall()[0][0])
print(store.open_current(Path(sys.argv[1])).cursor().execute("select title from risks").fetchall()[0][0])
"""


def test_threads_read_while_versions_are_published(shop: Path) -> None:
    seen: set[str] = set()
    wrong: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                seen.add(title(shop))
                time.sleep(0.02)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test has to see it
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    retitle(shop, "third")
    retitle(shop, "fourth")
    time.sleep(0.2)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert "fourth" in seen
    assert seen <= {"second", "third", "fourth"}


def test_a_published_file_can_only_be_read(shop: Path) -> None:
    opened = store.open_current(shop)
    con = opened.cursor()
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("create table t (a int)")
    with pytest.raises(duckdb.Error, match="disabled"):
        con.execute("select * from read_csv('/etc/hostname')")
    with pytest.raises(duckdb.Error, match="locked"):
        con.execute("set memory_limit = '8GB'")
    con.close()
    opened.close()


# Two at once.


def test_a_second_load_says_that_another_one_writes(shop: Path) -> None:
    with (
        store.writing(shop),
        pytest.raises(StoreBusyError, match="Another load is writing"),
        store.writing(shop),
    ):
        pass


def test_a_second_load_waits_when_asked_to(shop: Path) -> None:
    said: list[str] = []
    inside = threading.Event()

    def first() -> None:
        with store.writing(shop):
            inside.set()
            time.sleep(0.5)

    thread = threading.Thread(target=first)
    thread.start()
    inside.wait()
    with store.writing(shop, 30, lambda: said.append("waiting")):
        pass
    thread.join()
    assert said == ["waiting"]


def test_the_lock_of_a_process_that_died_is_free(shop: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(shop)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == "held"
    with pytest.raises(StoreBusyError), store.writing(shop):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with store.writing(shop):
        pass


HOLDER = """
import sys, time
from pathlib import Path
from loaders import store
with store.writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


# What goes wrong on the way.


def failing(con: duckdb.DuckDBPyConnection) -> bool:
    con.execute("delete from history.risks")
    raise ValueError("in the middle")


def test_a_build_that_fails_leaves_nothing_behind(shop: Path) -> None:
    before = names(shop)
    with store.writing(shop), pytest.raises(ValueError, match="in the middle"):
        store.publish(shop, failing)
    assert names(shop) == before
    assert title(shop) == "second"


def test_a_process_killed_in_the_middle_leaves_the_version_before(shop: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(shop)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert any(name.endswith(".building") for name in names(shop))
    assert title(shop) == "second"
    assert retitle(shop, "third") == "atalaya-000003.duckdb"
    assert not any(".building" in name for name in names(shop))


KILLED = """
import os, signal, sys
from pathlib import Path
from loaders import store
def build(con):
    con.execute("delete from history.risks")
    con.execute("checkpoint")
    os.kill(os.getpid(), signal.SIGKILL)
with store.writing(Path(sys.argv[1])):
    store.publish(Path(sys.argv[1]), build)
"""


def test_a_process_killed_before_the_pointer_moved_leaves_the_version_before(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("loaders.store._point", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            retitle(shop, "third")
    assert title(shop) == "second"
    assert retitle(shop, "fourth") == "atalaya-000004.duckdb"
    assert title(shop) == "fourth"


def test_what_does_not_pass_its_check_is_not_published(shop: Path) -> None:
    def build(con: duckdb.DuckDBPyConnection) -> bool:
        con.execute("delete from history.risks")
        return True

    with store.writing(shop), pytest.raises(StoreError, match="did not pass its check"):
        store.publish(shop, build)
    assert title(shop) == "second"
    assert len(store.versions(shop)) == 2


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_a_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loaders.store.shutil.copyfile", full)
    with pytest.raises(StoreError, match=r"cannot be written to .*No space left on device"):
        retitle(shop, "third")
    assert title(shop) == "second"
    assert len(store.versions(shop)) == 2


def test_a_disk_that_fills_up_while_duckdb_writes_is_a_sentence(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: it strikes inside DuckDB."""
    limited = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "store")], cwd=ROOT, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert limited.returncode == 0, limited.stderr
    assert limited.stdout.startswith("The new version cannot be written to")
    assert names(tmp_path / "store") == {"lock"}


LIMITED = f"""
import resource, sys
from pathlib import Path
from loaders import store
from loaders.errors import StoreError
def build(con):
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, {resource.RLIM_INFINITY}))
    con.execute("create table t as select hash(i) as h, hash(i + 1) as g from range(2_000_000) t(i)")
    return True
folder = Path(sys.argv[1])
try:
    with store.writing(folder):
        store.publish(folder, build)
except StoreError as error:
    print(error)
"""


# Damaged folders.


NEWEST = "atalaya-000002.duckdb"


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (shutil.rmtree, "There is no store in .*: load sources into it first"),
        (lambda p: (p / "current").unlink(), f"has lost the file `current`: write {NEWEST} into it"),
        (lambda p: (p / "current").write_bytes(b"\xff\xfe\x00"), "cannot be read"),
        (lambda p: (p / "current").write_text("../../etc/passwd"), "names a version that is not there"),
        (lambda p: (p / "current").write_text(""), "names a version that is not there"),
        (lambda p: (p / NEWEST).unlink(), "write atalaya-000001.duckdb into the file `current`"),
        (lambda p: [f.unlink() for f in p.glob("*.duckdb")], "remove the file `current` and load"),
        (lambda p: (p / NEWEST).write_text("no database"), "cannot be opened .*atalaya-000001"),
        (lambda p: (p / NEWEST).write_bytes(b""), "cannot be opened"),
        (lambda p: os.truncate(p / NEWEST, 20_000), "cannot be opened|damaged"),
    ],
    ids=[
        *("gone", "no pointer", "garbage", "elsewhere", "blank pointer"),
        *("no file", "no files", "text", "empty", "cut"),
    ],
)
def test_a_damaged_store_is_a_sentence_with_a_way_on(shop: Path, harm, sentence: str) -> None:
    harm(shop)
    with pytest.raises(StoreError, match=sentence):
        store.open_current(shop)


@pytest.mark.parametrize(
    "harm",
    [
        lambda p: (p / "current").unlink(),
        lambda p: (p / NEWEST).unlink(),
        lambda p: (p / NEWEST).write_text("no database"),
    ],
    ids=["no pointer", "no file", "text"],
)
def test_a_load_into_a_damaged_store_starts_no_new_history(shop: Path, harm) -> None:
    harm(shop)
    with pytest.raises(StoreError):
        put(shop, "third")
    assert not (shop / "atalaya-000003.duckdb").exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be written \(Not a directory\)"):
        put_elsewhere(tmp_path, tmp_path / "file" / "store")


def test_a_read_only_folder_is_a_sentence(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("loaders.store.Path.open", denied)
    with pytest.raises(StoreError, match=r"cannot be written \(Permission denied\)"), store.writing(shop):
        pass


def put_elsewhere(sources: Path, place: Path) -> None:
    load([folder(sources / "in", risks=risks("x"))], place, build=few_marts)


def test_a_store_of_a_newer_release_is_left_alone(shop: Path) -> None:
    with duckdb.connect(str(shop / NEWEST)) as con:
        con.execute("update history.format set version = ?", [FORMAT + 1])
    with pytest.raises(StoreError, match="newer release"):
        put(shop, "third")
    assert title(shop) == "second"


# As known on a day.


@pytest.fixture
def dated(shop: Path) -> Path:
    """The store, its first load ten days ago, its second one today."""
    with duckdb.connect(str(shop / NEWEST)) as con:
        con.execute("update loads set loaded_at = loaded_at - interval 10 day where load_id = 1")
    return shop


def known(place: Path, days_ago: int) -> str:
    day = date.today() - timedelta(days=days_ago)
    opened = store.open_as_known(place, day, few_marts)
    try:
        return title_in(opened)
    finally:
        opened.close()


def test_as_known_on_a_day_is_what_had_been_loaded_by_then(dated: Path) -> None:
    assert known(dated, 0) == "second"
    assert known(dated, 3) == "first"
    assert known(dated, 10) == "first"


def test_it_is_built_once(dated: Path) -> None:
    path = store.as_known_on(dated, date.today() - timedelta(days=3), few_marts)
    assert path.name == "atalaya-000002-known-000001.duckdb"
    built = path.stat().st_mtime_ns
    assert store.as_known_on(dated, date.today() - timedelta(days=5), few_marts) == path
    assert path.stat().st_mtime_ns == built
    assert not list(dated.glob("*.aside*"))


def test_it_goes_when_its_version_goes(dated: Path) -> None:
    path = store.as_known_on(dated, date.today() - timedelta(days=3), few_marts)
    for n in range(store.KEPT):
        retitle(dated, f"title {n}")
    assert not path.exists()


def test_before_the_first_load_nothing_was_known(dated: Path) -> None:
    with pytest.raises(StoreError, match=r"Nothing was known on .*; the first load was on"):
        known(dated, 30)


def test_where_the_store_cannot_be_written_it_is_built_aside(
    dated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loaders.store.os.access", lambda *_: False)
    monkeypatch.setattr("loaders.store.tempfile.gettempdir", lambda: str(tmp_path / "aside"))
    before = names(dated)
    assert known(dated, 3) == "first"
    assert names(dated) == before


def test_scratch_is_a_database_of_its_own() -> None:
    with store.scratch() as one, store.scratch() as other:
        one.execute("create table t (a int)")
        with pytest.raises(duckdb.CatalogException):
            other.execute("from t")
