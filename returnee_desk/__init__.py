"""Returnee Desk: an offline registration desk for families who return to Guatemala."""

__version__ = "0.1.0"
