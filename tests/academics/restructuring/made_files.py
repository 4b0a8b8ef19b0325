"""Small tables of the kinds that institutions have, so that every kind is tried without their own files."""

from __future__ import annotations

BANNER = """Select,CRN,Subj,Crse,Sec,Title,Days,Time,Cap,Act,Instructor,Date (MM/DD),Location
C,101,CS,107,01,Mobile Apps,MW,09:00 am-09:50 am,25,25,Rao (P),08/19-12/11,HR 148
C,102,CS,107,02,Mobile Apps,MW,10:00 am-10:50 am,25,10,Rao (P),08/19-12/11,HR 148
C,103,CS,110,01,Intro,TR,09:00 am-09:50 am,40,38,Kowalska (P),08/19-12/11,LS 307
,,,,,,,F 10:00 am-10:50 am,,,Berg (P),08/19-12/11,ONL ONL
C,104,CS,245L,01,Data Lab,F,01:00 pm-01:50 pm,20,2,TBA,08/19-12/11,HR 148
"""
BANNER_ANSWERS = {"layout": "schedule", "term": "2026-fall"}
"""What a registrar answers about it; all else has an answer of its own."""
