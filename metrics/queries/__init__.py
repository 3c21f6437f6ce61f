"""What the screens ask, one module per screen; every function takes (con, scope, …)."""
