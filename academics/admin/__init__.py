"""Data entry. Every model is editable here by the administrators of its organization, and by nobody else."""

from academics.admin import institution, teaching, users

__all__ = ["institution", "teaching", "users"]
