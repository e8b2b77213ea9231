"""People signed in to Airflow, with Airflow's own auth manager and its own tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def auth_manager() -> Iterator[None]:
    """Let this process know Airflow's simple auth manager, as its API server does."""
    import pytest
    from airflow.api_fastapi import app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "AIRFLOW__API_AUTH__JWT_SECRET",
            "a secret of the tests, long enough for every algorithm, 0123456789 0123456789",
        )
        app.create_auth_manager()
        yield
        app.purge_cached_app()


def a_user(name: str, role: str = "viewer") -> Any:
    """Return somebody as Airflow knows them."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    return SimpleAuthManagerUser(username=name, role=role)


def token_of(name: str, role: str = "viewer") -> str:
    """Return the token that Airflow gives somebody who signs in."""
    from airflow.api_fastapi.app import get_auth_manager

    token: str = get_auth_manager().generate_jwt(a_user(name, role))
    return token


def bearer(name: str, role: str = "viewer") -> dict[str, str]:
    """Return the header of somebody who is signed in."""
    return {"Authorization": f"Bearer {token_of(name, role)}"}
