"""Words and shapes by kind of project. Every text is a pair: Spanish (Mexico), English (Colombia)."""

from __future__ import annotations

from dataclasses import dataclass

Text = tuple[str, str]


@dataclass(frozen=True)
class Kind:
    """What a kind of project costs (`shares` of the budget by line, summing to 1) and how it proceeds."""

    business_line: Text
    contract_type: Text
    revenue_method: str
    shares: dict[str, float]
    delivered: Text
    proven: Text
    wave: Text
    service: Text
    tasks: tuple[tuple[Text, tuple[Text, ...]], ...]


def say(text: Text, spanish: bool) -> str:
    """The text in the language of the project office."""
    return text[0] if spanish else text[1]


_EQUIPMENT = {
    "labour": 0.35,
    "subcontract": 0.17,
    "material": 0.40,
    "travel": 0.03,
    "other": 0.03,
    "warranty": 0.02,
}
_SOFTWARE = {"labour": 0.62, "subcontract": 0.17, "material": 0.12, "travel": 0.04, "other": 0.05}
_ROLLOUT = {
    "labour": 0.18,
    "subcontract": 0.43,
    "material": 0.30,
    "travel": 0.04,
    "other": 0.03,
    "warranty": 0.02,
}
_BUILD = {
    "labour": 0.22,
    "subcontract": 0.26,
    "material": 0.34,
    "uninstalled_material": 0.11,
    "travel": 0.02,
    "other": 0.03,
    "warranty": 0.02,
}
_CARE = {"labour": 0.74, "subcontract": 0.14, "travel": 0.03, "other": 0.09}
_FIXED: Text = ("precio fijo", "fixed price")

_DESIGN: tuple[Text, tuple[Text, ...]] = (
    ("Diseño", "Design"),
    (
        ("Levantamiento y auditoría de red", "Network audit and survey"),
        ("Diseño de alto nivel", "High-level design"),
        ("Diseño de bajo nivel", "Low-level design"),
        ("Plan de direccionamiento IP y numeración", "IP addressing and numbering plan"),
        ("Diseño de seguridad", "Security design"),
    ),
)
_SUPPLY: tuple[Text, tuple[Text, ...]] = (
    ("Suministro", "Supply"),
    (
        ("Órdenes de compra de equipo", "Equipment purchase orders"),
        ("Fabricación y pruebas en fábrica", "Manufacture and factory tests"),
        ("Importación y despacho aduanal", "Import and customs clearance"),
        ("Entrega en sitio", "Delivery to site"),
    ),
)
_MIGRATE: tuple[Text, tuple[Text, ...]] = (
    ("Migración", "Migration"),
    (
        ("Método de procedimiento aprobado", "Method of procedure approved"),
        ("Usuarios amigos", "Friendly users"),
        ("Ola de migración 1", "Migration wave 1"),
        ("Ola de migración 2", "Migration wave 2"),
        ("Puesta en servicio", "Cutover to service"),
    ),
)
_ACCEPT: tuple[Text, tuple[Text, ...]] = (
    ("Aceptación", "Acceptance"),
    (
        ("Pruebas de aceptación (ATP)", "Acceptance test procedure (ATP)"),
        ("Cierre de pendientes", "Punch list closed"),
        ("Documentación conforme a obra", "As-built documentation"),
        ("Acta de aceptación provisional", "Provisional acceptance certificate"),
    ),
)


def _work(*tasks: Text) -> tuple[Text, tuple[Text, ...]]:
    return ("Instalación e integración", "Installation and integration"), tasks


# fmt: off
KINDS: dict[str, Kind] = {
    "core": Kind(
        ("Redes núcleo", "Core networks"), _FIXED, "cost_to_cost", _EQUIPMENT,
        ("Servidores y licencias en sitio", "Servers and licences on site"),
        ("Primera llamada de extremo a extremo", "First end-to-end call"),
        ("Primeros 250 mil suscriptores migrados", "First 250k subscribers migrated"),
        ("Núcleo nuevo en servicio", "New core in service"),
        (_DESIGN, _SUPPLY, _work(
            ("Instalación de racks y energía", "Racks and power installed"),
            ("Instalación de NFVI", "NFVI installed"),
            ("Instanciación de MME/AMF y SGW/UPF", "MME/AMF and SGW/UPF instantiated"),
            ("Integración con HSS/UDM", "Integration with HSS/UDM"),
            ("Integración Diameter y SS7", "Diameter and SS7 integration"),
            ("Pruebas de redundancia geográfica", "Geo-redundancy tests"),
        ), _MIGRATE, _ACCEPT),
    ),
    "sa5g": Kind(
        ("Redes núcleo", "Core networks"), _FIXED, "cost_to_cost", {**_EQUIPMENT, "labour": 0.28,
         "subcontract": 0.12,
                                                                    "material": 0.52},
        ("Plataforma de nube en sitio", "Cloud platform on site"),
        ("Primera sesión PDU en SA", "First SA PDU session"),
        ("Segmento de red de prueba en servicio", "Pilot network slice in service"),
        ("5G SA comercial", "Commercial 5G SA launch"),
        (_DESIGN, _SUPPLY, _work(
            ("Instalación de la plataforma de contenedores", "Container platform installed"),
            ("Instanciación de AMF, SMF y UPF", "AMF, SMF and UPF instantiated"),
            ("UDM, AUSF y PCF", "UDM, AUSF and PCF"),
            ("NSSF y segmentación de red", "NSSF and network slicing"),
            ("Interfuncionamiento 4G/5G (N26)", "4G/5G interworking (N26)"),
            ("Pruebas de carga", "Load tests"),
        ), _MIGRATE, _ACCEPT),
    ),
    "ims": Kind(
        ("Redes núcleo", "Core networks"), _FIXED, "cost_to_cost",
        {**_EQUIPMENT, "labour": 0.45, "subcontract": 0.14, "material": 0.33},
        ("Plataforma IMS en sitio", "IMS platform on site"),
        ("Primera llamada VoLTE", "First VoLTE call"),
        ("Primera región con VoLTE", "First region on VoLTE"),
        ("Servicio de voz migrado", "Voice service migrated"),
        (_DESIGN, _SUPPLY, _work(
            ("Instanciación de CSCF y TAS", "CSCF and TAS instantiated"),
            ("SBC y control de frontera", "SBC and border control"),
            ("Integración con PCRF", "PCRF integration"),
            ("Pruebas de interconexión", "Interconnect tests"),
            ("Llamadas de emergencia", "Emergency calls"),
        ), _MIGRATE, _ACCEPT),
    ),
    "ran": Kind(
        ("Redes de acceso", "Radio access"), ("precio unitario por sitio", "unit price per site"),
         "milestone", _ROLLOUT,
        ("Primer lote de radios en bodega", "First batch of radios in warehouse"),
        ("Clúster piloto en servicio", "Pilot cluster on air"),
        ("Mitad de los sitios en servicio", "Half of the sites on air"),
        ("Todos los sitios en servicio", "All sites on air"),
        (_DESIGN, _SUPPLY, _work(
            ("Permisos y licencias municipales", "Permits and municipal licences"),
            ("Adecuación de torres y energía", "Tower and power works"),
            ("Instalación de radios y antenas", "Radios and antennas installed"),
            ("Integración al gestor", "Integration into the manager"),
            ("Optimización de clúster", "Cluster optimisation"),
        ), _MIGRATE, _ACCEPT),
    ),
    "oss": Kind(
        ("OSS y BSS", "OSS and BSS"), _FIXED, "cost_to_cost", _SOFTWARE,
        ("Ambientes de software entregados", "Software environments delivered"),
        ("Primer dominio integrado", "First domain integrated"),
        ("Inventario migrado, primera ola", "Inventory migrated, first wave"),
        ("Operación en la plataforma nueva", "Operation on the new platform"),
        (_DESIGN, _SUPPLY, _work(
            ("Instalación de ambientes", "Environments installed"),
            ("Adaptadores de gestión de fallas", "Fault management adapters"),
            ("Gestión de desempeño", "Performance management"),
            ("Inventario y reconciliación", "Inventory and reconciliation"),
            ("Automatización de órdenes de trabajo", "Work order automation"),
        ), _MIGRATE, _ACCEPT),
    ),
    "bss": Kind(
        ("OSS y BSS", "OSS and BSS"), _FIXED, "cost_to_cost", _SOFTWARE,
        ("Ambientes de tarificación entregados", "Charging environments delivered"),
        ("Primer CDR tarificado", "First CDR rated"),
        ("Migración de prepago, primera ola", "Prepaid migration, first wave"),
        ("Cobro en línea en servicio", "Online charging in service"),
        (_DESIGN, _SUPPLY, _work(
            ("Instalación de OCS y CCS", "OCS and CCS installed"),
            ("Catálogo de productos", "Product catalogue"),
            ("Integración Gy y Ro", "Gy and Ro integration"),
            ("Conciliación de saldos", "Balance reconciliation"),
            ("Facturación en paralelo", "Parallel billing run"),
        ), _MIGRATE, _ACCEPT),
    ),
    "dc": Kind(
        ("Centros de datos", "Data centres"), _FIXED, "cost_to_cost", _BUILD,
        ("Equipo de energía y clima en sitio", "Power and cooling plant on site"),
        ("Energización", "Power-on"),
        ("Primera sala lista", "First hall ready"),
        ("Centro de datos en operación", "Data centre in operation"),
        (_DESIGN, _SUPPLY, _work(
            ("Obra civil", "Civil works"),
            ("Subestación y plantas de emergencia", "Substation and gensets"),
            ("UPS y baterías", "UPS and batteries"),
            ("Clima de precisión", "Precision cooling"),
            ("Racks y cableado estructurado", "Racks and structured cabling"),
            ("Pruebas integradas nivel 5", "Level 5 integrated tests"),
        ), _MIGRATE, _ACCEPT),
    ),
    "cloud": Kind(
        ("Nube de telecomunicaciones", "Telco cloud"), _FIXED, "cost_to_cost", {**_EQUIPMENT, "labour": 0.42,
                                                                               "subcontract": 0.15,
                                                                               "material": 0.35},
        ("Servidores y almacenamiento en sitio", "Servers and storage on site"),
        ("Primera función de red instanciada", "First network function instantiated"),
        ("Primeras cargas migradas", "First workloads migrated"),
        ("Plataforma en producción", "Platform in production"),
        (_DESIGN, _SUPPLY, _work(
            ("Instalación de cómputo y red", "Compute and fabric installed"),
            ("Despliegue de NFVI", "NFVI deployed"),
            ("Orquestador y VIM", "Orchestrator and VIM"),
            ("Incorporación de funciones de red", "Network functions onboarded"),
            ("Pruebas de resiliencia", "Resilience tests"),
        ), _MIGRATE, _ACCEPT),
    ),
    "ip": Kind(
        ("Transporte", "Transport"), _FIXED, "cost_to_cost", {**_EQUIPMENT, "labour": 0.25,
         "subcontract": 0.25,
                                                              "material": 0.42},
        ("Enrutadores en sitio", "Routers on site"),
        ("Primer enlace en servicio", "First link in service"),
        ("Primer anillo migrado", "First ring migrated"),
        ("Red troncal en servicio", "Backbone in service"),
        (_DESIGN, _SUPPLY, _work(
            ("Adecuación de sitios", "Site preparation"),
            ("Instalación de enrutadores", "Routers installed"),
            ("Enlaces ópticos y de microondas", "Optical and microwave links"),
            ("Configuración MPLS y segment routing", "MPLS and segment routing"),
            ("Sincronía y temporización", "Synchronisation and timing"),
        ), _MIGRATE, _ACCEPT),
    ),
    "ftth": Kind(
        ("Acceso fijo", "Fixed access"), ("precio unitario por hogar", "unit price per home"), "milestone",
         _ROLLOUT,
        ("OLT y cable en bodega", "OLT and cable in warehouse"),
        ("Primer distrito encendido", "First district lit"),
        ("Mitad de los hogares pasados", "Half of the homes passed"),
        ("Red de acceso entregada", "Access network delivered"),
        (_DESIGN, _SUPPLY, _work(
            ("Permisos de vía pública", "Right-of-way permits"),
            ("Tendido de cable", "Cable laying"),
            ("Empalmes y cajas", "Splicing and boxes"),
            ("Instalación de OLT", "OLT installed"),
            ("Certificación óptica", "Optical certification"),
        ), _MIGRATE, _ACCEPT),
    ),
    "care": Kind(
        ("Servicios gestionados", "Managed services"), ("cuota mensual", "monthly fee"), "straight_line",
         _CARE,
        ("Herramientas de operación instaladas", "Operations tooling installed"),
        ("Operación en sombra terminada", "Shadow operation finished"),
        ("Primer año de servicio", "First year of service"),
        ("Renovación del contrato propuesta", "Contract renewal proposed"),
        (_DESIGN, _SUPPLY, _work(
            ("Transferencia de conocimiento", "Knowledge transfer"),
            ("Operación en sombra", "Shadow operation"),
            ("Acuerdos de nivel de servicio", "Service level agreements"),
            ("Mejora continua", "Continuous improvement"),
        ), _MIGRATE, _ACCEPT),
    ),
}

RISKS: tuple[tuple[Text, str, str], ...] = (
    (("Retraso de aduana en el segundo embarque", "Customs delay of the second shipment"), "supply", "risk"),
    (("Ventanas de mantenimiento insuficientes para la migración",
     "Too few maintenance windows for the migration"),
     "customer", "risk"),
    (("Rotación de ingenieros de integración", "Turnover of integration engineers"), "people", "risk"),
    (("Licencias de terceros vencen antes de la puesta en servicio",
     "Third-party licences lapse before cutover"),
     "technical", "risk"),
    (("Interfaz con la plataforma heredada sin documentar", "Undocumented interface to the legacy platform"),
     "technical", "risk"),
    (("Acceso a sala de equipo restringido", "Restricted access to the equipment room"), "customer", "risk"),
    (("Depreciación del peso frente al dólar", "Peso falls against the dollar"), "financial", "risk"),
    (("Bloqueos carreteros en temporada", "Seasonal road blockades"), "external", "risk"),
    (("Reutilizar la automatización de pruebas de otro proyecto", "Reuse test automation of another project"),
     "technical", "opportunity"),
    (("Descuento por volumen del fabricante", "Volume discount from the manufacturer"), "supply",
     "opportunity"),
)
RISK_CATEGORIES = {
    "supply": "Suministro", "customer": "Cliente", "people": "Personas", "technical": "Técnico",
    "financial": "Financiero", "external": "Externo",
}
RESPONSES: tuple[Text, ...] = (
    ("Adelantar el pedido y seguirlo cada semana", "Order ahead and follow up weekly"),
    ("Acordar calendario de ventanas con operación", "Agree a window calendar with operations"),
    ("Formar un segundo equipo", "Train a second team"),
    ("Prueba de concepto temprana", "Early proof of concept"),
)
ACTIONS: tuple[tuple[Text, str], ...] = (
    (("Confirmar la ventana de migración de la ola 1", "Confirm the maintenance window of wave 1"), "action"),
    (("Entregar la matriz de pruebas actualizada", "Deliver the updated test matrix"), "action"),
    (("Alarma intermitente en el nodo de redundancia", "Intermittent alarm on the standby node"), "issue"),
    (("Aprobar el alcance de la integración adicional", "Approve the scope of the extra integration"),
     "decision"),
    (("Asignar personal de operación para la capacitación", "Assign operations staff for training"),
     "action"),
    (("Faltan credenciales para el gestor heredado", "Credentials missing for the legacy manager"), "issue"),
    (("Elegir el método de retorno (fallback) de la migración",
     "Choose the fallback method of the migration"),
     "decision"),
    (("Actualizar el plan de contingencia", "Update the contingency plan"), "action"),
)
CHANGES: tuple[Text, ...] = (
    ("Integración adicional con la plataforma de interceptación",
     "Additional integration with lawful interception"),
    ("Ampliación de capacidad en un sitio", "Capacity expansion at one site"),
    ("Cambio de versión de software solicitado", "Software release change requested"),
    ("Capacitación adicional para operación", "Additional training for operations"),
)
CHANGE_STARTED: Text = (
    "Segunda acometida eléctrica y sala de baterías ampliada", "Second power feed and larger battery room",
)
DELAY_TITLES: tuple[Text, ...] = (
    ("Acceso tardío a la sala de equipo del cliente", "Late access to the customer's equipment room"),
    ("Congelamiento de red decidido por el cliente", "Network freeze decided by the customer"),
)
SELL_CHECKS: tuple[Text, ...] = (
    ("Contrato firmado recibido por entrega", "Signed contract received by delivery"),
    ("Alcance y exclusiones revisados", "Scope and exclusions reviewed"),
    ("Modelo de costos traspasado", "Cost model handed over"),
    ("Riesgos de la oferta transferidos", "Bid risks transferred"),
    ("Equipo clave asignado", "Key team assigned"),
)
CARE_CHECKS: tuple[Text, ...] = (
    ("Documentación conforme a obra entregada", "As-built documentation delivered"),
    ("Inventario de repuestos cargado", "Spares inventory loaded"),
    ("Personal de soporte capacitado", "Support staff trained"),
    ("Accesos y contraseñas entregados", "Access and passwords handed over"),
    ("Pendientes abiertos aceptados por soporte", "Open punch items accepted by care"),
    ("Acuerdo de nivel de servicio vigente", "Service level agreement in force"),
)
ROLES: tuple[Text, ...] = (
    ("Gerencia de proyecto", "Project management"),
    ("Ingeniería de solución", "Solution engineering"),
    ("Integración y pruebas", "Integration and test"),
)
OPPORTUNITIES: tuple[tuple[Text, str], ...] = (
    (("Ampliación de licencias de capacidad", "Capacity licence extension"), "upsell"),
    (("Soporte 7×24 por tres años", "24×7 support for three years"), "cross_sell"),
    (("Analítica de experiencia de cliente", "Customer experience analytics"), "cross_sell"),
    (("Segmento de red para industria", "Network slice for industry"), "upsell"),
)
OPPORTUNITY_STAGES: tuple[Text, ...] = (
    ("Identificada", "Identified"), ("Propuesta enviada", "Proposal sent"), ("Negociación", "Negotiation"),
)
COMMENTS: tuple[tuple[float, Text], ...] = (
    (8.0, ("El equipo responde y cumple lo acordado.", "The team responds and keeps its word.")),
    (6.0, ("Falta seguimiento a los pendientes.", "Open points are not followed up.")),
    (0.0, ("Pendientes sin cerrar; no firmaremos así.", "Open points remain; we will not sign like this.")),
)
REJECTION: Text = ("Pendientes mayores abiertos", "Major punch items open")
REBASELINE_REASONS: tuple[Text, ...] = (
    ("Replanificación por reconciliación de inventario",
     "Replanned: inventory reconciliation underestimated"),
    ("Replanificación por alcance de integraciones", "Replanned: more interfaces than surveyed"),
)
ORIGINAL_BASELINE: Text = ("Línea base de contrato", "Contract baseline")
# fmt: on

SUMMARY = {
    "green": ("Avance de {done} %, conforme al plan.", "{done} % complete, on plan."),
    "amber": (
        "Avance de {done} %; desviación en seguimiento.",
        "{done} % complete; a deviation is being followed.",
    ),
    "red": (
        "Avance de {done} %; se requiere apoyo de la dirección.",
        "{done} % complete; leadership support needed.",
    ),
}
ACHIEVED: Text = ("Se cumplió: {name}.", "Achieved: {name}.")
NEXT: Text = ("Siguiente: {name}, {day}.", "Next: {name}, {day}.")
DECISION: dict[str, Text] = {
    "unsigned": (
        "Escalar la firma del acta.",
        "Escalate the signature of the certificate to the customer's CTO.",
    ),
    "change_started": ("Aprobar o detener el cambio CC-02.", "Approve or stop change CC-02."),
    "permits": ("Apoyo del cliente ante los municipios.", "Customer support with the municipalities."),
    "notice_missed": (
        "Negociar los días pese al aviso omitido.",
        "Negotiate the days although the notice was missed.",
    ),
}

CITIES: dict[str, tuple[tuple[str, float, float], ...]] = {
    "Jalisco": (
        ("Guadalajara", 20.676, -103.347),
        ("Lagos de Moreno", 21.356, -101.929),
        ("Ameca", 20.548, -104.046),
    ),
    "Zacatecas": (("Zacatecas", 22.771, -102.583), ("Fresnillo", 23.175, -102.868)),
    "Durango": (("Durango", 24.028, -104.653), ("Gómez Palacio", 25.561, -103.496)),
    "Coahuila": (
        ("Saltillo", 25.423, -101.005),
        ("Torreón", 25.543, -103.419),
        ("Monclova", 26.907, -101.421),
    ),
    "Nuevo León": (("Monterrey", 25.687, -100.316), ("Linares", 24.860, -99.567)),
    "Chihuahua": (
        ("Chihuahua", 28.633, -106.069),
        ("Delicias", 28.190, -105.470),
        ("Cuauhtémoc", 28.405, -106.867),
    ),
    "Michoacán": (("Morelia", 19.706, -101.195), ("Uruapan", 19.417, -102.057)),
    "Guanajuato": (("León", 21.122, -101.684), ("Celaya", 20.523, -100.815), ("Irapuato", 20.677, -101.347)),
    "Aguascalientes": (("Aguascalientes", 21.885, -102.292), ("Calvillo", 21.847, -102.719)),
    "Baja California": (("Tecate", 32.460, -116.480), ("Mexicali", 32.540, -115.380)),
    "Antioquia": (
        ("Medellín", 6.244, -75.581),
        ("Rionegro", 6.155, -75.374),
        ("Santa Rosa de Osos", 6.647, -75.461),
    ),
    "Valle del Cauca": (("Cali", 3.452, -76.500), ("Palmira", 3.539, -76.304), ("Tuluá", 4.085, -76.195)),
    "Santander": (("Bucaramanga", 7.119, -73.123), ("San Gil", 6.556, -73.136), ("Socorro", 6.470, -73.261)),
    "Bogotá, D.C.": (("Bogotá", 4.650, -74.100),),
    "Meta": (("Villavicencio", 4.142, -73.627),),
}
SITE_REGIONS: dict[str, tuple[tuple[str, float], ...]] = {
    "MX-2301": (
        ("Jalisco", 0.24),
        ("Michoacán", 0.13),
        ("Zacatecas", 0.10),
        ("Durango", 0.10),
        ("Coahuila", 0.15),
        ("Nuevo León", 0.15),
        ("Chihuahua", 0.13),
    ),
    "MX-2409": (("Aguascalientes", 0.5), ("Zacatecas", 0.5)),
}
PERMIT_REGIONS = ("Jalisco", "Michoacán", "Nuevo León")
