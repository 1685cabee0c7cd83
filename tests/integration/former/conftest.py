"""A Postgres for the run, a database for each test, and the former release beside this one."""

from tests.former import former
from tests.integration.cloud.conftest import database, empty_database, postgres, template

__all__ = ["database", "empty_database", "former", "postgres", "template"]
