"""Progress of long work: written to Redis, streamed to everybody who watches."""
