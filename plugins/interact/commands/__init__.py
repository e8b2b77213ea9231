"""The `interact` command."""
