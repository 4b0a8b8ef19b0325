"""What is published, as people read it: pages by section, instructor, room and curriculum, files and calendars."""
