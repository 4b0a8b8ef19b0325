"""What students choose: courses that share them, sections, elective bands, and who must clash."""
