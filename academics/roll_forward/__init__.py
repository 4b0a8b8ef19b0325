"""The next term from an earlier one: what is carried over, shown before it is done, and undone as an import is."""
