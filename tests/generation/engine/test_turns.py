"""Threads share the workers evenly."""

import threading

from generation.engine.state import Turns


def test_turns_go_round_and_never_more_than_workers_compute() -> None:
    turns, lock = Turns(2), threading.Lock()
    counts, inside, most = [0, 0, 0], 0, 0
    everybody = threading.Barrier(3)

    def work(index: int) -> None:
        nonlocal inside, most
        everybody.wait()
        while sum(counts) < 300:
            with turns:
                with lock:
                    inside += 1
                    most = max(most, inside)
                sum(range(20_000))
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
