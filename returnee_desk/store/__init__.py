"""The encrypted file: open, key slots, operation log, registers, tables, migrations, search, backup."""
