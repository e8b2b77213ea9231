"""The URI of an asset as Airflow keeps it: what is written otherwise is found by nobody."""

from __future__ import annotations

import logging

from airflow.sdk import Asset

log = logging.getLogger(__name__)


def as_kept(uri: str) -> str:
    """Return a URI as Airflow's `Asset` would make it; one that Airflow refuses stays as it is, with a warning."""
    try:
        return str(Asset(name="any", uri=uri).uri)
    except ValueError:
        # The rest of it may hold a password.
        log.warning("Airflow refuses a URI of the scheme %r that a job names as its data", uri.partition("://")[0])
        return uri
