"""What the marts let a PMO choose: each setting is a name, a default and a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = bool | int | float | str

STALE_AFTER_DAYS = 35
"""Unless a PMO sets it: a status older than this cannot be green, and its project has not reported."""

HISTORY = "history_by_rules_of_its_time"
"""The one setting that does not belong to a set of rules: whether a status date has those of its time."""


@dataclass(frozen=True)
class Setting:
    """One setting. `low` and `high` are the smallest and largest number, `choices` the texts it may be."""

    name: str
    default: Value | None
    reason: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


_DCMA = (
    *("logic", "leads", "lags", "relationship_types", "hard_constraints", "high_float", "negative_float"),
    *("high_duration", "invalid_dates", "resources", "missed_tasks", "critical_path", "cpli", "bei"),
    "long_days",
)

SETTINGS = (
    Setting("improve_after_reports", 2, "colours worsen at once and improve after this many", 1, 12),
    Setting("hysteresis_margin", 0.0, "an index improves only this far beyond its bound (usual: 0.02)", 0, 1),
    Setting(
        "stale_after_days",
        STALE_AFTER_DAYS,
        "an older status cannot be green: a month and some days",
        1,
        3660,
    ),
    Setting(HISTORY, True, "new thresholds and settings do not repaint old reports"),
    Setting("index_upper_bound", 1.10, "above it an index is a data-quality finding (FEMA)", 1, 100),
    Setting(
        "eac_variant",
        "cpi",
        "what is done predicts the rest; the others stand beside it",
        choices=("cpi", "budget_rate", "composite", "bottom_up"),
    ),
    Setting(
        "bei_variant",
        "dau",
        "the wording of DAU; the other counts completed tasks only",
        choices=("dau", "discrete"),
    ),
    *(Setting(f"dcma_{check}", None, "replaces the threshold of a DCMA check", -1e6, 1e6) for check in _DCMA),
)

BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}


def fault(name: str, value: object) -> str | None:
    """What is wrong with a setting's value, as the end of a sentence; None: nothing."""
    setting = BY_NAME.get(name)
    if setting is None:
        return f"is no setting; there are {', '.join(BY_NAME)}"
    if setting.choices:
        return None if value in setting.choices else f"has to be one of {', '.join(setting.choices)}"
    if isinstance(setting.default, bool):
        return None if isinstance(value, bool) else "has to be true or false"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_within(value, setting):
        return f"has to be a number from {setting.low:g} to {setting.high:g}"
    if isinstance(setting.default, int) and value != int(value):
        return "has to be a whole number"
    return None


def as_text(value: Value) -> str:
    """A value as the store keeps it."""
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _is_within(value: float, setting: Setting) -> bool:
    low, high = setting.low, setting.high
    return (low is None or low <= value) and (high is None or value <= high)
