"""Site-by-site rollouts: where the sites are, when each was planned, and what holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from loaders.demo.cash import suppliers_of
from loaders.demo.money import order_of
from loaders.demo.portfolio import LATE_SUPPLIER
from loaders.demo.reports import Reports, Row
from loaders.demo.texts import CITIES, PERMIT_REGIONS, SITE_REGIONS

STAGES = (
    ("accepted", 40),
    ("on_air", 0),
    ("integrated", -5),
    ("installed", -18),
    ("material", -45),
    ("permits", -80),
    ("design", -115),
    ("survey", -10_000),
)
CLEARED_BEFORE_AIR = {"permits": 60, "access": 30, "material": 25, "customer": 15, "supplier": 10}
SPREAD_DEGREES = 0.07
PERMITS_FROM = date(2024, 8, 1)


@dataclass(frozen=True)
class Site:
    """A site: its planned and its true day on air, and the cause of the days between."""

    site_id: str
    name: str
    region: str
    latitude: float
    longitude: float
    supplier_id: str
    planned: date
    on_air: date
    cause: str | None
    value: float


def sites_of(reports: Reports) -> list[Site]:
    """The sites of a project, in the order of their plan."""
    course, project = reports.course, reports.course.project
    rng = reports.rng("sites")
    regions = SITE_REGIONS.get(project.project_id, ((project.region, 1.0),))
    share = np.array([part for _, part in regions])
    suppliers = suppliers_of(reports)
    weights = np.array([part for _, part in suppliers])
    value = round(course.price * 0.8 / project.sites, 2)
    plan = course.plans[0]
    found = []
    for number in range(project.sites):
        region = regions[int(rng.choice(len(regions), p=share / share.sum()))][0]
        city, latitude, longitude = CITIES[region][int(rng.integers(len(CITIES[region])))]
        supplier = suppliers[int(rng.choice(len(suppliers), p=weights / weights.sum()))][0]
        position = 0.28 + 0.68 * (number + 0.5) / project.sites
        planned = reports.at(plan.when(position))
        late, cause = _lateness(reports, region, supplier, planned, rng)
        jitter = np.clip(rng.normal(0, SPREAD_DEGREES / 2, 2), -SPREAD_DEGREES, SPREAD_DEGREES)
        found.append(
            Site(
                f"{project.project_id}-S{number + 1:04d}",
                f"{city} {number + 1:04d}",
                region,
                round(latitude + float(jitter[0]), 5),
                round(longitude + float(jitter[1]), 5),
                supplier,
                planned,
                planned + timedelta(days=late),
                cause,
                value,
            )
        )
    return found


def _lateness(
    reports: Reports, region: str, supplier: str, planned: date, rng: np.random.Generator
) -> tuple[int, str | None]:
    """Days late and their cause; the stories' own causes first."""
    drawn, size = float(rng.random()), float(rng.random())
    if reports.story == "permits" and planned >= PERMITS_FROM:
        stuck = 0.72 if region in PERMIT_REGIONS else 0.22
        if drawn < stuck:
            return 70 + int(200 * size), "permits"
    if supplier == LATE_SUPPLIER and planned >= date(2025, 1, 1) and drawn < 0.8:
        return 70 + int(110 * size), "supplier"
    drift = 25 if reports.course.project.outlook == "late" else 0
    if drawn > 0.9:
        return drift + 12 + int(30 * size), ("access", "material", "customer")[int(size * 3)]
    return drift + int(13 * size) - 6, None


def sites(reports: Reports) -> list[Row]:
    """Rows of `sites`: every site at every status date."""
    project = reports.course.project
    if not project.sites:
        return []
    order, places = order_of(reports), sites_of(reports)
    rows: list[Row] = []
    for month in reports.months:
        if month < 2:
            continue
        today = reports.day(month)
        rows.extend(_site(site, today, order) for site in places)
    return rows


def _site(site: Site, today: date, order: str) -> Row:
    on_air = site.on_air <= today
    late = (site.on_air - site.planned).days
    known = min(1.0, max(0.0, (today - site.planned).days + 75) / 110)
    forecast = site.planned + timedelta(days=round(late * known))
    cleared = site.on_air - timedelta(days=CLEARED_BEFORE_AIR.get(site.cause or "", 0))
    planned_clearance = site.planned - timedelta(days=CLEARED_BEFORE_AIR.get(site.cause or "", 0))
    blocked = site.cause is not None and planned_clearance <= today < cleared
    ahead = (today - site.on_air).days
    if blocked:
        ahead = min(ahead, {"permits": -80, "access": -45, "material": -45}.get(site.cause or "", -18))
    stage = next(name for name, reached in STAGES if ahead >= reached)
    signed = site.on_air + timedelta(days=40)
    final = site.on_air + timedelta(days=130)
    return {
        "site_id": site.site_id,
        "status_date": today,
        "name": site.name,
        "region": site.region,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "supplier_id": site.supplier_id,
        "order_id": order,
        "stage": stage,
        "planned_on_air": site.planned,
        "forecast_on_air": None if on_air else max(forecast, today + timedelta(days=7)),
        "actual_on_air": site.on_air if on_air else None,
        "provisional_acceptance_on": signed if signed <= today else None,
        "final_acceptance_on": final if final <= today else None,
        "blocked_by": site.cause if blocked else None,
        "value": site.value,
    }
