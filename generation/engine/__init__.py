"""Pure optimisation: no Django, no queue, no database. Start at README.md beside this file."""
