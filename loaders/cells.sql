-- How the text of a cell is understood. Temporary macros, created in the scratch database of each check.
--   x  the text of a cell        b  a number's text without signs of currency and the like (`bare`)
-- What cannot be understood is NULL.

create temp macro blanks() as ' ' || chr(9) || chr(160) || chr(8201) || chr(8239);

-- A cell without the blanks and invisible marks around it.
create temp macro trimmed(x) as nullif(trim(x, blanks() || chr(10) || chr(13) || chr(8203) || chr(65279)), '');

create temp macro single_spaced(x) as
    case
        when contains(x, '  ') or contains(x, chr(10)) or contains(x, chr(13)) or contains(x, chr(9))
            then regexp_replace(x, '\s+', ' ', 'g')
        else x
    end;
create temp macro folded(x) as lower(single_spaced(x));

create temp macro slug(x) as
    nullif(trim(regexp_replace(lower(strip_accents(x)), '[^\pL\pN]+', '-', 'g'), '-'), '');

-- Control characters 80 to 9f came from Windows and lost their meaning on the way: 96 was "–".
create temp macro mended(x, controls, meant) as
    case when regexp_matches(x, '[\x{80}-\x{9f}]') then translate(x, controls, meant) else x end;

create temp macro has_control_characters(x) as regexp_matches(x, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]');

-- numbers ------------------------------------------------------------------------------------------------------

create temp macro is_plain_number(x) as
    isfinite(try_cast(x as double)) and not contains(x, '_') and not starts_with(x, '+-');

-- Without signs of currency and per cent; (1,234.50) and 1,234.50- are negative.
create temp macro signless(x) as trim(translate(x, '−$€£¥₡', '-'), blanks());
create temp macro bare(x) as
    case
        when regexp_matches(signless(x), '^\(.*\)$|-$') then '-' || trim(signless(x), '()-' || blanks())
        else rtrim(signless(x), '%' || blanks())
    end;

-- 1.5, 0.125 and 1,234.50 can only have a decimal point, 1,5 and 1.234,50 only a decimal comma; 1.234 can have both.
create temp macro is_either(b, mark) as regexp_matches(b, '^[-+]?[1-9]\d{0,2}' || mark || '\d{3}$');
create temp macro proves_point(b) as
    regexp_matches(b, '^[-+]?\d*\.\d*([eE].*)?$') and not is_either(b, '\.')
    or regexp_matches(b, '^[-+]?\d{1,3}(,\d{3})+\.\d*$|^[-+]?\d{1,3}(,\d{3}){2,}$');
create temp macro proves_comma(b) as
    regexp_matches(b, '^[-+]?\d*,\d*$') and not is_either(b, ',')
    or regexp_matches(b, '^[-+]?\d{1,3}(\.\d{3})+,\d*$|^[-+]?\d{1,3}(\.\d{3}){2,}$');

-- Without blanks and apostrophes between thousands, which prove nothing.
create temp macro closed(b) as translate(b, blanks() || chr(39) || '’', '');

-- The decimal mark of a number: its sheet's, else the one that it proves itself.
create temp macro mark_of(b, decimal_mark) as
    coalesce(
        decimal_mark,
        case
            when proves_point(closed(b)) then '.'
            when proves_comma(closed(b)) then ','
            when not regexp_matches(b, '[.,]') then '.'
        end
    );

-- A number with a decimal point and nothing between its thousands. `shape` is what it has to look like.
create temp macro grouped(b, shape, between) as
    case when regexp_matches(b, shape) then translate(b, between, '') end;

create temp macro finite(t) as isfinite(try_cast(t as double));
create temp macro as_money(t) as
    coalesce(try_cast(t as decimal(18, 4)), try_cast(try_cast(t as double) as decimal(18, 4)));
create temp macro as_scaled_money(t, scale) as
    try_cast(try_cast(t as decimal(24, 8)) * scale::decimal(14, 4) as decimal(18, 4));

-- days ---------------------------------------------------------------------------------------------------------

create temp macro iso_day(x) as
    case
        when x[5] = '-' and x[8] = '-' and (length(x) = 10 or x[11] in (' ', 'T')) then try_cast(left(x, 10) as date)
    end;

create temp macro made_day(y, m, d) as try_cast(y || '-' || m || '-' || d as date);
create temp macro part(x, shape, n) as regexp_extract(x, shape, n);
create temp macro day_of(x, shape, y, m, d) as
    case when regexp_matches(x, shape) then made_day(part(x, shape, y), part(x, shape, m), part(x, shape, d)) end;

create temp macro year_first() as '^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[ T])';
create temp macro dotted() as '^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:$|[ T])';
create temp macro slashed() as '^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:$|[ T])';
create temp macro named() as
    '^(\d{1,2})(?:[-/ .]|\s+de\s+)+(\pL{3,})\.?(?:[-/ .,]|\s+del?\s+)+(\d{4}|\d{2})(?:$|[ T])';
create temp macro named_first() as '^(\pL{3,})\.?\s+(\d{1,2}),?\s+(\d{4})(?:$|[ T])';

create temp macro proves_day_first(x) as
    try_cast(part(x, slashed(), 1) as integer) > 12 and try_cast(part(x, slashed(), 2) as integer) <= 12;
create temp macro proves_month_first(x) as
    try_cast(part(x, slashed(), 1) as integer) <= 12 and try_cast(part(x, slashed(), 2) as integer) > 12;

create temp macro day_first(x) as day_of(x, slashed(), 3, 2, 1);
create temp macro month_first(x) as day_of(x, slashed(), 3, 1, 2);
create temp macro slashed_day(x, date_order) as
    case
        when date_order = 'day' then day_first(x)
        when date_order = 'month' then month_first(x)
        when month_first(x) is null or month_first(x) = day_first(x) then day_first(x)
        when day_first(x) is null then month_first(x)
    end;
create temp macro is_either_day(x, date_order) as date_order is null and day_first(x) <> month_first(x);

create temp macro full_year(y) as
    case when length(y) = 2 then (case when y >= '70' then '19' else '20' end) || y else y end;
-- month_number(word), the months in every language, is created from the names that Python knows.
create temp macro named_day(x, shape, y, m, d) as
    case
        when regexp_matches(x, shape)
            then made_day(full_year(part(x, shape, y)), month_number(part(x, shape, m)), part(x, shape, d))
    end;

create temp macro any_day(x, date_order) as
    coalesce(
        iso_day(x),
        day_of(x, year_first(), 1, 2, 3),
        case when regexp_matches(x, '^\d{8}$') then try_strptime(x, '%Y%m%d')::date end,
        day_of(x, dotted(), 3, 2, 1),
        named_day(x, named(), 3, 2, 1),
        named_day(x, named_first(), 3, 1, 2),
        slashed_day(x, date_order)
    );

-- A day written as the mapping says, with or without a time after it.
create temp macro formatted_day(x, format) as
    coalesce(try_strptime(x, format), try_strptime(split_part(x, ' ', 1), format))::date;

-- The number of a day in a spreadsheet, from 1970 to 2100: what a date shows once its format is lost.
create temp macro is_serial(x) as try_cast(x as double) between 25569 and 73415;
create temp macro serial_day(x) as case when is_serial(x) then date '1899-12-30' + floor(x::double)::integer end;

-- Whether a cell names a day that is in no calendar, whichever way it is read.
create temp macro is_never(x, shape, y, m, d) as
    regexp_matches(x, shape) and day_of(x, shape, y, m, d) is null and day_of(x, shape, y, d, m) is null;
create temp macro is_no_day(x) as
    is_never(x, year_first(), 1, 2, 3) or is_never(x, dotted(), 3, 2, 1) or is_never(x, slashed(), 3, 2, 1);

-- A day and time, in universal time where it says its zone.
create temp macro as_moment(x) as
    case
        when regexp_matches(x, '(Z|[+-]\d\d:?\d\d)$') then try_cast(x as timestamptz) at time zone 'UTC'
        else try_cast(x as timestamp)
    end;
