"""A whole institution as one file, written, looked into and read."""
