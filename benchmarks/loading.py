"""Rebuilding every mart against loading the files, and what an increment takes, as ratios of one run.

The portfolio is the demonstration's, 500 projects × 36 months. "Loading" is reading, checking and putting in
order; "marts" is build_marts. An increment is a load of files that hold one month more: of every project (a
month end), or of one (a workbook that somebody drops in). Times are of one process, one after the other.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from loaders import store
from loaders.demo import write_demo
from loaders.pipeline import load
from metrics.build import Progress, build_marts, mart_scripts

PROJECTS, MONTHS = 500, 36
TARGET = 2.0
"""Marts may take at most this many times the loading."""
SLOWEST = 5
"""Mart files that the table lists."""
