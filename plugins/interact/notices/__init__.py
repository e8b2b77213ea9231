"""Who hears what: events, what is said of them, and how an answer to a delivery is read."""
