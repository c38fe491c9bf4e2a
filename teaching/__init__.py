"""The teacher's kit: what is made of the pages for a course, into _build/teaching/."""
