-- mart_arrival: on which status dates a source delivered something of a project.
-- grain  project × status date × source. Not the registers (programmes, projects, baselines, satisfaction, exchange rates),
--        which are delivered when something changes
-- units  slices: how many tables of that date the source delivered
-- source the slices in force

create or replace table mart_arrival as
select project_id, slice_date as status_date, source, count(*) as slices
from timeline.slices
where project_id is not null
  and table_name not in ('programmes', 'projects', 'baselines', 'satisfaction', 'fx_rates')
group by project_id, slice_date, source
order by project_id, slice_date, source;
