"""Grade a class in two processes: answers in one, tests in the other. README.md says how it is put together."""
