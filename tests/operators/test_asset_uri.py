"""A URI is what Airflow makes of it; a text that is none stays."""

import pytest

from interact.operators.asset_uri import as_kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("s3://bucket/key", "s3://bucket/key"),
        ("S3://bucket/key/", "s3://bucket/key"),
        ("s3://bucket/key?b=2&a=1", "s3://bucket/key?a=1&b=2"),
        ("x-own://As/It/Is/", "x-own://As/It/Is/"),
        ("s3://[no/host", "s3://[no/host"),
        ("airflow://reserved", "airflow://reserved"),
    ],
)
def test_a_uri_is_written_as_airflow_writes_it(written: str, kept: str) -> None:
    assert as_kept(written) == kept


@pytest.mark.filterwarnings("ignore:An Asset URI should not contain a password")
def test_user_and_password_are_dropped() -> None:
    assert as_kept("s3://ada:word@bucket/key") == "s3://bucket/key"
