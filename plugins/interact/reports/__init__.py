"""What a report is, and how it becomes HTML and PDF."""
