"""What a project had reported by each status date: its months, its phases and its milestones."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from loaders.demo.course import WARRANTY_MONTHS, Course, date_at, month_end, months_between
from loaders.demo.portfolio import LAST_STATUS
from loaders.demo.texts import KINDS, Text, say

Row = dict[str, Any]
Tables = dict[str, list[Row]]

BID_MONTHS = 3
PLAN_UNTIL = 0.1
SERVICE_AT = 0.92
ACCEPTANCE_LOOKS_AHEAD = 2.0


@dataclass(frozen=True)
class Milestone:
    """A milestone: its share of the work (`position`), what it bills, what it weighs."""

    milestone_id: str
    name: Text
    kind: str
    position: float
    weight: float
    billing: float


@dataclass(frozen=True)
class Reports:
    """A project's course seen from its status dates: `months` are counted from the project's start."""

    course: Course
    months: tuple[int, ...]
    seed: int

    @property
    def project_id(self) -> str:
        """The project's id."""
        return self.course.project.project_id

    @property
    def story(self) -> str | None:
        """The story the project tells, if any."""
        return self.course.project.story

    def day(self, month: int) -> date:
        """The status date of a month."""
        return month_end(self.course.project.start, month)

    def month(self, day: date) -> int:
        """The project's month in which a day falls."""
        return months_between(self.course.project.start, day)

    def at(self, month: float) -> date:
        """The day at a fractional month."""
        return date_at(self.course.project.start, month)

    def say(self, text: Text) -> str:
        """A text in the language of the project office."""
        return say(text, self.course.project.spanish)

    def rng(self, purpose: str) -> np.random.Generator:
        """A generator of this project's own for one purpose."""
        return generator(self.seed, self.project_id, purpose)

    def phase(self, month: int) -> str:
        """The phase at the end of a month."""
        course = self.course
        if self.story == "cancelled" and self.day(month) >= date(2025, 2, 28):
            return "cancelled"
        if month < 0:
            return "bid"
        position = float(course.position[month])
        closed = self.final_acceptance
        accepted = position >= 1 and self.story != "unsigned"
        if closed is not None and closed <= month:
            return "closed"
        if position >= PLAN_UNTIL and (accepted or course.project.kind == "care"):
            return "care"
        if position < PLAN_UNTIL:
            return "plan"
        return "execute" if position < SERVICE_AT else "handover"

    @property
    def final_acceptance(self) -> float | None:
        """The month of the final acceptance certificate, once work is complete and accepted."""
        done = self.course.when(1.0)
        return None if done is None or self.story == "unsigned" else done + WARRANTY_MONTHS

    def milestone_month(self, milestone: Milestone, month: int) -> tuple[float, bool]:
        """When a milestone happened (True) or is stated to happen (False), as known at a month's end."""
        course = self.course
        if milestone.kind == "acceptance" and self.story == "unsigned":
            later = WARRANTY_MONTHS if milestone.position > 1 else 0.0
            done = course.when(1.0)
            if done is not None and done <= month:
                return month + ACCEPTANCE_LOOKS_AHEAD + later, False
            return course.stated_finish(month) + later, False
        if milestone.position > 1:
            done = course.when(1.0)
            if done is not None and done <= month:
                return done + WARRANTY_MONTHS, done + WARRANTY_MONTHS <= month
            return course.stated_finish(month) + WARRANTY_MONTHS, False
        reached = course.when(milestone.position)
        if reached is not None and reached <= month:
            return reached, True
        return course.stated_date(month, milestone.position), False


def generator(seed: int, project_id: str, purpose: str) -> np.random.Generator:
    """The generator of one project for one purpose, the same whatever else is generated."""
    return np.random.default_rng([seed, zlib.crc32(project_id.encode()), zlib.crc32(purpose.encode())])


def milestones_of(course: Course) -> tuple[Milestone, ...]:
    """The nine milestones from kick-off to final acceptance; weights sum to 1, billing shares too."""
    kind = KINDS[course.project.kind]
    plan: Sequence[tuple[str, Text, str, float, float]] = (
        ("M01", ("Arranque del proyecto", "Project kick-off"), "gate", 0.02, 0.0),
        ("M02", ("Diseño de bajo nivel aprobado", "Low-level design approved"), "gate", 0.18, 0.10),
        ("M03", kind.delivered, "billing", 0.36, 0.25),
        ("M04", ("Instalación terminada", "Installation complete"), "internal", 0.55, 0.0),
        ("M05", kind.proven, "internal", 0.68, 0.15),
        ("M06", kind.wave, "contractual", 0.80, 0.0),
        ("M07", kind.service, "contractual", SERVICE_AT, 0.25),
        (
            "M08",
            ("Acta de aceptación provisional", "Provisional acceptance certificate"),
            "acceptance",
            1.0,
            0.15,
        ),
        ("M09", ("Acta de aceptación final", "Final acceptance certificate"), "acceptance", 1.01, 0.10),
    )
    before = 0.0
    milestones = []
    for milestone_id, name, family, position, billing in plan:
        weight = round(min(position, 1.0) - before, 4)
        before = min(position, 1.0)
        milestones.append(Milestone(milestone_id, name, family, position, weight, billing))
    return tuple(milestones)


def reports_of(course: Course, months: int, seed: int) -> Reports:
    """The status dates of a project: among the last `months` month ends, from its bid to its closing."""
    project = course.project
    last = months_between(project.start, min(LAST_STATUS, course.behaviour.last_report))
    first = max(-BID_MONTHS, months_between(project.start, LAST_STATUS) - months + 1)
    reports = Reports(course, (), seed)
    if project.story == "sparse":
        return Reports(course, (last,), seed)
    closed = reports.final_acceptance
    if closed is not None:
        last = min(last, int(np.ceil(closed)))
    return Reports(course, tuple(range(first, last + 1)), seed)


def days(count: float) -> timedelta:
    """A number of days."""
    return timedelta(days=round(count))
