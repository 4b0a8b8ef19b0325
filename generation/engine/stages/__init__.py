"""The stages of a run. None imports another; `engine.solve` puts them in order."""
