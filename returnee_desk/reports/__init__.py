"""Figures: what each means, and how it is counted."""
