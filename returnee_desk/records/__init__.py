"""What we keep and the rules about it. No disk, no SQL, no Qt."""
