"""Who and what the demonstration is about: programmes, projects and the stories they tell.

Customers, suppliers and people are invented; places, currencies and exchange rates are real. Amounts are
millions of the contract's currency. A project's course of work is given by its `outlook`, or by its
`story` where it has one (see STORIES, told in docs/demonstration.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

LAST_STATUS = date(2025, 8, 31)


@dataclass(frozen=True)
class Programme:
    """A customer's programme; `country` is ISO 3166-1 alpha-2."""

    programme_id: str
    name: str
    customer: str
    country: str
    sponsor: str
    since: date


@dataclass(frozen=True)
class Project:
    """A contract to deliver: `value` in millions of `currency`, `months` the original duration."""

    project_id: str
    name: str
    programme: Programme
    kind: str
    region: str
    manager: str
    currency: str
    value: float
    margin: float
    start: date
    months: int
    outlook: str = "green"
    usd_share: float = 0.05
    hedged_share: float = 0.0
    sites: int = 0
    story: str | None = None

    @property
    def spanish(self) -> bool:
        """Whether the project office reports in Spanish (Mexico) or in English (Colombia)."""
        return self.programme.country == "MX"


@dataclass(frozen=True)
class Story:
    """A true story the screens must reveal: where it is told, and the months it happens in."""

    key: str
    project_ids: tuple[str, ...]
    since: date
    until: date
    fact: str


# fmt: off
PROGRAMMES = (
    Programme("ANA-5G", "Evolución a 5G Anáhuac", "Telecomunicaciones del Anáhuac", "MX",
              "Renata Olvera Quiñones", date(2022, 6, 1)),
    Programme("ANA-OPS", "Operación y BSS Anáhuac", "Telecomunicaciones del Anáhuac", "MX",
              "Renata Olvera Quiñones", date(2023, 1, 1)),
    Programme("CEN-RAN", "Modernización RAN Cenzontle", "Móvil Cenzontle", "MX",
              "Gonzalo Arizmendi Peralta", date(2023, 3, 1)),
    Programme("CEN-CLD", "Nube de red Cenzontle", "Móvil Cenzontle", "MX",
              "Gonzalo Arizmendi Peralta", date(2024, 1, 1)),
    Programme("SIE-TRX", "Transporte IP Sierra Alta", "Red Sierra Alta", "MX",
              "Ximena Barragán Soto", date(2023, 6, 1)),
    Programme("QUE-ACC", "Acceso fijo Quetzalia", "Banda Ancha Quetzalia", "MX",
              "Ximena Barragán Soto", date(2024, 2, 1)),
    Programme("FRA-5G", "Frailejón 5G", "Comunicaciones Frailejón", "CO",
              "Julián Echavarría Rueda", date(2022, 8, 1)),
    Programme("FRA-OPS", "Frailejón OSS & Care", "Comunicaciones Frailejón", "CO",
              "Julián Echavarría Rueda", date(2022, 12, 1)),
    Programme("YAR-RAN", "Yarumo RAN modernisation", "Móvil Yarumo", "CO",
              "Natalia Guarín Posada", date(2023, 11, 1)),
    Programme("COR-COR", "Cordillera Azul core & IP", "Red Cordillera Azul", "CO",
              "Natalia Guarín Posada", date(2023, 2, 1)),
)
# fmt: on
BY_ID = {programme.programme_id: programme for programme in PROGRAMMES}


def _project(
    project_id: str,
    name: str,
    programme: str,
    kind: str,
    region: str,
    manager: str,
    currency: str,
    value: float,
    margin: float,
    start: str,
    months: int,
    outlook: str = "green",
    *,
    usd: float = 0.05,
    hedged: float = 0.0,
    sites: int = 0,
    story: str | None = None,
) -> Project:
    year, month = (int(part) for part in start.split("-"))
    return Project(
        project_id,
        name,
        BY_ID[programme],
        kind,
        region,
        manager,
        currency,
        value,
        margin,
        date(year, month, 1),
        months,
        outlook,
        usd,
        hedged,
        sites,
        story,
    )


# fmt: off
PROJECTS = (
    # The ten stories, in the order of docs/demonstration.md.
    _project("MX-2401", "Core swap Bajío", "ANA-5G", "core", "Guanajuato", "Mariana Ledezma Ortuño",
             "MXN", 410, 0.24, "2024-09", 18, usd=0.04, story="watermelon"),
    _project("CO-2301", "OSS consolidation Bogotá", "FRA-OPS", "oss", "Bogotá, D.C.", "Andrés Felipe Cuartas",
             "COP", 38_000, 0.22, "2023-03", 24, usd=0.03, story="rebaselined"),
    _project("MX-2402", "Núcleo 5G SA Monterrey", "ANA-5G", "sa5g", "Nuevo León", "Héctor Villaseñor Rangel",
             "MXN", 640, 0.24, "2024-04", 20, usd=0.50, story="exchange_rate"),
    _project("CO-2302", "IMS and VoLTE Caribe", "COR-COR", "ims", "Atlántico", "Paola Insignares Vélez",
             "COP", 29_000, 0.23, "2023-06", 18, usd=0.04, story="unsigned"),
    _project("MX-2403", "Nube de red Querétaro", "CEN-CLD", "cloud", "Querétaro", "Ulises Tamayo Bracho",
             "USD", 9.8, 0.21, "2024-07", 18, story="silent"),
    _project("CO-2401", "IP backbone Eje Cafetero", "COR-COR", "ip", "Risaralda", "Daniela Ocampo Mejía",
             "USD", 7.4, 0.20, "2024-06", 18, story="early"),
    _project("MX-2301", "RAN swap Occidente y Norte", "CEN-RAN", "ran", "Jalisco", "Leonel Zataráin Cota",
             "USD", 46, 0.19, "2023-10", 26, sites=2000, story="permits"),
    _project("CO-2402", "RAN swap Valle de Aburrá", "YAR-RAN", "ran", "Antioquia", "Catalina Restrepo Uribe",
             "COP", 52_000, 0.21, "2024-03", 22, usd=0.04, sites=220, story="supplier"),
    _project("MX-2404", "Tarificación convergente", "ANA-OPS", "bss", "Ciudad de México", "Iván Morales Haro",
             "MXN", 280, 0.26, "2024-05", 20, usd=0.03, story="claimed"),
    _project("CO-2406", "5G SA core Medellín", "FRA-5G", "sa5g", "Antioquia", "Sebastián Londoño Gil",
             "COP", 61_000, 0.22, "2024-06", 17, usd=0.03, story="notice_missed"),
    _project("CO-2502", "Coverage study Orinoquía", "FRA-5G", "ran", "Meta", "", "COP", 900, 0.2,
     "2025-06", 4,
             story="sparse"),
    _project("MX-2405", "Troncal IP Sonora–Sinaloa", "SIE-TRX", "ip", "Sonora", "Rocío Valenzuela Ibarra",
             "MXN", 230, 0.22, "2024-07", 18, usd=0.03, story="reported_worse"),
    _project("CO-2407", "Edge data centre Barranquilla", "FRA-5G", "dc", "Atlántico", "Camilo Barros Noguera",
             "USD", 5.6, 0.18, "2024-05", 14, story="cancelled"),
    _project("MX-2406", "Centro de datos Toluca", "CEN-CLD", "dc", "Estado de México",
     "Aurora Cienfuegos Rea",
             "USD", 14.2, 0.2, "2024-06", 20, story="change_started"),
    _project("CO-2403", "OSS assurance Cali", "FRA-OPS", "oss", "Valle del Cauca", "Valentina Caicedo Ruiz",
             "COP", 18_500, 0.23, "2024-03", 18, usd=0.03, story="handover_overdue"),
    # The rest of the programme that suffers from one supplier.
    _project("CO-2404", "RAN swap Valle del Cauca", "YAR-RAN", "ran", "Valle del Cauca",
     "Óscar Murillo Tello",
             "COP", 27_000, 0.21, "2024-08", 16, usd=0.03, sites=90, story="supplier_mate"),
    _project("CO-2405", "4G expansion Santander", "YAR-RAN", "ran", "Santander", "Laura Pabón Serrano",
             "COP", 16_000, 0.2, "2024-10", 15, usd=0.03, sites=60, story="supplier_mate"),
    _project("CO-2408", "Microwave transport Boyacá", "YAR-RAN", "ip", "Boyacá", "Edgar Sogamoso Niño",
             "COP", 12_400, 0.21, "2024-09", 16, usd=0.03, story="supplier_mate"),
    _project("CO-2501", "Indoor coverage Bogotá", "YAR-RAN", "ran", "Bogotá, D.C.", "Mónica Achury Prieto",
             "COP", 9_800, 0.22, "2025-01", 14, usd=0.03, sites=40, story="supplier_mate"),
    # Everyday projects, Mexico.
    _project("MX-2407", "Core swap Sureste", "ANA-5G", "core", "Yucatán", "Gerardo Canché Uc",
             "MXN", 365, 0.23, "2024-02", 21, hedged=0.6, usd=0.04),
    _project("MX-2408", "Núcleo 5G SA Puebla", "ANA-5G", "sa5g", "Puebla", "Lucía Tecuapetla Ríos",
             "USD", 16.5, 0.22, "2024-10", 16),
    _project("MX-2409", "RAN swap Aguascalientes–Zacatecas", "CEN-RAN", "ran", "Aguascalientes",
             "Jorge Esparza Luévano", "USD", 8.9, 0.2, "2024-08", 18, "late", sites=150),
    _project("MX-2410", "Cobro en línea prepago", "ANA-OPS", "bss", "Ciudad de México", "Sofía Galindo Trejo",
             "MXN", 190, 0.25, "2024-01", 22, "dear", usd=0.02),
    _project("MX-2411", "Microondas Sierra Tarahumara", "SIE-TRX", "ip", "Chihuahua", "Raúl Terrazas Loya",
             "MXN", 148, 0.2, "2024-06", 17, usd=0.03),
    _project("MX-2412", "Anillo DWDM Golfo", "SIE-TRX", "ip", "Veracruz", "Nadia Xolot Pretelín",
             "USD", 11.3, 0.21, "2024-03", 20, "defects"),
    _project("MX-2413", "FTTH Mérida", "QUE-ACC", "ftth", "Yucatán", "Alonso Peniche Cáceres",
             "MXN", 175, 0.19, "2024-09", 16, usd=0.04, hedged=0.5),
    _project("MX-2414", "FTTH Aguascalientes", "QUE-ACC", "ftth", "Aguascalientes", "Brenda Macías Puga",
             "MXN", 132, 0.19, "2024-11", 14, usd=0.03),
    _project("MX-2415", "Voz fija IMS Morelia", "QUE-ACC", "ims", "Michoacán", "Efraín Huerta Cázares",
             "MXN", 96, 0.24, "2024-05", 18, "unhappy", usd=0.02),
    _project("MX-2501", "NFVI regional Guadalajara", "CEN-CLD", "cloud", "Jalisco", "Karla Ávalos Mojarro",
             "USD", 7.1, 0.21, "2025-01", 14),
    _project("MX-2502", "Centro de datos Monterrey", "CEN-CLD", "dc", "Nuevo León", "Tomás Elizondo Sada",
             "USD", 18.0, 0.2, "2025-02", 18),
    _project("MX-2503", "5G SA fase 2 Valle de México", "ANA-5G", "sa5g", "Ciudad de México",
             "Paulina Arroyo Islas", "USD", 21.5, 0.22, "2025-05", 18),
    _project("MX-2504", "Atención gestionada del NOC", "ANA-OPS", "care", "Ciudad de México",
             "Ricardo Bautista Mena", "MXN", 324, 0.18, "2025-01", 24, usd=0.0),
    _project("MX-2505", "RAN 5G Tijuana–Mexicali", "CEN-RAN", "ran", "Baja California", "Elena Cota Romo",
             "USD", 6.2, 0.2, "2025-03", 15, sites=80),
    _project("MX-2506", "Automatización del OSS", "ANA-OPS", "oss", "Ciudad de México", "Fabián Orduña Lira",
             "MXN", 88, 0.25, "2025-08", 14, "no_order", usd=0.02),
    _project("MX-2507", "Cobro 5G y convergencia", "ANA-OPS", "bss", "Ciudad de México",
     "Sofía Galindo Trejo",
             "MXN", 210, 0.24, "2025-11", 18, usd=0.03),
    _project("MX-2302", "Núcleo móvil Occidente", "ANA-5G", "core", "Jalisco", "Gerardo Canché Uc",
             "USD", 12.0, 0.22, "2022-09", 15),
    _project("MX-2303", "VoLTE nacional, fase 1", "ANA-5G", "ims", "Ciudad de México",
     "Lucía Tecuapetla Ríos",
             "USD", 8.4, 0.23, "2022-11", 18),
    _project("MX-2304", "Consolidación OSS Norte", "ANA-OPS", "oss", "Coahuila", "Fabián Orduña Lira",
             "USD", 6.6, 0.22, "2023-04", 24),
    _project("MX-2305", "Sustitución de HLR y HSS", "ANA-5G", "core", "Ciudad de México",
             "Paulina Arroyo Islas", "USD", 5.9, 0.24, "2023-07", 21),
    # Everyday projects, Colombia.
    _project("CO-2303", "Core swap Bogotá", "FRA-5G", "core", "Bogotá, D.C.", "Sebastián Londoño Gil",
             "USD", 13.2, 0.22, "2023-05", 23),
    _project("CO-2201", "VoWiFi nationwide", "COR-COR", "ims", "Bogotá, D.C.", "Paola Insignares Vélez",
             "USD", 3.8, 0.25, "2022-10", 14),
    _project("CO-2409", "5G packet core Cartagena", "FRA-5G", "core", "Bolívar", "Camilo Barros Noguera",
             "COP", 33_000, 0.22, "2024-09", 16, usd=0.04),
    _project("CO-2410", "OSS inventory Bucaramanga", "FRA-OPS", "oss", "Santander", "Andrés Felipe Cuartas",
             "COP", 14_200, 0.23, "2024-08", 15, "late", usd=0.02),
    _project("CO-2411", "Managed care and NOC", "FRA-OPS", "care", "Bogotá, D.C.", "Liliana Forero Casas",
             "COP", 42_000, 0.18, "2024-07", 24, usd=0.0),
    _project("CO-2412", "IMS core Ibagué", "COR-COR", "ims", "Tolima", "Germán Varón Lozano",
             "COP", 11_600, 0.24, "2024-11", 14, usd=0.03),
    _project("CO-2413", "Transport ring Huila", "COR-COR", "ip", "Huila", "Daniela Ocampo Mejía",
             "COP", 15_300, 0.21, "2024-04", 19, "dear", usd=0.02),
    _project("CO-2503", "Cloud RAN pilot Bogotá", "FRA-5G", "cloud", "Bogotá, D.C.", "Liliana Forero Casas",
             "USD", 4.3, 0.2, "2025-04", 13),
    _project("CO-2504", "BSS charging renewal", "FRA-OPS", "bss", "Bogotá, D.C.", "Valentina Caicedo Ruiz",
             "COP", 31_000, 0.23, "2025-10", 16, usd=0.03),
)

STORIES = (
    Story("watermelon", ("MX-2401",), date(2025, 4, 30), date(2025, 8, 31),
          "Reported green for five months while SPI(t) falls below 0.90."),
    Story("rebaselined", ("CO-2301",), date(2024, 6, 30), date(2025, 8, 31),
          "Re-baselined twice: next to no slip against the current baseline, about a third of the "
          "original one."),
    Story("exchange_rate", ("MX-2402",), date(2024, 6, 30), date(2025, 8, 31),
          "The whole margin loss is the peso: unhedged dollar equipment in a peso contract, local lines "
          "on plan."),
    Story("unsigned", ("CO-2302",), date(2024, 12, 31), date(2025, 8, 31),
          "Delivered in November 2024; acceptance rejected twice, unsigned since, and the cash stuck "
          "with it."),
    Story("silent", ("MX-2403",), date(2025, 7, 31), date(2025, 8, 31),
          "No report for two months: the last one is of 30 June 2025."),
    Story("early", ("CO-2401",), date(2025, 1, 31), date(2025, 8, 31),
          "Early and profitable: ahead of the baseline, cheaper than sold."),
    Story("permits", ("MX-2301",), date(2024, 9, 30), date(2025, 8, 31),
          "Two thousand sites; the burn-up lags behind the plan for municipal permits."),
    Story("supplier", ("CO-2402", "CO-2404", "CO-2405", "CO-2408", "CO-2501"),
          date(2025, 1, 31), date(2025, 8, 31),
          "A healthy programme apart from one supplier: late sites and a growing subcontract of SUP-41."),
    Story("claimed", ("MX-2404",), date(2025, 2, 28), date(2025, 8, 31),
          "A delay caused by the customer, claimed in time: 60 days claimed, 45 granted."),
    Story("notice_missed", ("CO-2406",), date(2025, 4, 30), date(2025, 8, 31),
          "A delay caused by the customer whose notice was never sent; damages threaten."),
    Story("sparse", ("CO-2502",), date(2025, 8, 31), date(2025, 8, 31),
          "A name and one report; all else unknown."),
    Story("reported_worse", ("MX-2405",), date(2025, 5, 31), date(2025, 8, 31),
          "Reported amber, computed green: a cautious manager."),
    Story("cancelled", ("CO-2407",), date(2025, 2, 28), date(2025, 3, 31),
          "Cancelled by the customer in February 2025."),
    Story("change_started", ("MX-2406",), date(2025, 5, 31), date(2025, 8, 31),
          "Work started on a change of seven per cent of the contract that nobody has approved."),
    Story("handover_overdue", ("CO-2403",), date(2025, 7, 31), date(2025, 8, 31),
          "Two mandatory delivery-to-care checks are overdue days before the handover."),
)
# fmt: on

SUPPLIERS = {
    "SUP-11": ("Ingeniería de Torres Huizache", "MX"),
    "SUP-12": ("Enlaces y Obra Civil Pitahaya", "MX"),
    "SUP-13": ("Servicios de Integración Tejocote", "MX"),
    "SUP-14": ("Instalaciones Nopaltepec", "MX"),
    "SUP-41": ("Montajes Quebrada Honda", "CO"),
    "SUP-42": ("Obras y Fibra Guayacán", "CO"),
    "SUP-43": ("Integración Páramo Alto", "CO"),
    "SUP-44": ("Telemontajes El Samán", "CO"),
}
LATE_SUPPLIER = "SUP-41"


def projects(count: int) -> tuple[Project, ...]:
    """The first `count` projects, stories first; beyond the written ones, everyday projects under new ids."""
    if count <= len(PROJECTS):
        return PROJECTS[:count]
    everyday = [project for project in PROJECTS if project.story is None]
    more = []
    for index in range(count - len(PROJECTS)):
        template = everyday[index % len(everyday)]
        lap = index // len(everyday) + 2
        more.append(
            replace(template, project_id=f"{template.project_id}-{lap}", name=f"{template.name} {lap}")
        )
    return PROJECTS + tuple(more)
