"""Measurements: ratios, each in one run, against a floor or a peer. `make benchmarks`."""
