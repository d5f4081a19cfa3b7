"""Bundles, sealing, receipts, keys, merging, and the ways to carry them."""
