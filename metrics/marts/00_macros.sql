-- Macros that the marts share. Temporary: they exist while the marts are built and leave nothing in the file.
-- grain  none
-- units  ratio: unit-less DOUBLE; in_project_currency: DECIMAL(18,4) in the project's currency
-- source shared conventions: undefined is NULL, never 0 or 1

create or replace temp macro ratio(numerator, denominator) as
    case when denominator = 0 then null else numerator::double / denominator::double end;

-- What a share or an index is taken of: of less than nothing there is none.
create or replace temp macro positive(base) as case when base > 0 then base end;

create or replace temp macro in_project_currency(amount, row_currency, project_currency, rate) as
    case
        when row_currency is null or project_currency is null or row_currency = project_currency
            then amount::decimal(18, 4)
        else (amount::double * rate)::decimal(18, 4)
    end;

-- A setting as text, by the set of rules in force on a day.
create or replace temp macro setting_at(wanted, day) as (
    select p.settings ->> wanted
    from rule_periods p
    where p.valid_from <= day and (p.valid_to is null or day < p.valid_to)
);

create or replace temp macro is_month_end(day) as day = last_day(day);

create or replace temp macro origin("table", source, file, sheet, "row") as
    {'table': "table"::varchar, 'source': source::varchar, 'file': file::varchar, 'sheet': sheet::varchar, 'row': "row"::bigint};

-- Rows of timeline.<tbl> in force at each point of work.point where key = point_key. Nearly every row holds only
-- from its own slice to the next, so those are joined by equality; only rows that outlive the next point (several
-- sources, or a slice with rejects) go through the interval join. Points that no wanted status date reads are left out.
create or replace temp macro in_force_at(tbl, point_key, everywhere) as table
    with points as materialized (
        select
            project_id, point, next_point, is_due or everywhere as is_due,
            min(point) filter (is_due or everywhere) over (partition by project_id) as first_due
        from work.point
        where "key" = point_key
    ), born as (
        select t.*, p.point, p.next_point, p.is_due
        from query_table('timeline.' || tbl) t
        join points p on p.project_id = t.project_id and p.point = t.slice_date
        where t.valid_to is null or t.valid_to > p.first_due
    )
    select * exclude (next_point, is_due) from born where is_due
    union all by name
    select b.* exclude (point, next_point, is_due), p.point
    from born b
    join points p
      on p.project_id = b.project_id and p.is_due and p.point > b.point and (b.valid_to is null or p.point < b.valid_to)
    where b.next_point is not null and (b.valid_to is null or b.valid_to > b.next_point);

create or replace temp macro in_force(tbl, point_key) as table from in_force_at(tbl, point_key, false);

-- The same at every point, for what looks back: however few status dates are wanted.
create or replace temp macro in_force_ever(tbl, point_key) as table from in_force_at(tbl, point_key, true);
