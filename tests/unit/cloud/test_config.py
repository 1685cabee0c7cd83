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
    [{"HOLDFAST_CLOUD_PORT": "x"}, {"HOLDFAST_CLOUD_PORT": "70000"}, {"HOLDFAST_BEHIND_TLS": "perhaps"}],
)
def test_what_cannot_be_meant_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(BadConfig, match=next(iter(environment))):
        from_environment(environment)
