"""What a job is: definitions, parameters and their combinations, names. Pure."""
