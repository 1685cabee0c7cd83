"""Real boxes and clouds as processes, with a Postgres for each worker."""

from tests.integration.cloud.conftest import database, postgres, template

__all__ = ["database", "postgres", "template"]
