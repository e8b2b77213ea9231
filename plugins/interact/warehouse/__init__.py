"""The one read-only door to data: what it means (semantic), what may be asked (guard), who runs it (a process)."""
