"""The demonstration portfolio, written as source files and loaded like anybody's."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from loaders import store
from loaders.demo import write_demo
from loaders.errors import StoreBusy, StoreError
from loaders.pipeline import load

Report = Callable[[float, str], None]
"""Called with the share done (0-1) and what is being done."""

WRITING, READING, COMPUTING = 0.25, 0.65, 1.0
"""The share of the whole at which each stage ends."""
PATIENCE_S = 300


def ensure_demo(folder: Path, report: Report) -> None:
    """Build the demonstration into a store folder that has none; progress also goes to the terminal.

    When another process is building it already, waits for that one. Raises LoadError.
    """
    if store.exists(folder):
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as bar:  # fmt: skip
        task = bar.add_task("Demonstration portfolio", total=1.0)

        def told(done: float, step: str) -> None:
            bar.update(task, completed=done, description=f"Demonstration portfolio: {step}"[:72])
            report(done, step)

        try:
            _build(folder, told)
        except StoreBusy:
            _wait(folder, told)
        bar.update(task, completed=1.0, description="Demonstration portfolio")


def _build(folder: Path, told: Report) -> None:
    with tempfile.TemporaryDirectory(prefix="atalaya-demo-") as aside:
        sources = Path(aside) / "sources"
        write_demo(sources, progress=lambda name, done, total: told(WRITING * done / total, name))

        def loading(what: str, done: int, total: int) -> None:
            sql = what.endswith(".sql") or (not what and reading.done)
            start, end = (READING, COMPUTING) if sql else (WRITING, READING)
            reading.done = reading.done or done >= total
            told(start + (end - start) * done / max(total, 1), what)

        reading = _Stage()
        load([sources], folder, progress=loading)


class _Stage:
    """Whether reading is over, so that what comes is computing."""

    done = False


def _wait(folder: Path, told: Report) -> None:
    for second in range(PATIENCE_S):
        if store.exists(folder):
            return
        told(min(second / 60, 0.99), "another process is building it")
        time.sleep(1)
    raise StoreError(
        f"Another process was building the demonstration in {folder} and did not finish: try again."
    )


def main() -> None:
    """`python -m loaders.demo_store FOLDER`: build the demonstration there unless there is a store already."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    ensure_demo(parser.parse_args().folder, lambda done, step: None)


if __name__ == "__main__":
    main()
