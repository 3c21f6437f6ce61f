"""One reader for each kind of file; every one yields sheets of text with row numbers (base.py)."""
