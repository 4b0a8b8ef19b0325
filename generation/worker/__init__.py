"""Which job is next, and which has lost its worker."""
