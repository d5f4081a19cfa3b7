"""What staff can do. Each act: what is there + what was asked → the writes of one operation, or Refused."""
