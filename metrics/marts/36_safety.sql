-- mart_safety: incidents and hours of each interval of the safety reports, over all suppliers.
-- grain  project × status date (of a report of safety)
-- units  counts; hours_worked in hours, DECIMAL(18,4)
-- source safety. Of several reports of a supplier on one day the newest load holds.

create or replace table mart_safety as
select project_id, point as status_date, lost_time_incidents, fatalities, hours_worked::decimal(18, 4) as hours_worked
from work.safety_interval
order by project_id, point;
