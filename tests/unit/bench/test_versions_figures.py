"""What the bench of two versions makes of its windows."""

from bench.versions import Window, compared


def window(per_second: float, cpu: float = 0.02, failed: int = 0) -> Window:
    return Window(per_second, median_wait=0.35, failed=failed, cpu=cpu, calls=0.8)


def test_each_window_is_compared_with_the_one_that_followed_it():
    # The machine slows down to a half: the medians of the two tell next to nothing, the pairs all.
    ours = [window(110), window(82), window(55)]
    theirs = [window(100), window(75), window(50)]
    found = compared(ours, theirs)
    assert found["rate_over_theirs"] == 1.1
    assert found["ours"]["per_second"] == 82
    assert found["rates"] == [[110, 100], [82, 75], [55, 50]]


def test_processor_time_and_failures_are_told_as_they_are():
    found = compared([window(100, cpu=0.018, failed=2)], [window(100, cpu=0.020)])
    assert found["cpu_over_theirs"] == 0.9
    assert found["ours"]["cpu_ms"] == 18
    assert (found["ours"]["failed"], found["theirs"]["failed"]) == (2, 0)
