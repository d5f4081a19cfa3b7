"""The tests. Some files here are commands as well: `python -m tests.words`, `python -m tests.bench`."""
