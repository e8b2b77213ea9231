"""What is said of an ended run: subject, figures, highlights, changes, failures, what comes next, what goes along."""
