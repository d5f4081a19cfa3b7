"""Desk files of every release, kept to be opened for ever. `make` says how one is added."""
