-- mart_exchange_rate: at which rates the amounts of another currency come into a project's own.
-- grain  project × status date × currency that the project's rows state and that is not its own
-- units  project currency for one unit of `currency`; NULL where a rate is unknown
-- source fx_rates. closing: of the status date. as_sold: of the project's as_sold_rate_date, else the plan rate of the day on
--        which it was first sold

create or replace table mart_exchange_rate as
select project_id, status_date, currency, closing, as_sold
from work.rate;
