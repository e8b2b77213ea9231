"""The story of a run: accept, begin, ask, render, announce."""
