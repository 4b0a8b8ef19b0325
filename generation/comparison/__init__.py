"""Two variants of one term side by side: evaluated again under the same weights, what moved, and whose week changes."""
