"""The tests of Returnee Desk. `tests.bench`, `tests.words` and others here are also commands: `python -m tests.words`."""
