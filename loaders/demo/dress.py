"""How deliveries are dressed: sheets, headers and values as each office writes them, and the mapping back.

A column's header in a Spanish workbook comes from HEADERS, in an English one from the contract's own
name made readable. Values that the contract spells in English are translated by VALUES.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from loaders.demo.schedule import XML_PROJECTS

CONTRACT = Path(__file__).parents[1] / "contract.toml"

SHEETS: dict[str, tuple[str, str]] = {
    "projects": ("Ficha", "Project card"),
    "status_reports": ("Informe mensual", "Status reports"),
    "milestones": ("Hitos", "Milestones"),
    "earned_value": ("Valor ganado", "Earned value"),
    "risks": ("Riesgos", "Risks"),
    "changes": ("Control de cambios", "Changes"),
    "actions": ("Acciones", "Actions"),
    "delays": ("Retrasos", "Delays"),
    "quality": ("Calidad", "Quality"),
    "safety": ("Seguridad", "Safety"),
    "satisfaction": ("Satisfacción", "Satisfaction"),
    "resources": ("Recursos", "Resources"),
    "handovers": ("Entregas internas", "Handovers"),
    "opportunities": ("Oportunidades", "Opportunities"),
    "baselines": ("Líneas base", "Baselines"),
    "acceptances": ("Actas", "Acceptances"),
    "subcontracts": ("Subcontratos", "Subcontracts"),
}

HEADERS: dict[str, str] = {
    "project_id": "Proyecto",
    "status_date": "Fecha de corte",
    "name": "Nombre",
    "valid_from": "Vigente desde",
    "programme_id": "Programa",
    "country": "País",
    "region": "Estado",
    "business_line": "Línea de negocio",
    "project_manager": "Gerente de proyecto",
    "phase": "Fase",
    "contract_type": "Tipo de contrato",
    "currency": "Moneda",
    "contract_value": "Valor del contrato",
    "baseline_start": "Inicio línea base",
    "baseline_finish": "Fin línea base",
    "contract_finish": "Fin contractual",
    "finish_milestone_id": "Hito de cierre",
    "revenue_method": "Método de ingreso",
    "as_sold_rate_date": "Fecha de tipo de cambio de venta",
    "hedged_share": "Cobertura cambiaria %",
    "baseline_no": "Línea base no.",
    "approved_on": "Aprobada el",
    "baseline_cost": "Costo línea base",
    "reason": "Motivo",
    "reported_cost": "Semáforo costo",
    "reported_scope": "Semáforo alcance",
    "reported_schedule": "Semáforo tiempo",
    "reported_quality": "Semáforo calidad",
    "reported_overall": "Semáforo general",
    "forecast_finish": "Fin pronosticado",
    "summary": "Resumen",
    "achievements": "Logros",
    "next_steps": "Próximos pasos",
    "decisions_requested": "Decisiones solicitadas",
    "reported_by": "Reportó",
    "milestone_id": "Hito",
    "kind": "Tipo",
    "original_date": "Fecha original",
    "baseline_date": "Fecha línea base",
    "contract_date": "Fecha contractual",
    "forecast_date": "Fecha pronóstico",
    "actual_date": "Fecha real",
    "weight": "Peso",
    "revenue_amount": "Importe a facturar",
    "ld_pct_per_week": "Pena por semana %",
    "ld_cap_pct": "Tope de pena %",
    "ld_base": "Base de la pena",
    "period_end": "Fin de periodo",
    "planned_value": "Valor planeado (PV)",
    "earned_value": "Valor ganado (EV)",
    "actual_cost": "Costo real (AC)",
    "risk_id": "Riesgo",
    "title": "Título",
    "category": "Categoría",
    "probability": "Probabilidad %",
    "cost_impact": "Impacto en costo",
    "schedule_impact_days": "Impacto en días",
    "response": "Respuesta",
    "response_cost": "Costo de respuesta",
    "residual_probability": "Probabilidad residual %",
    "residual_cost_impact": "Impacto residual",
    "owner": "Responsable",
    "status": "Estatus",
    "opened_on": "Abierto el",
    "due_on": "Compromiso",
    "change_id": "Cambio",
    "origin": "Origen",
    "raised_on": "Solicitado el",
    "notice_due_on": "Límite de aviso",
    "decided_on": "Decidido el",
    "work_started_on": "Inicio de trabajos",
    "order_id": "Orden de compra",
    "line": "Concepto",
    "revenue_impact": "Impacto en ingreso",
    "cost_to_date": "Costo a la fecha",
    "item_id": "Pendiente",
    "priority": "Prioridad",
    "closed_on": "Cerrado el",
    "delay_id": "Retraso",
    "cause": "Causa",
    "days": "Días",
    "notified_on": "Avisado el",
    "days_claimed": "Días reclamados",
    "days_granted": "Días otorgados",
    "defects_critical": "Defectos críticos",
    "defects_major": "Defectos mayores",
    "defects_minor": "Defectos menores",
    "tests_planned": "Pruebas planeadas",
    "tests_run": "Pruebas ejecutadas",
    "tests_passed": "Pruebas aprobadas",
    "supplier_id": "Proveedor",
    "hours_worked": "Horas trabajadas",
    "fatalities": "Fatalidades",
    "lost_time_incidents": "Accidentes con tiempo perdido",
    "recordable_incidents": "Accidentes registrables",
    "high_potential_events": "Eventos de alto potencial",
    "near_misses": "Casi accidentes",
    "surveyed_on": "Fecha de encuesta",
    "score": "Calificación",
    "complaints_open": "Quejas abiertas",
    "comment": "Comentario",
    "role": "Rol",
    "hours_planned": "Horas planeadas",
    "hours_actual": "Horas reales",
    "hours_forecast": "Horas pronóstico",
    "gate": "Compuerta",
    "check_id": "Punto",
    "mandatory": "Obligatorio",
    "done_on": "Cumplido el",
    "opportunity_id": "Oportunidad",
    "stage": "Etapa",
    "value": "Valor",
    "expected_close": "Cierre esperado",
    "site_id": "Sitio",
    "acceptance_id": "Acta",
    "submitted_on": "Ingresada el",
    "rejected_on": "Rechazada el",
    "rejection_reason": "Motivo de rechazo",
    "open_punch_items": "Pendientes abiertos",
    "signed_on": "Firmada el",
    "receipt_on": "Entrada de servicio",
    "supplier_name": "Nombre del proveedor",
    "scope": "Alcance",
    "committed": "Comprometido",
    "received": "Recibido",
    "invoiced": "Facturado",
    "forecast": "Pronóstico",
    "back_to_back_ld": "Penas espejo",
}

_LINES = {
    "revenue": "Ingresos",
    "labour": "Mano de obra",
    "subcontract": "Subcontratos",
    "material": "Materiales",
    "uninstalled_material": "Material por instalar",
    "travel": "Viáticos",
    "other": "Otros",
    "waste": "Retrabajo",
    "contingency": "Contingencia",
    "liquidated_damages": "Penas convencionales",
    "warranty": "Garantía",
}
_COLOURS = {"green": "Verde", "amber": "Ámbar", "red": "Rojo"}
_YES_NO = {"true": "Sí", "false": "No"}
VALUES: dict[tuple[str, str], dict[str, str]] = {
    ("projects", "phase"): {
        "bid": "Oferta",
        "plan": "Planeación",
        "execute": "Ejecución",
        "handover": "Traspaso",
        "care": "Soporte",
        "closed": "Cerrado",
        "cancelled": "Cancelado",
    },
    ("projects", "revenue_method"): {
        "milestone": "Por hitos",
        "cost_to_cost": "Costo incurrido",
        "straight_line": "Lineal",
    },
    **{
        ("status_reports", f"reported_{name}"): _COLOURS
        for name in ("cost", "scope", "schedule", "quality", "overall")
    },
    ("milestones", "kind"): {
        "gate": "Compuerta",
        "contractual": "Contractual",
        "acceptance": "Aceptación",
        "billing": "Facturación",
        "internal": "Interno",
    },
    ("risks", "kind"): {"risk": "Riesgo", "opportunity": "Oportunidad"},
    ("risks", "status"): {"open": "Abierto", "closed": "Cerrado", "occurred": "Materializado"},
    ("changes", "origin"): {"customer": "Cliente", "vendor": "Proveedor", "subcontractor": "Subcontratista"},
    ("changes", "status"): {
        "draft": "Borrador",
        "submitted": "Presentado",
        "approved": "Aprobado",
        "rejected": "Rechazado",
        "implemented": "Implementado",
    },
    ("changes", "line"): _LINES,
    ("actions", "kind"): {"issue": "Problema", "action": "Acción", "decision": "Decisión"},
    ("delays", "cause"): {
        "customer": "Cliente",
        "vendor": "Proveedor",
        "subcontractor": "Subcontratista",
        "third_party": "Tercero",
        "force_majeure": "Fuerza mayor",
    },
    ("handovers", "gate"): {"sell_to_execute": "Venta a entrega", "delivery_to_care": "Entrega a soporte"},
    ("handovers", "mandatory"): _YES_NO,
    ("opportunities", "kind"): {"upsell": "Ampliación", "cross_sell": "Venta cruzada"},
    ("acceptances", "kind"): {"provisional": "Provisional", "final": "Final"},
    ("subcontracts", "back_to_back_ld"): _YES_NO,
    ("financials", "scenario"): {
        "as_sold": "Vendido",
        "budget": "Presupuesto",
        "baseline": "Línea base",
        "forecast": "Pronóstico",
        "actual": "Real",
    },
    ("financials", "line"): _LINES,
    ("invoices", "document"): {"invoice": "Factura", "credit_note": "Nota de crédito"},
}

FINANCE_HEADERS = {
    "project_id": "Proyecto",
    "status_date": "Fecha corte",
    "scenario": "Escenario",
    "line": "Concepto",
    "amount": "Importe",
    "currency": "Moneda",
    "period_end": "Mes",
}
INVOICE_HEADERS = {
    "project_id": "Proyecto",
    "invoice_id": "Folio",
    "status_date": "Fecha corte",
    "milestone_id": "Hito",
    "order_id": "Orden de compra",
    "acceptance_id": "Acta",
    "document": "Documento",
    "planned_on": "Plan",
    "forecast_on": "Pronóstico",
    "accepted_on": "Aceptada",
    "invoiced_on": "Facturada",
    "due_on": "Vence",
    "paid_on": "Pagada",
    "amount": "Importe neto",
    "currency": "Moneda",
    "tax_amount": "IVA",
    "withheld_amount": "Retención fiscal",
    "retention_amount": "Fondo de garantía",
    "retention_release_on": "Libera fondo",
    "paid_amount": "Cobrado",
}
ORDER_HEADERS = {
    "project_id": "Project",
    "order_id": "PO number",
    "status_date": "As of",
    "frame_contract": "Frame contract",
    "change_id": "Change",
    "ordered_on": "PO date",
    "expires_on": "Valid to",
    "amount": "Net value",
    "currency": "Currency",
    "status": "PO status",
}
SITE_HEADERS = {
    "project_id": "Project",
    "site_id": "Site ID",
    "status_date": "Snapshot",
    "name": "Site name",
    "region": "State",
    "latitude": "Lat",
    "longitude": "Long",
    "supplier_id": "Vendor",
    "order_id": "PO",
    "stage": "Stage",
    "planned_on_air": "Planned on air",
    "forecast_on_air": "Forecast on air",
    "actual_on_air": "On air",
    "provisional_acceptance_on": "PAC",
    "final_acceptance_on": "FAC",
    "blocked_by": "Blocker",
    "value": "Site value",
    "currency": "Currency",
}


@dataclass(frozen=True)
class Column:
    """A column of a delivery: the contract's name and type, the header written, how values are written."""

    name: str
    type: str
    header: str
    values: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False
    text_date: bool = False


@cache
def contract_columns(table: str) -> dict[str, str]:
    """Column name → type of a canonical table."""
    with CONTRACT.open("rb") as handle:
        contract: dict[str, Any] = tomllib.load(handle)
    return {name: column["type"] for name, column in contract[table]["columns"].items()}


def workbook_columns(table: str, spanish: bool) -> tuple[Column, ...]:
    """The columns of a project workbook's sheet. Spanish ones write percentages and survey dates as text."""
    if not spanish:
        return tuple(
            Column(name, kind, name.replace("_", " ").capitalize())
            for name, kind in contract_columns(table).items()
        )
    return tuple(
        Column(
            name,
            kind,
            HEADERS[name],
            VALUES.get((table, name), {}),
            kind == "fraction",
            name == "surveyed_on",
        )
        for name, kind in contract_columns(table).items()
    )


def listed_columns(table: str, headers: Mapping[str, str], *, translated: bool = False) -> tuple[Column, ...]:
    """The columns of a flat file, in the order of its headers."""
    types = contract_columns(table)
    return tuple(
        Column(name, types[name], header, VALUES.get((table, name), {}) if translated else {})
        for name, header in headers.items()
    )


def plain_columns(table: str) -> tuple[Column, ...]:
    """The columns of a file that carries the contract's own names."""
    return tuple(Column(name, kind, name) for name, kind in contract_columns(table).items())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entry(column: Column) -> str:
    parts = [f"from = {_quoted(column.header)}"]
    if column.values:
        pairs = ", ".join(f"{_quoted(shown)} = {_quoted(value)}" for value, shown in column.values.items())
        parts.append(f"values = {{ {pairs} }}")
    if column.percent:
        parts.append("percent = true")
    if column.text_date:
        parts.append('date_format = ["%d/%m/%Y"]')
    value = _quoted(column.header) if len(parts) == 1 else "{ " + ", ".join(parts) + " }"
    return f"{column.name} = {value}"


def file_section(options: Mapping[str, str | list[str]]) -> str:
    """A `[[file]]` of a mapping with its options."""
    lines = ["[[file]]"]
    for key, value in options.items():
        shown = "[" + ", ".join(map(_quoted, value)) + "]" if isinstance(value, list) else _quoted(value)
        lines.append(f"{key} = {shown}")
    return "\n".join(lines) + "\n"


def table_section(table: str, columns: tuple[Column, ...], sheet: str | None = None) -> str:
    """A `[[file.table]]` of a mapping: from the headers written back to the contract."""
    lines = ["[[file.table]]"]
    if sheet:
        lines.append(f"sheet = {_quoted(sheet)}")
    lines += [f"table = {_quoted(table)}", "[file.table.columns]", *map(_entry, columns)]
    return "\n".join(lines) + "\n"


def mapping() -> str:
    """The mapping file that lies beside the demonstration's sources."""
    dated = {"date_format": ["%d/%m/%Y"]}
    parts = [
        '# How the demonstration\'s sources read: one section per family of files.\nsource = "pmo"\n'
        'currency = "USD"\n'
    ]
    for match, source, currency, spanish in (
        ("proyectos/*.xlsx", "pmo_mx", "MXN", True),
        ("projects/*.xlsx", "pmo_co", "COP", False),
    ):
        parts.append(file_section({"match": match, "source": source, "currency": currency}))
        parts += [
            table_section(table, workbook_columns(table, spanish), names[0 if spanish else 1])
            for table, names in SHEETS.items()
        ]
    parts.append(file_section({"match": "portfolio/*.csv", "source": "portfolio"}))
    parts.append(
        file_section(
            {
                "match": "finance/financials_*.csv",
                "source": "finance",
                "encoding": "latin-1",
                "delimiter": ";",
                "decimal": ",",
                **dated,
            }
        )
    )
    parts.append(table_section("financials", listed_columns("financials", FINANCE_HEADERS, translated=True)))
    parts.append(
        file_section(
            {
                "match": "finance/facturas.csv",
                "source": "finance",
                "delimiter": ";",
                "decimal": ",",
                "thousands": ".",
                **dated,
            }
        )
    )
    parts.append(table_section("invoices", listed_columns("invoices", INVOICE_HEADERS, translated=True)))
    parts.append(file_section({"match": "finance/purchase_orders.csv", "source": "finance"}))
    parts.append(table_section("orders", listed_columns("orders", ORDER_HEADERS)))
    parts.append(file_section({"match": "finance/fx_rates.csv", "source": "finance"}))
    for match in ("rollout/*.csv", "rollout/*.parquet"):
        parts.append(file_section({"match": match, "source": "rollout"}))
        parts.append(table_section("sites", listed_columns("sites", SITE_HEADERS)))
    parts.append(file_section({"match": "schedules/*.csv", "source": "schedule"}))
    parts += [
        file_section({"match": f"schedules/{project}.xml", "source": "schedule", "project_id": project})
        for project in XML_PROJECTS
    ]
    return "\n".join(parts)
