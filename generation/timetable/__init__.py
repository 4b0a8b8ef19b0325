"""A stored variant as people read it: weeks, conflicts, results, dates."""
