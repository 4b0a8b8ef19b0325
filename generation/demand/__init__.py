"""What students ask for: courses that share them, sections, elective bands, and who must clash."""
