// The theme asks for its charts on every page; the data entry draws none, so nothing is loaded in their place.
