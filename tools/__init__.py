"""Commands for those who work on the project; the product imports nothing from here."""
