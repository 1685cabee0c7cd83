"""What tests do so that it is all the same at which hour, and on which day, they are run.

Rule of the file: the product's own clock is left alone; what is moved lies in the database of the test.
"""

from datetime import UTC, datetime

import asyncpg


async def make_it_noon(sql: asyncpg.Connection) -> None:
    """Move venues to where it is about noon: no test runs into its midnight there, nor a change of clocks."""
    east = 12 - datetime.now(UTC).hour
    await sql.execute("UPDATE venues SET timezone = $1", f"Etc/GMT{-east:+}")


async def hold_windows(sql: asyncpg.Connection) -> None:
    """No window of a limit ends in the middle of the test: all attempts are of one that has just begun.

    Windows are cut from the clock: one of five minutes ends within every hundredth test of three seconds.
    """
    began = datetime.now(UTC).isoformat(timespec="seconds")
    await sql.execute(
        f"""
        CREATE FUNCTION of_one_window() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.window_start := '{began}'; RETURN NEW; END $$;
        CREATE TRIGGER of_one_window BEFORE INSERT ON attempts
            FOR EACH ROW EXECUTE FUNCTION of_one_window();
        """
    )
