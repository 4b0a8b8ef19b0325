"""An institution and its terms: rows, data entry, who may what."""
