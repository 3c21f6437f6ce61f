"""Run the measurements and print their tables: `python -m benchmarks [loading] [pages] [--small]`."""

from __future__ import annotations

import argparse

from benchmarks import loading, pages

ALL = {"loading": loading.run, "pages": pages.run}


def main() -> None:
    """Run those asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("which", nargs="*", choices=[*ALL, []], help="loading, pages; default both")
    parser.add_argument("--small", action="store_true", help="a tenth of the size, to see that it runs")
    chosen = parser.parse_args()
    for name in chosen.which or ALL:
        ALL[name](small=chosen.small)


if __name__ == "__main__":
    main()
