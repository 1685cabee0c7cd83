"""Settings from the environment."""

from pathlib import Path

import pytest

from cloud.config import BadConfig, Config, from_environment


def test_an_empty_environment_is_a_process_with_its_own_postgres() -> None:
    assert from_environment({}) == Config()
    assert from_environment({"DATABASE_URL": ""}).database_url is None


def test_everything_can_be_said() -> None:
    config = from_environment(
        {
            "DATABASE_URL": "postgresql://h/d",
            "HOLDFAST_CLOUD_DATA": "/srv/x",
            "HOLDFAST_CLOUD_HOST": "0.0.0.0",
            "HOLDFAST_CLOUD_PORT": "0",
            "HOLDFAST_BEHIND_TLS": "yes",
            "HOLDFAST_BEHIND_PROXY": "1",
        }
    )
    assert (config.database_url, config.data) == ("postgresql://h/d", Path("/srv/x"))
    assert (config.host, config.port) == ("0.0.0.0", 0)
    assert (config.behind_tls, config.behind_proxy) == (True, True)


@pytest.mark.parametrize(
    "environment",
    [{"HOLDFAST_CLOUD_PORT": "x"}, {"HOLDFAST_CLOUD_PORT": "70000"}, {"HOLDFAST_BEHIND_TLS": "perhaps"}]
    + [{"HOLDFAST_JOB_SILENT_S": text} for text in ("soon", "0", "nan", "inf")],
)
def test_what_cannot_be_meant_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=next(iter(environment))):
        from_environment(environment)


def test_a_mail_server_is_a_url() -> None:
    config = from_environment(
        {
            "HOLDFAST_SMTP_URL": "smtp://me%40example.com:p%3Ass@mail.example.com",
            "HOLDFAST_MAIL_FROM": "Holdfast <mail@example.com>",
            "HOLDFAST_BLOBS_URL": "s3://bucket/holdfast",
            "HOLDFAST_PUBLIC_URL": "https://cloud.example.com/",
            "HOLDFAST_WORKS": "no",
        }
    )
    assert config.smtp is not None
    assert (config.smtp.host, config.smtp.port, config.smtp.tls) == ("mail.example.com", 587, "upgrade")
    assert (config.smtp.user, config.smtp.password) == ("me@example.com", "p:ss")
    assert (config.blobs, config.public_url) == ("s3://bucket/holdfast", "https://cloud.example.com")
    assert not config.works
    assert from_environment({"HOLDFAST_JOB_SILENT_S": "2.5"}).job_silent_s == 2.5
    assert from_environment({}).works


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail", "a@b"),
        ("smtp://:25", "a@b"),
        ("smtp://h:x", "a@b"),
        ("smtp://h?tls=maybe", "a@b"),
        ("smtp://h", ""),
        ("smtp://h", "a@b\r\nBcc: c@d"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused(url: str, sender: str) -> None:
    with pytest.raises(BadConfig):
        from_environment({"HOLDFAST_SMTP_URL": url, "HOLDFAST_MAIL_FROM": sender})
