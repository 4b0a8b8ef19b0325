"""Which job is next, and whether a worker is being stopped."""
