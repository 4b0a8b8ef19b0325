"""Threads share the workers evenly."""

import threading
import time

from generation.engine.context import FairSemaphore


def test_turns_go_round_and_never_more_than_workers_compute() -> None:
    semaphore, lock = FairSemaphore(2), threading.Lock()
    counts, inside, most = [0, 0, 0], 0, 0
    everybody = threading.Barrier(3)

    def work(index: int) -> None:
        nonlocal inside, most
        everybody.wait()
        while sum(counts) < 300:
            with semaphore:
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.002)  # without the interpreter's lock, as compiled code computes
                with lock:
                    inside -= 1
                    counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2
    assert min(counts) > 50


def test_moves_are_counted_over_the_seconds_of_all_threads() -> None:
    semaphore = FairSemaphore(2)

    assert semaphore.proposals_per_second is None
    semaphore.count(3_000, 1.0)
    semaphore.count(1_000, 1.0)

    assert semaphore.proposals_per_second == 2_000
