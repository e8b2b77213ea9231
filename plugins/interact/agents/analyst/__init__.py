"""The embedded analyst, a plain library: prompt and model in, queries and a report out. No clock, no network."""
