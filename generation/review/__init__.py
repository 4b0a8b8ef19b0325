"""What stands around a decision: its gates, waivers, comments, what changed since the last review, history and notices."""
