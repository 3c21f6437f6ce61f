"""docs/store.md says what the command line and the store have."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from loaders import store
from loaders.__main__ import KEPT, NOTHING, WITH_REJECTS, _parser
from loaders.export import FORMATS

TEXT = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    [action] = [a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(action.choices)


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option_is_there(name: str) -> None:
    assert f"python -m loaders {name}" in TEXT
    options = {o for action in commands()[name]._actions for o in action.option_strings if o.startswith("--")}
    assert {option for option in options if option not in TEXT} == set()


def test_every_command_that_it_shows_exists() -> None:
    for line in re.findall(r"python -m loaders ([^`|\n]+)", TEXT):
        words = line.replace("SOURCE…", "source").split()
        assert _parser().parse_args(words).run


def test_exit_codes_formats_and_files() -> None:
    assert re.findall(r"^\| (\d) \|", TEXT, re.MULTILINE) == [
        str(code) for code in (KEPT, WITH_REJECTS, NOTHING)
    ]
    assert all(f"`{kind}`" in TEXT for kind in FORMATS)
    assert all(name in TEXT for name in (store.POINTER, store.LOCK, store.KNOWN_LOCK))
    assert store.KEPT == 3
    assert "The last three versions stay" in TEXT
