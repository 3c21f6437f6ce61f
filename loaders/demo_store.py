"""The demonstration portfolio in a store: written as source files, then loaded like anybody's."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loaders import store
from loaders.demo import write_demo
from loaders.errors import LoadError
from loaders.pipeline import COMPARE, COMPUTE, ORDER, READ, load

Report = Callable[[float, str], None]
"""Called with the share done (0-1) and what is being done."""

WRITE = "write"
SHARES = {WRITE: (0.0, 0.4), READ: (0.4, 0.7), COMPARE: (0.7, 0.8), ORDER: (0.8, 0.85), COMPUTE: (0.85, 1.0)}
"""Of the whole, where each step begins and ends."""
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
    with _bar() as bar:
        task = bar.add_task("Demonstration portfolio", total=1.0)

        def told(share: float, what: str) -> None:
            bar.update(task, completed=share, description=f"Demonstration portfolio: {what}"[:60])
            progress(share, what)

        with store.held(folder, LOCK, PATIENCE_S, lambda: told(0.0, "another process is building it")):
            if not store.exists(folder):
                _build(folder, told)
        bar.update(task, completed=1.0, description="Demonstration portfolio")


def _build(folder: Path, told: Report) -> None:
    def step(name: str, what: str, done: int, total: int) -> None:
        begin, end = SHARES[name]
        told(begin + (end - begin) * done / max(total, 1), _plain(name, what))

    with tempfile.TemporaryDirectory(prefix="atalaya-demo-") as aside:
        sources = Path(aside) / "sources"
        write_demo(sources, progress=lambda what, done, total: step(WRITE, what, done, total))
        load([sources], folder, progress=step, wait_s=PATIENCE_S, is_demonstration=True)


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
