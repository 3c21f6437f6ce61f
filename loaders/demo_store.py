"""What a server does before it serves: a store where there is none, and one that another release made made anew.

The demonstration portfolio is written as source files, then loaded like anybody's.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loaders import store
from loaders.demo import write_demo
from loaders.errors import LoadError
from loaders.pipeline import COMPARE, COMPUTE, ORDER, READ, load, rebuild

Report = Callable[[float, str], None]
"""Called with the share done (0-1) and what is being done."""

WRITE = "write"
SHARES = {WRITE: (0.0, 0.4), READ: (0.4, 0.7), COMPARE: (0.7, 0.8), ORDER: (0.8, 0.85), COMPUTE: (0.85, 1.0)}
"""Of the whole, where each step begins and ends."""
RENEWAL = {ORDER: (0.0, 0.2), COMPUTE: (0.2, 1.0)}
"""The same, of making anew what another release made."""
LOCK = "demonstration.lock"
PATIENCE_S = 300
"""How long to wait for another process that is building it."""


def ensure_demo(folder: Path, progress: Report) -> None:
    """Build the demonstration into a store folder that has none; progress also goes to the terminal.

    When another process is building it already, waits for that one. A folder that holds any version is left
    as it is. Raises LoadError.
    """
    if store.exists(folder):
        return
    with (
        _told("Demonstration portfolio", progress) as told,
        store.held(folder, LOCK, PATIENCE_S, lambda: told(0.0, "another process is building it")),
    ):
        if not store.exists(folder):
            _build(folder, told)


def ensure_current(folder: Path, progress: Report) -> None:
    """Make the marts of a store that another release made anew; progress also goes to the terminal.

    When another process is writing, waits for that one. A store that this release made is left as it is, and so is
    one of a newer release. Raises LoadError.
    """
    opened = store.open_current(folder)
    try:
        found = store.standing(opened.cursor())
    finally:
        opened.close()
    if found is store.Standing.OTHER:
        with _told("Store of another release", progress) as told:
            rebuild(
                folder,
                only_if_other=True,
                progress=_stepping(RENEWAL, told),
                wait_s=PATIENCE_S,
                waiting=lambda: told(0.0, "another process is writing"),
            )


def _build(folder: Path, told: Report) -> None:
    step = _stepping(SHARES, told)
    with tempfile.TemporaryDirectory(prefix="atalaya-demo-") as aside:
        sources = Path(aside) / "sources"
        write_demo(sources, progress=lambda what, done, total: step(WRITE, what, done, total))
        load([sources], folder, progress=step, wait_s=PATIENCE_S, is_demonstration=True)


def _stepping(
    shares: Mapping[str, tuple[float, float]], told: Report
) -> Callable[[str, str, int, int], None]:
    """The progress of a pipeline as a share of the whole."""

    def step(name: str, what: str, done: int, total: int) -> None:
        begin, end = shares[name]
        told(begin + (end - begin) * done / max(total, 1), _plain(name, what))

    return step


@contextmanager
def _told(title: str, progress: Report) -> Iterator[Report]:
    """Progress goes to the terminal too, under a title."""
    with _bar() as bar:
        task = bar.add_task(title, total=1.0)

        def told(share: float, what: str) -> None:
            bar.update(task, completed=share, description=f"{title}: {what}"[:60])
            progress(share, what)

        yield told
        bar.update(task, completed=1.0, description=title)


def _plain(step: str, what: str) -> str:
    """What is being done, as people read it: a project, a file, a table, or what a mart file computes."""
    if step in (WRITE, READ):
        return what
    return re.sub(r"^\d+_|\.sql$", "", what).replace("_", " ")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def main() -> int:
    """`python -m loaders.demo_store FOLDER`: build the demonstration there, unless there is a store."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="the store folder, data/published for the dashboard")
    try:
        ensure_demo(parser.parse_args().folder, lambda share, what: None)
    except LoadError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
