-- mart_cash: every billing item on its way from order to payment, where it waits, how long and with whom.
-- grain  project × status date × item_kind × item_id. An item is an invoice or planned bill (with the acceptance that it
--        bills), an acceptance without one, what is left of an acceptance billed in part, or a received order of which
--        nothing was delivered for acceptance
-- units  value (net of tax) and the other amounts in project currency at today's rate, DECIMAL(18,4); calendar days
-- source acceptances, invoices, orders, milestones, sites; dates after the status date have not happened. An invoice
--        without acceptance_id bills the acceptances of its milestone in the order of signing. delivered_on: the site on
--        air, else the milestone's actual date (an acceptance milestone aside). stage: rejected until submitted again;
--        unknown while nothing was delivered and the order not received. net_due: amount + tax - withheld - retention
--        - paid, never below zero; a credit note counts negative; blank tax, withholding, retention and payment are none.
--        Paid: nothing of that is left. retention_due: retention past its release date, not in net_due.
--        ageing: days past due_on. days_to_*: to the next step, or until the status date while it waits.
--        with_whom: accepted waits with the customer while a receipt is missing in a project that records receipts;
--        deliveries and rejected work with the supplier where the site has one or is blocked by it.

create or replace table work.acceptance_status as
with held as (
    select *
    from in_force('acceptances', 'cash')
    qualify row_number() over (
        partition by project_id, point, acceptance_id order by slice_date desc, from_load desc, source, "row"
    ) = 1
)
select
    d.project_id,
    d.status_date,
    h.acceptance_id,
    h.milestone_id,
    h.site_id,
    h.order_id,
    converted(h.value, h.currency, d.project_currency, r.closing) as value,
    h.value is not null as is_valued,
    case when h.submitted_on <= d.status_date then h.submitted_on end as submitted_on,
    case when h.rejected_on <= d.status_date then h.rejected_on end as rejected_on,
    case when h.signed_on <= d.status_date then h.signed_on end as signed_on,
    case when h.receipt_on <= d.status_date then h.receipt_on end as receipt_on,
    bool_or(h.receipt_on is not null) over (partition by d.project_id, d.status_date) as has_receipts,
    origin('acceptances', h.source, h.file, h.sheet, h."row") as ref
from reported_at('cash') d
join held h on h.project_id = d.project_id and h.point = d.point
left join work.rate r
  on r.project_id = d.project_id and r.status_date = d.status_date and r.currency = h.currency;

create or replace table work.invoice_status as
with held as (
    select
        * exclude (amount, tax_amount, withheld_amount, retention_amount, paid_amount),
        coalesce(document = 'credit_note', false) or coalesce(amount < 0, false) as is_credit,
        case when is_credit then -abs(amount) else amount end as amount,
        case when is_credit then -abs(tax_amount) else tax_amount end as tax_amount,
        case when is_credit then -abs(withheld_amount) else withheld_amount end as withheld_amount,
        case when is_credit then -abs(retention_amount) else retention_amount end as retention_amount,
        case when is_credit then -abs(paid_amount) else paid_amount end as paid_amount
    from in_force('invoices', 'cash')
    qualify row_number() over (
        partition by project_id, point, invoice_id order by slice_date desc, from_load desc, source, "row"
    ) = 1
), dated as (
    select
        d.status_date,
        d.project_currency,
        h.*,
        coalesce(h.invoiced_on <= d.status_date, false) as is_issued,
        h.amount + coalesce(h.tax_amount, 0) - coalesce(h.withheld_amount, 0) - coalesce(h.retention_amount, 0) as to_collect
    from reported_at('cash') d
    join held h on h.project_id = d.project_id and h.point = d.point
), settled as (
    select
        *,
        case
            when not is_issued or paid_on > status_date then 0
            when paid_amount is not null then paid_amount
            when paid_on is not null then to_collect
            else 0
        end as paid,
        case
            when not is_issued then null
            when is_credit then least(to_collect - paid, 0)
            else greatest(to_collect - paid, 0)
        end as left_to_pay,
        greatest(coalesce(retention_amount, 0) - greatest(paid - to_collect, 0), 0) as retention_left
    from dated
)
select
    t.project_id,
    t.status_date,
    t.invoice_id,
    t.acceptance_id,
    t.milestone_id,
    t.order_id,
    t.is_credit,
    t.is_issued,
    t.planned_on,
    t.forecast_on,
    case when t.accepted_on <= t.status_date then t.accepted_on end as accepted_on,
    case when t.is_issued then t.invoiced_on end as invoiced_on,
    case when t.is_issued then coalesce(t.due_on, case when t.is_credit then t.invoiced_on end) end as due_on,
    case when t.is_issued and t.paid_on <= t.status_date then t.paid_on end as paid_on,
    t.is_issued and abs(t.left_to_pay) <= 0.01 as is_settled,
    converted(t.amount, t.currency, t.project_currency, r.closing) as amount,
    converted(t.to_collect, t.currency, t.project_currency, r.closing) as to_collect,
    converted(t.paid, t.currency, t.project_currency, r.closing) as paid,
    converted(t.left_to_pay, t.currency, t.project_currency, r.closing) as net_due,
    converted(
        case when t.is_issued and t.retention_release_on <= t.status_date then t.retention_left else 0 end,
        t.currency, t.project_currency, r.closing
    ) as retention_due,
    converted(
        case when t.is_issued and coalesce(t.retention_release_on > t.status_date, true) then t.retention_left else 0 end,
        t.currency, t.project_currency, r.closing
    ) as retention_held,
    origin('invoices', t.source, t.file, t.sheet, t."row") as ref
from settled t
left join work.rate r
  on r.project_id = t.project_id and r.status_date = t.status_date and r.currency = t.currency;

-- The acceptance that an invoice bills.
create or replace table work.invoice_link as
with named as (
    select i.project_id, i.status_date, i.invoice_id, a.acceptance_id
    from work.invoice_status i
    join work.acceptance_status a using (project_id, status_date, acceptance_id)
), bill as (
    select
        i.project_id, i.status_date, i.invoice_id, i.milestone_id,
        row_number() over (
            partition by i.project_id, i.status_date, i.milestone_id
            order by i.invoiced_on nulls last, i.planned_on nulls last, i.invoice_id
        ) as place
    from work.invoice_status i
    anti join named n using (project_id, status_date, invoice_id)
    where i.milestone_id is not null and i.acceptance_id is null
), certificate as (
    select
        a.project_id, a.status_date, a.acceptance_id, a.milestone_id,
        row_number() over milestone as place,
        count(*) over (partition by a.project_id, a.status_date, a.milestone_id) as places
    from work.acceptance_status a
    anti join named n using (project_id, status_date, acceptance_id)
    where a.milestone_id is not null
    window milestone as (
        partition by a.project_id, a.status_date, a.milestone_id order by a.signed_on nulls last, a.acceptance_id
    )
)
from named
union all
select b.project_id, b.status_date, b.invoice_id, c.acceptance_id
from bill b
join certificate c
  on c.project_id = b.project_id and c.status_date = b.status_date and c.milestone_id = b.milestone_id
 and c.place = least(b.place, c.places);

create or replace table work.cash_item as
with billed as (
    select l.project_id, l.status_date, l.acceptance_id, known_sum(i.amount, true) as amount
    from work.invoice_link l
    join work.invoice_status i using (project_id, status_date, invoice_id)
    group by l.project_id, l.status_date, l.acceptance_id
), item as (
    select
        i.project_id,
        i.status_date,
        'invoice' as item_kind,
        i.invoice_id as item_id,
        coalesce(i.milestone_id, a.milestone_id) as milestone_id,
        coalesce(i.order_id, a.order_id) as order_id,
        a.acceptance_id,
        a.site_id,
        i.amount as value,
        true as is_valued,
        a.submitted_on,
        a.rejected_on,
        coalesce(a.signed_on, i.accepted_on) as accepted_on,
        a.receipt_on,
        a.has_receipts and a.signed_on is not null as wants_receipt,
        i.invoiced_on,
        i.due_on,
        i.paid_on,
        i.is_issued,
        i.is_settled,
        i.is_credit,
        i.net_due,
        i.retention_held,
        i.retention_due,
        i.ref
    from work.invoice_status i
    left join work.invoice_link l using (project_id, status_date, invoice_id)
    left join work.acceptance_status a
      on a.project_id = l.project_id and a.status_date = l.status_date and a.acceptance_id = l.acceptance_id
    union all by name
    select
        a.project_id,
        a.status_date,
        'acceptance' as item_kind,
        a.acceptance_id as item_id,
        a.milestone_id,
        a.order_id,
        a.acceptance_id,
        a.site_id,
        money(a.value - coalesce(b.amount, case when b.acceptance_id is null then 0 end)) as value,
        a.is_valued,
        a.submitted_on,
        a.rejected_on,
        a.signed_on as accepted_on,
        a.receipt_on,
        a.has_receipts and a.signed_on is not null as wants_receipt,
        false as is_issued,
        false as is_settled,
        false as is_credit,
        a.ref
    from work.acceptance_status a
    left join billed b using (project_id, status_date, acceptance_id)
    -- an acceptance is billed when no more than a thousandth of it is left
    where b.acceptance_id is null or a.value - b.amount > 0.001 * a.value
    union all by name
    select
        o.project_id,
        o.status_date,
        'order' as item_kind,
        o.order_id as item_id,
        o.order_id,
        o.amount as value,
        true as is_valued,
        false as is_issued,
        false as is_settled,
        false as is_credit,
        o.ref
    from work.order_status o
    anti join work.acceptance_status a using (project_id, status_date, order_id)
    anti join work.invoice_status i using (project_id, status_date, order_id)
    where o.is_received
), milestone as (
    select c.project_id, c.status_date, m.milestone_id, m.name, m.kind, m.actual_date
    from reported_at('milestones') c
    join work.milestone_held m on m.project_id = c.project_id and m.point = c.point
), site as (
    select c.project_id, c.status_date, t.site_id, t.name, t.actual_on_air, t.supplier_id, t.blocked_by
    from reported_at('sites') c
    join (select distinct project_id, site_id from item where site_id is not null) wanted using (project_id)
    join work.site_held t on t.project_id = c.project_id and t.point = c.point and t.site_id = wanted.site_id
)
select
    i.*,
    coalesce(m.name, t.name) as description,
    case when o.ordered_on <= i.status_date then o.ordered_on end as ordered_on,
    -- without any orders delivered the contract itself is the order
    coalesce(o.is_received, f.project_id is null) as is_ordered,
    case
        when t.actual_on_air <= i.status_date then t.actual_on_air
        when t.site_id is null and m.kind is distinct from 'acceptance' and m.actual_date <= i.status_date then m.actual_date
    end as delivered_on,
    t.supplier_id,
    t.blocked_by
from item i
left join milestone m
  on m.project_id = i.project_id and m.status_date = i.status_date and m.milestone_id = i.milestone_id
left join site t on t.project_id = i.project_id and t.status_date = i.status_date and t.site_id = i.site_id
left join work.order_status o
  on o.project_id = i.project_id and o.status_date = i.status_date and o.order_id = i.order_id
left join work.first_delivery f
  on f.project_id = i.project_id and f.table_name = 'orders' and f.first_on <= i.status_date;

create or replace table work.cash_staged as
with staged as (
    select
        *,
        case
            when is_settled then 'paid'
            when is_issued then 'invoiced'
            when accepted_on is not null then 'accepted'
            when rejected_on >= coalesce(submitted_on, rejected_on) then 'rejected'
            when submitted_on is not null then 'submitted'
            when delivered_on is not null then 'delivered'
            when is_ordered then 'ordered'
        end as stage
    from work.cash_item
)
select
    c.project_id,
    c.status_date,
    c.item_kind,
    c.item_id,
    c.milestone_id,
    c.order_id,
    c.acceptance_id,
    c.site_id,
    coalesce(c.description, c.site_id, c.milestone_id, c.item_id) as description,
    c.value,
    c.is_valued,
    s.currency,
    c.ordered_on,
    c.delivered_on,
    c.submitted_on,
    c.rejected_on,
    c.accepted_on,
    c.invoiced_on,
    c.due_on,
    c.paid_on,
    c.stage,
    (c.status_date - case c.stage
        when 'ordered' then c.ordered_on
        when 'delivered' then c.delivered_on
        when 'submitted' then c.submitted_on
        when 'rejected' then c.rejected_on
        when 'accepted' then c.accepted_on
        when 'invoiced' then c.invoiced_on
    end)::int as days_in_stage,
    case
        when c.stage = 'submitted' then 'customer'
        when c.stage = 'invoiced' then case when c.is_credit then 'us' else 'customer' end
        when c.stage = 'accepted' then case when c.wants_receipt and c.receipt_on is null then 'customer' else 'us' end
        when c.stage in ('ordered', 'delivered') and c.blocked_by = 'customer' then 'customer'
        when c.stage in ('ordered', 'delivered') and c.blocked_by in ('supplier', 'material') then 'supplier'
        when c.stage = 'rejected' and c.supplier_id is not null then 'supplier'
        when c.stage in ('ordered', 'delivered', 'rejected') then 'us'
    end as with_whom,
    case
        when c.stage is distinct from 'invoiced' or c.due_on is null then null
        when c.status_date <= c.due_on then 'not_due'
        when c.status_date - c.due_on <= 30 then '1_30'
        when c.status_date - c.due_on <= 60 then '31_60'
        when c.status_date - c.due_on <= 90 then '61_90'
        else 'over_90'
    end as ageing_bucket,
    c.net_due,
    c.retention_held,
    c.retention_due,
    (coalesce(c.delivered_on, c.submitted_on, c.accepted_on, c.invoiced_on, c.status_date) - c.ordered_on)::int
        as days_to_deliver,
    (coalesce(c.submitted_on, c.accepted_on, c.invoiced_on, c.status_date) - c.delivered_on)::int as days_to_submit,
    (coalesce(c.accepted_on, c.status_date) - c.submitted_on)::int as days_to_accept,
    (coalesce(c.invoiced_on, c.status_date) - c.accepted_on)::int as days_to_invoice,
    (coalesce(c.paid_on, c.status_date) - c.invoiced_on)::int as days_to_pay,
    c.ref
from staged c
join work.spine s using (project_id, status_date);

create or replace table mart_cash as
select * exclude (is_valued, ref), [ref] as source_refs from work.cash_staged;

-- Billed, owed and waiting to be billed: a row only where invoices were ever delivered by then.
create or replace table work.cash_total as
with delivered as (
    select
        project_id,
        min(slice_date) as invoices_from
    from work.slice
    where table_name = 'invoices'
    group by project_id
), item as (
    select
        project_id,
        status_date,
        -- a certificate without a value bills nothing by itself; nothing but such certificates is unknown
        case
            when count(*) filter (stage = 'accepted') = 0 or count(*) filter (stage = 'accepted' and is_valued) > 0
                then sum_or_none(value, stage = 'accepted' and is_valued)
        end as unbilled,
        list(ref order by value desc) filter (stage = 'accepted') as unbilled_refs
    from work.cash_staged
    where item_kind <> 'order'
    group by project_id, status_date
), bill as (
    select
        project_id,
        status_date,
        sum_or_none(amount, is_issued) as billed,
        sum_or_none(net_due, is_issued) as receivables,
        sum_or_none(net_due, is_issued and status_date > due_on) as overdue,
        count(*) filter (is_issued and not is_settled and due_on is null) as without_due_date,
        list(ref order by net_due desc) filter (status_date > due_on and net_due > 0) as overdue_refs
    from work.invoice_status
    group by project_id, status_date
)
select
    s.project_id,
    s.status_date,
    money(case when i.unbilled is null and i.project_id is null then 0 else i.unbilled end) as unbilled,
    i.unbilled_refs,
    money(case when b.project_id is null then 0 else b.billed end) as billed,
    money(case when b.project_id is null then 0 else b.receivables end) as receivables,
    money(case
        when b.project_id is null then 0
        when b.overdue <= 0 then case when b.without_due_date = 0 then 0 end
        else b.overdue
    end) as overdue,
    b.overdue_refs
from work.spine s
join delivered d on d.project_id = s.project_id and d.invoices_from <= s.status_date
left join item i on i.project_id = s.project_id and i.status_date = s.status_date
left join bill b on b.project_id = s.project_id and b.status_date = s.status_date;
