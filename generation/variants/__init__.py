"""Stored variants over REST."""
