"""A store with many projects, made from one with few: the marts' rows again under other project ids."""

from __future__ import annotations

import shutil
from pathlib import Path

from duckdb import DuckDBPyConnection

from loaders import store


def multiplied(source: Path, folder: Path, projects: int) -> Path:
    """A store folder whose marts and timeline hold about `projects` projects, copied from `source`'s."""

    def grow(con: DuckDBPyConnection) -> bool:
        row = con.execute("select count(distinct project_id) from mart_project_status").fetchone()
        there = int(row[0]) if row else 1
        tables = con.execute("""
            select distinct schema_name, table_name from duckdb_columns()
            where column_name = 'project_id' and (schema_name = 'timeline' or table_name like 'mart_%'
                  or table_name = 'project_timeline')
              and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables())
        """).fetchall()
        for schema, table in tables:
            name = f'"{schema}"."{table}"'
            if projects < there:
                con.execute(f"""
                    delete from {name} where project_id not in (
                        select distinct project_id from mart_project_status order by 1 limit {projects})""")
                continue
            con.execute(
                f"""
                insert into {name}
                select * replace (project_id || '-' || lap as project_id)
                from {name}, range(1, {-(-projects // there)}) t(lap)
                where project_id is not null""".replace("select * replace", "select t0.* replace").replace(
                    f"from {name}, range", f"from {name} t0, range"
                )
            )
        return True

    folder.mkdir()
    for file in source.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    with store.writing(folder):
        store.publish(folder, grow)
    return folder
