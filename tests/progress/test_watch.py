"""`manage.py watch` as a real process: from this machine's data, and from a server that is restarted meanwhile."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.processes import SOON_S, Process, manage, start, start_server, wait_until
from tests.progress.site import Site, start_site
from tests.progress.test_stream import tracker_of

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def own_site() -> Iterator[Site]:
    """One whose server may be restarted."""
    with start_site(PROGRESS_ROW_S="0", STREAM_STALE_S="1") as site:
        yield site


def watch(site: Site, *arguments: str, folder: Path, name: str = "watch") -> Process:
    # As Django runs it on the console: unbuffered, so that each line is there when it is written.
    return start([sys.executable, "-u", "manage.py", "watch", *arguments], log=folder / f"{name}.log", env=site.env)


def wait_for(process: Process, words: str) -> None:
    wait_until(lambda: words in process.output(), what=f"{words!r} in the watcher's lines")


def test_from_the_own_data_while_redis_goes_away(own_site: Site, tmp_path: Path) -> None:
    job_id = own_site.new_job()
    tracker = tracker_of(own_site, job_id)
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    watcher = watch(own_site, job_id, folder=tmp_path)
    wait_for(watcher, "10.00 %  running  clustering")
    leaving = watch(own_site, job_id, folder=tmp_path, name="leaving")
    wait_for(leaving, "10.00 %  running  clustering")
    leaving.stop(sig=signal.SIGINT)
    assert (leaving.popen.returncode, "The job goes on" in leaving.output()) == (130, True)
    own_site.valkey.stop()
    tracker.failed("No room is large enough.")
    own_site.save_row(tracker.record, status="failed")

    assert watcher.popen.wait(SOON_S) == 1
    own_site.valkey.start()
    assert "The job failed. No room is large enough." in watcher.output()
    assert "Traceback" not in watcher.output()


def test_from_a_server_that_is_restarted(own_site: Site, tmp_path: Path) -> None:
    job_id = own_site.new_job()
    tracker = tracker_of(own_site, job_id)
    tracker.update("clustering", 50, completed_items=1, total_items=2)
    own_site.env["TIMELOOM_TOKEN"] = own_site.tokens["boss"]
    watcher = watch(own_site, job_id, "--url", own_site.server.url, folder=tmp_path)
    wait_for(watcher, "10.00 %  running  clustering")
    own_site.server.process.stop()
    wait_for(watcher, "Reconnecting in")
    with start_server(own_site.env, folder=own_site.folder, port=own_site.server.port) as server:
        own_site.server = server
        tracker.update("cpsat_solving", 50, completed_items=1, total_items=2)
        wait_for(watcher, "45.00 %  running  cpsat_solving")
        tracker.completed()

        assert watcher.popen.wait(SOON_S) == 0
        assert "100.00 %  completed" in watcher.output()
        refused = manage("watch", own_site.foreign.replace("-", "0"), env=own_site.env)
        assert (refused.returncode, "is not a job's id" in refused.stderr) == (2, True)
        for arguments, words in (
            ((own_site.foreign, "--url", server.url, "--token", own_site.tokens["boss"]), "There is no job"),
            ((job_id, "--url", server.url, "--token", "nonsense"), "Sign in"),
            ((job_id, "--url", server.url, "--token", own_site.tokens["guest"]), "Your role"),
            ((job_id, "--url", "ftp://elsewhere"), "not a server's address"),
        ):
            with pytest.raises(CommandError, match=words) as refusal:
                call_command("watch", *arguments)
            assert refusal.value.returncode == 2


@pytest.mark.django_db
def test_a_job_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match="There is no job f47ac10b"):
        call_command("watch", "f47ac10b-58cc-4372-a567-0e02b2c3d479")
