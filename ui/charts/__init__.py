"""Figures: plain functions from data to plotly figures, one module per family; base.py is shared."""
