"""The compiled local search and what it reads."""
