"""How a project goes: the plan, the work done each month, and what it costs.

Time is counted in months since the project's start: month `n` is its n-th month end, and month 0 the day
before the first. Work is a position between 0 and 1; each cost line is earned along its own curve of
that position, so planned value, earned value and actual cost agree line by line. Earned time (earned
schedule) is the month at which the plan in force holds the position reached, so SPI(t) is exactly earned
time over elapsed time.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from loaders.demo.portfolio import LAST_STATUS, Project
from loaders.demo.texts import KINDS

Array = NDArray[np.float64]

CONTINGENCY_SHARE = 0.045
WARRANTY_MONTHS = 6
LOCAL_SHARE_OF_DOLLAR_CONTRACTS = 0.10
SOLD_BEFORE_START = timedelta(days=45)
LOCAL_CURRENCY = {"MX": "MXN", "CO": "COP"}
EFFORT_LINES = ("labour", "subcontract")


@dataclass(frozen=True)
class Behaviour:
    """The course a project takes.

    `pace` holds (from month, months of plan earned per month); `cost_factor` is the cost of effort over
    its budget from a month on, were effort half of the budget; `candour` how much of the truth the
    manager's dates admit; `contract_float` days between baseline and contract dates; `rebaselines`
    (month, new finish month, growth of the budget).
    """

    pace: tuple[tuple[int, float], ...] = ((1, 1.0),)
    noise: float = 0.02
    cost_factor: tuple[tuple[int, float], ...] = ((1, 1.0),)
    factor_lines: tuple[str, ...] = EFFORT_LINES
    candour: float = 0.9
    contract_float: int = 45
    rebaselines: tuple[tuple[int, int, float], ...] = ()
    tail_cost: float = 0.0
    last_report: date = LAST_STATUS


BEHAVIOURS: dict[str, Behaviour] = {
    "green": Behaviour(),
    "late": Behaviour(pace=((1, 0.97), (4, 0.915)), noise=0.008, contract_float=75),
    "dear": Behaviour(cost_factor=((1, 1.03), (5, 1.13))),
    "defects": Behaviour(),
    "unhappy": Behaviour(),
    "no_order": Behaviour(),
    "watermelon": Behaviour(
        pace=((1, 0.975), (8, 0.61), (9, 0.75), (10, 0.71), (11, 0.67), (12, 0.63)),
        noise=0.0,
        cost_factor=((1, 1.02), (8, 1.06)),
        candour=0.12,
    ),
    "rebaselined": Behaviour(
        pace=((1, 0.85), (17, 0.78), (25, 0.99)),
        noise=0.005,
        cost_factor=((1, 1.08), (12, 1.17)),
        candour=0.8,
        rebaselines=((16, 28, 1.06), (24, 32, 1.05)),
        contract_float=280,
    ),
    "exchange_rate": Behaviour(pace=((1, 0.995),), noise=0.004),
    "unsigned": Behaviour(pace=((1, 1.0),), noise=0.0, cost_factor=((1, 1.01),), tail_cost=0.004),
    "silent": Behaviour(last_report=date(2025, 6, 30)),
    "early": Behaviour(pace=((1, 1.02), (3, 1.11)), noise=0.004, cost_factor=((1, 0.88),)),
    "permits": Behaviour(
        pace=((1, 1.0), (11, 0.74)), noise=0.01, cost_factor=((1, 1.01), (11, 1.05)), candour=0.8
    ),
    "supplier": Behaviour(
        pace=((1, 1.0), (10, 0.88)),
        noise=0.004,
        cost_factor=((1, 1.0), (10, 1.08)),
        factor_lines=("subcontract",),
        contract_float=75,
    ),
    "supplier_mate": Behaviour(noise=0.008, cost_factor=((1, 1.0), (6, 1.03)), factor_lines=("subcontract",)),
    "claimed": Behaviour(pace=((1, 1.0), (9, 0.35), (10, 0.45), (11, 1.0)), noise=0.003, contract_float=0),
    "notice_missed": Behaviour(
        pace=((1, 1.0), (10, 0.3), (11, 0.3), (12, 1.0)), noise=0.003, contract_float=0
    ),
    "reported_worse": Behaviour(noise=0.01),
    "cancelled": Behaviour(pace=((1, 0.7),), last_report=date(2025, 3, 31)),
    "change_started": Behaviour(noise=0.01),
    "handover_overdue": Behaviour(pace=((1, 0.984),), noise=0.002),
    "sparse": Behaviour(),
}

CURVES: dict[str, Callable[[Array], Array]] = {
    "labour": lambda x: 0.6 * (3 * x**2 - 2 * x**3) + 0.4 * x,
    "subcontract": lambda x: _smooth((x - 0.22) / 0.76),
    "material": lambda x: _smooth((x - 0.12) / 0.5),
    "uninstalled_material": lambda x: _smooth((x - 0.05) / 0.4),
    "travel": lambda x: x,
    "other": lambda x: x,
    "warranty": lambda x: _smooth((x - 0.5) / 0.5),
}


def _smooth(x: Array) -> Array:
    clipped = np.clip(x, 0.0, 1.0)
    return clipped * clipped * (3 - 2 * clipped)


def behaviour_of(project: Project) -> Behaviour:
    """How this project goes: its story's course, else its outlook's."""
    return BEHAVIOURS[project.story or project.outlook]


def month_end(start: date, month: int) -> date:
    """The last day of the project's n-th month; month 0 is the day before `start`."""
    index = start.year * 12 + start.month - 1 + month - 1
    year, zero_based = divmod(index, 12)
    return date(year, zero_based + 1, calendar.monthrange(year, zero_based + 1)[1])


def date_at(start: date, month: float) -> date:
    """The day at a fractional month."""
    whole = int(np.floor(month))
    before = month_end(start, whole)
    length = (month_end(start, whole + 1) - before).days
    return before + timedelta(days=round((month - whole) * length))


def months_between(start: date, end: date) -> int:
    """The project's month that ends on the month end `end`; not positive before the start."""
    return (end.year - start.year) * 12 + end.month - start.month + 1


@dataclass(frozen=True)
class Plan:
    """A baseline: the position planned at each whole month, and the growth of the original budget."""

    number: int
    from_month: int
    approved_on: date
    finish_month: int
    position: Array
    growth: float

    def at(self, month: float | Array) -> Array:
        """Planned position at a month."""
        return np.asarray(np.interp(month, np.arange(len(self.position)), self.position))

    def when(self, position: float) -> float:
        """The month at which a position is planned."""
        return float(np.interp(position, self.position, np.arange(len(self.position))))


@dataclass(frozen=True)
class Line:
    """A cost line of the original budget: its amount in project currency at the as-sold rate, by currency."""

    name: str
    parts: tuple[tuple[str, float], ...]

    @property
    def amount(self) -> float:
        """The line's budget in project currency."""
        return sum(amount for _, amount in self.parts)


@dataclass(frozen=True)
class Course:
    """A simulated project, the source of its reports. Money in project currency at the as-sold rate."""

    project: Project
    behaviour: Behaviour
    plans: tuple[Plan, ...]
    position: Array
    earned_time: Array
    lines: tuple[Line, ...]
    spent: Mapping[str, Array]
    contingency: float
    finished: float | None
    sold_on: date
    sold_rates: Mapping[str, float]

    @property
    def price(self) -> float:
        """The original contract value."""
        return round(self.project.value * 1e6, 2)

    @property
    def budget(self) -> float:
        """The original budget at completion, contingency apart."""
        return sum(line.amount for line in self.lines)

    def plan_at(self, month: int) -> Plan:
        """The plan in force at the end of a month."""
        return [plan for plan in self.plans if plan.from_month <= month][-1]

    def bac(self, month: int) -> float:
        """Budget at completion in force at the end of a month."""
        return round(self.budget * self.plan_at(month).growth, 2)

    def earned_share(self, position: float | Array) -> Array:
        """Share of the budget earned at a position."""
        x = np.asarray(position, dtype=float)
        total = sum((line.amount * CURVES[line.name](x) for line in self.lines), np.zeros_like(x))
        return total / self.budget

    def when(self, position: float) -> float | None:
        """The month at which a position was reached, or None."""
        if position > self.position[-1] + 1e-9:
            return None
        if position >= 1:
            return self.finished
        upto = int(np.argmax(self.position >= position - 1e-9))
        if upto == 0:
            return 0.0
        low, high = self.position[upto - 1], self.position[upto]
        return upto - 1 + float(np.clip((position - low) / (high - low), 0, 1))

    def recent_pace(self, month: int) -> float:
        """Months of plan earned per month, lately."""
        first = max(self.plan_at(month).from_month, month - 4)
        if month - first < 1:
            return 1.0
        return max(0.3, float((self.earned_time[month] - self.earned_time[first]) / (month - first)))

    def expected_finish(self, month: int) -> float:
        """The month of completion that the record so far suggests (the actual one once complete)."""
        done = self.when(1.0)
        if done is not None and done <= month:
            return done
        plan = self.plan_at(month)
        return month + (plan.finish_month - float(self.earned_time[month])) / self.recent_pace(month)

    def stated_finish(self, month: int) -> float:
        """The month of completion the manager states: by steps of a quarter month, and only so candid."""
        done = self.when(1.0)
        if done is not None and done <= month:
            return done
        planned = self.plan_at(month).finish_month
        moved = self.behaviour.candour * (self.expected_finish(month) - planned)
        return float(max(planned + round(moved * 4) / 4, month + 0.25))

    def stated_date(self, month: int, position: float) -> float:
        """The month the manager states for a position not yet reached."""
        plan = self.plan_at(month)
        planned, earned = plan.when(position), float(self.earned_time[month])
        remaining = plan.finish_month - earned
        share = 1.0 if remaining <= 0 else float(np.clip((planned - earned) / remaining, 0, 1))
        behind = self.behaviour.candour * (month - earned)
        ahead = self.stated_finish(month) - plan.finish_month
        moved = round((behind + (ahead - behind) * share) * 4) / 4
        return max(planned + moved, month + 0.1)

    def actual_cost(self, month: int) -> float:
        """Cost to date."""
        return round(sum(round(float(spent[month]), 2) for spent in self.spent.values()), 2)

    def line_forecast(self, line: Line, month: int) -> float:
        """Cost at completion of one line: what is spent, and the rest at the efficiency so far."""
        curve = float(CURVES[line.name](np.asarray(self.position[month])))
        spent = float(self.spent[line.name][month])
        factor = 1.0
        if curve > 0.05:
            factor += 0.9 * (spent / (line.amount * curve) - 1)
        return spent + line.amount * (1 - curve) * factor


def _steps(table: tuple[tuple[int, float], ...], months: int) -> Array:
    """Values by month (index 0 is month 1) of a (from month, value) table."""
    values = np.empty(months)
    for start, value in table:
        values[start - 1 :] = value
    return values


def _cost_lines(project: Project, budget: float) -> tuple[Line, ...]:
    """The budget by line and currency: dollar equipment in peso contracts, local works in dollar ones."""
    local = LOCAL_CURRENCY[project.programme.country]
    shares = dict(KINDS[project.kind].shares)
    if project.currency == "USD":
        foreign, foreign_line, left = local, "subcontract", LOCAL_SHARE_OF_DOLLAR_CONTRACTS
    else:
        foreign, foreign_line, left = "USD", "material", project.usd_share
    lines = []
    for name, share in shares.items():
        abroad = min(left, share) if name == foreign_line else 0.0
        parts = [
            (project.currency, round(budget * (share - abroad), 2)),
            (foreign, round(budget * abroad, 2)),
        ]
        lines.append(Line(name, tuple((currency, amount) for currency, amount in parts if amount)))
    return tuple(lines)


def run(project: Project, rate_on: Callable[[str, date], float], rng: np.random.Generator) -> Course:
    """Simulate a project up to its last report.

    `rate_on(currency, day)` gives units per US dollar. The generator is the project's own, so that
    neither the number of projects nor the reported months change its course.
    """
    behaviour = behaviour_of(project)
    months = max(0, months_between(project.start, LAST_STATUS))
    pace = _steps(behaviour.pace, months) + np.clip(rng.normal(0, behaviour.noise, months), -0.04, 0.04)
    if (project.story or project.outlook) in {"green", "defects", "unhappy"}:
        pace = pace + rng.uniform(-0.008, 0.012)
    plan = Plan(
        0, 0, project.start - timedelta(days=20), project.months, np.linspace(0, 1, project.months + 1), 1.0
    )
    plans, position, earned = [plan], [0.0], [0.0]
    changes = {month: (finish, growth) for month, finish, growth in behaviour.rebaselines}
    finished: float | None = None
    for month in range(1, months + 1):
        if finished is None and earned[-1] + pace[month - 1] >= plan.finish_month:
            finished = month - 1 + (plan.finish_month - earned[-1]) / pace[month - 1]
        earned.append(min(earned[-1] + pace[month - 1], float(plan.finish_month)))
        position.append(float(plan.at(earned[-1])))
        if month in changes:
            finish, growth = changes[month]
            rest = np.linspace(position[-1], 1, finish - month + 1)[1:]
            plan = Plan(
                plan.number + 1,
                month,
                month_end(project.start, month),
                finish,
                np.concatenate([np.array(position), rest]),
                plan.growth * growth,
            )
            plans.append(plan)
            earned[-1] = float(month)
    sold_on = project.start - SOLD_BEFORE_START
    total = project.value * 1e6 * (1 - project.margin)
    contingency = round(total * CONTINGENCY_SHARE, 2)
    lines = _cost_lines(project, total - contingency)
    x = np.array(position)
    drift = 0.0 if behaviour.noise == 0 or project.story == "exchange_rate" else rng.uniform(-0.012, 0.012)
    effort = sum(line.amount for line in lines if line.name in behaviour.factor_lines) / (total - contingency)
    factors = 1 + (_steps(behaviour.cost_factor, months) + drift - 1) * 0.5 / effort
    spent = {}
    for line in lines:
        earned_steps = np.diff(CURVES[line.name](x)) * line.amount
        if line.name in behaviour.factor_lines:
            earned_steps = earned_steps * factors
        if line.name == "labour":
            earned_steps = earned_steps + np.where(x[1:] >= 1, behaviour.tail_cost * total, 0.0)
        spent[line.name] = np.concatenate([[0.0], np.cumsum(earned_steps)])
    currencies = {project.currency, LOCAL_CURRENCY[project.programme.country], "USD"}
    return Course(
        project,
        behaviour,
        tuple(plans),
        x,
        np.array(earned),
        lines,
        spent,
        contingency,
        finished,
        sold_on,
        {currency: rate_on(currency, sold_on) for currency in sorted(currencies)},
    )
