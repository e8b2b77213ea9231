"""WHEN a job runs by itself: expressions in a time zone, business days, and what is expected when.

    working_days   which days are business days
    expression     what people write, read into a value, or refused with a sentence
    occurrences    a Schedule: when it falls due, through every change of the clocks
    lateness       how late a missed time may still run
    preview        a schedule in words, and its next dates
    plan           all that decides when a job runs by itself: schedule, data, and both
    expected       what became of an expected time

Values only: no clock, no environment. Instants are aware and in UTC; a zone appears where something is shown.
"""
