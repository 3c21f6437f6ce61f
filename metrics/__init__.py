"""Every number and every colour: marts in SQL, the scope they are asked under, and the queries of the screens."""
