"""The table of errors that callers count on."""

import pytest

from wire import errors

TABLE = {
    400: {
        "invalid_url",
        "unsupported_scheme",
        "credentials_in_url",
        "invalid_parameter",
        "invalid_request",
        "no_layers",
        "activation_too_large",
    },
    401: {"unauthorized"},
    403: {"forbidden", "blocked_address", "blocked_port"},
    404: {"job_not_found", "model_not_found", "layer_not_found"},
    408: {"request_timeout"},
    409: {"job_exists", "job_unfinished"},
    410: {"job_expired", "job_canceled", "picture_gone"},
    413: {"body_too_large", "too_many_pixels"},
    415: {"unsupported_format"},
    422: {"invalid_image", "decoder_crashed", "idempotency_mismatch"},
    429: {"rate_limited"},
    431: {"headers_too_large"},
    500: {"worker_crashed", "internal"},
    502: {
        "upstream_unreachable",
        "upstream_status",
        "upstream_protocol",
        "too_many_redirects",
        "incomplete_body",
    },
    503: {"overloaded", "queue_unavailable", "shutting_down"},
    504: {"fetch_timeout", "timed_out"},
}


def test_the_table_is_whole_and_has_nothing_else():
    found: dict[int, set[str]] = {}
    for code, kind in errors.BY_CODE.items():
        assert kind.code == code
        found.setdefault(kind.status, set()).add(code)
    assert found == TABLE


@pytest.mark.parametrize("code", sorted(errors.BY_CODE))
def test_an_error_comes_back_from_its_code(code):
    error = errors.from_code(code, "said so")
    assert error.code == code
    assert error.public == "said so"


def test_a_code_of_a_newer_version_reads_internal():
    assert errors.from_code("invented_later").code == "internal"


def test_busy_signs_say_when_to_come_back():
    busy = [kind for kind in errors.BY_CODE.values() if kind.status in {429, 503}]
    assert all(kind.retry_after for kind in busy)
