"""Fixtures shared by every test: real servers, started once per test process."""

pytest_plugins = ["tests.redis_server", "tests.postgres_server"]
