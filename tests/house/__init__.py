"""The plan of the source, as `make map` and the tests read it: modules, rooms, arrows, sizes."""
