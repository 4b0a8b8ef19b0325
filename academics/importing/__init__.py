"""Spreadsheets of an institution's data, checked, imported and undone."""
