"""The baselines of a schedule file: which it holds, which one counts as the current one and why, and which came first.

What the program leaves open and what is decided here: docs/decisions/0006-baselines-of-a-schedule.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jpype

MICROSOFT = "Microsoft"
PRIMAVERA = "Primavera"
NUMBERS = range(11)
"""Microsoft Project's baselines: 0 is the plain Baseline, 1 to 10 are the numbered ones."""

_BECAUSE = {
    "mapping": "the mapping chose it",
    "file": "the file names it as the one for earned value",
    "default": "it is Microsoft Project's default, and the file names no other",
    "unreadable": "it is Microsoft Project's default; which one earned value takes cannot be read in an .mpp",
    "linked": "it came with the file",
}
_WHY_NOT = {
    "mapping": "the mapping asks for {asked}, which the file does not hold",
    "file": "the file names {asked} as the one for earned value, and that is empty",
    "default": "the plain Baseline is empty, and the file names no other",
    "unreadable": "the plain Baseline is empty, and which other one counts cannot be read in an .mpp",
    "linked": "none came with the file",
}


@dataclass(frozen=True)
class Baselines:
    """What a file holds: number → the moment it was saved (ISO text), None where the file does not say.

    `current` is the one whose dates count, None where `asked`, the one asked for, is not there; `reason` says who
    asked: the mapping, the file, or the program's default.
    """

    saved: Mapping[int, str | None]
    current: int | None
    asked: int
    reason: str

    def saved_on(self, number: int) -> str | None:
        """The day that a baseline was saved."""
        moment = self.saved[number]
        return None if moment is None else moment[:10]

    def note(self) -> str | None:
        """Which one was used and why, with the days they were saved; None where the file holds and is asked none."""
        if self.current is None:
            why_not = _WHY_NOT[self.reason].format(asked=self._title(self.asked))
            if not self.saved:
                return f"{why_not}; it holds none." if self.reason == "mapping" else None
            held = ", ".join(map(self._dated, self.saved))
            return (
                f"the file holds {held}; none was used: {why_not}. A line such as baseline ="
                f" {min(self.saved)} in the mapping chooses one."
            )
        because = _BECAUSE[self.reason]
        if len(self.saved) == 1:
            return f"{self._dated(self.current)} was used: {because}."
        held = ", ".join(map(self._dated, self.saved))
        return f"the file holds {held}; {self._title(self.current)} was used: {because}."

    def sequence(self, plans: Mapping[int, object]) -> tuple[tuple[int, ...], str | None]:
        """The baselines from the original to the current one, by when they were saved; and a note on what is not in it.

        `plans` is what each of them says. One that says what the one before it said is a copy and no new baseline;
        one saved after the current one has not replaced it. Where the order is not known, the current one alone.
        """
        if self.current is None or len(self.saved) == 1:
            return tuple(self.saved if self.current is not None else ()), None
        if None in self.saved.values():
            return (self.current,), self._unordered("the file does not say of each when it was saved")
        ordered = sorted(self.saved, key=lambda number: (self.saved[number], number == self.current, number))
        upto = ordered.index(self.current) + 1
        kept = [n for k, n in enumerate(ordered[:upto]) if k == 0 or plans[n] != plans[ordered[k - 1]]]
        moments = [self.saved[number] for number in kept]
        if len(set(moments)) < len(moments):
            return (self.current,), self._unordered("some were saved at the same moment")
        later = ordered[upto:]
        note = f"saved after the one used, so not in its place: {self._titles(later)}." if later else None
        return tuple(kept), note

    def _unordered(self, why: str) -> str:
        """Why the order is not known, and what then stands as the original: the one used, if its day is known."""
        if self.current is not None and self.saved[self.current] is not None:
            then = "The one used stands as the original, too."
        else:
            then = (
                "The original stays unknown until a register of baselines (the table baselines) is delivered;"
                " till then the dates of the one used stand in its place, and its cost does not."
            )
        return f"which baseline came first is not known: {why}. {then}"

    def _title(self, number: int) -> str:
        if self.reason == "linked":
            return "the baseline project"
        return f"Baseline {number}" if number else "the plain Baseline"

    def _titles(self, numbers: Iterable[int]) -> str:
        return ", ".join(map(self._title, numbers))

    def _dated(self, number: int) -> str:
        day = self.saved_on(number)
        return f"{self._title(number)} ({f'saved on {day}' if day else 'day unknown'})"


def baselines_of(project: Any, application: str | None, chosen: int | None) -> Baselines:
    """The true baselines of a project of MPXJ's; `chosen` is the mapping's word, which comes before the file's.

    Primavera's is there only where a baseline project came with the file, never in an XER: without one MPXJ fills
    the fields from the planned dates of the plan itself.
    """
    properties = project.getProjectProperties()
    file_type = str(properties.getFileType())
    saved: dict[int, str | None] = {}
    reason, asked = "linked", 0
    if application == PRIMAVERA:
        baseline = project.getBaseline() if file_type != "XER" else None
        if baseline is not None:
            saved = {0: _moment(baseline.getProjectProperties().getLastBaselineUpdateDate())}
    elif application == MICROSOFT:
        saved = {number: _moment(_of(properties, "Date", number)) for number in _populated(project)}
        # The getter says 0 where the file says nothing.
        said = properties.getCachedValue(jpype.JClass("org.mpxj.ProjectField").BASELINE_FOR_EARNED_VALUE)
        silent = "unreadable" if file_type == "MPP" else "default"
        reason, asked = (silent, 0) if said is None else ("file", int(said))
    if chosen is not None:
        reason, asked = "mapping", chosen
    return Baselines(saved, asked if asked in saved else None, asked, reason)


def start_of(task: Any, number: int) -> Any:
    """When a task of MPXJ's starts in a baseline."""
    return _of(task, "Start", number)


def finish_of(task: Any, number: int) -> Any:
    """When a task of MPXJ's finishes in a baseline."""
    return _of(task, "Finish", number)


def cost_of(task: Any, number: int) -> Any:
    """What a task of MPXJ's costs in a baseline, in the project's currency."""
    return _of(task, "Cost", number)


def _of(holder: Any, what: str, number: int) -> Any:
    getter = getattr(holder, f"getBaseline{what}")
    return getter(number) if number else getter()


def _populated(project: Any) -> list[int]:
    """The numbers of Microsoft Project's baselines in which a task has a date."""
    found = {str(name.name()) for name in project.getTasks().getPopulatedFields()}
    prefixes = {number: f"BASELINE{number or ''}" for number in NUMBERS}
    return [n for n, prefix in prefixes.items() if found & {f"{prefix}_START", f"{prefix}_FINISH"}]


def _moment(value: Any) -> str | None:
    return None if value is None else str(value)
