"""Where everything is kept: the only SQLAlchemy. Open it with `sessions`; each noun is a module of functions."""
