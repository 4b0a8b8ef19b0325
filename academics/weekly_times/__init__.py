"""Days, times and dates as people write them, read into weekly times; a grid for them; dated rows folded into a weekly pattern."""
