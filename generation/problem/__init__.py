"""The institution's rows as the engine's arrays, and how a job keeps them."""
