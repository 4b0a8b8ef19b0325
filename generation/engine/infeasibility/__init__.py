"""Why a timetable, or one lecture's place, is impossible."""
