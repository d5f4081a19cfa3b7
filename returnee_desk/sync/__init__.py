"""Bundles between desks and the office: sealed, signed, carried on sticks, enrolled by words said over the phone."""
