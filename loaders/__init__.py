"""Sources in: readers, the contract, checks, the store, the command line and the demonstration."""
