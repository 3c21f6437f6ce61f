"""Published and derived test cases, run the way that everybody's data goes: CSV files → load → store → mart.

`python -m tools.validation` runs them and writes docs/validation.md.
"""
