"""What only the central office does: intake, receipts, the key list."""
