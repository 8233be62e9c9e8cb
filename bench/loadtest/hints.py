"""What each code means, and what to do about it."""

from collections.abc import Mapping

from wire.errors import BY_CODE

OURS: Mapping[str, tuple[str, str]] = {
    "no_answer": (
        "This client's own time for a request ran out.",
        "The service is behind or stands still: send less, give it more workers, or raise --timeout.",
    ),
    "no_connection": (
        "Nothing answers at the service's address.",
        "Is it running there? `classifycloud up` starts one, --url names another.",
    ),
    "broken_connection": (
        "The connection ended in the middle of a request, or what came was no HTTP.",
        "The front end was restarted or killed, or something between here and there hung up: see its log.",
    ),
    "no_tls": (
        "No safe connection: the certificate is not one that this machine trusts.",
        "Check the name in --url; SSL_CERT_FILE names a file of further certificates.",
    ),
    "client_exhausted": (
        "This machine has no connection left to open.",
        "Raise `ulimit -n`, send less, or send from several machines.",
    ),
}
PICTURE = (
    "It is about the pictures, not the load: check that the workers can fetch these very addresses."
)
FILE = "It is about this picture's bytes, not the load: leave it out of --photos or --urls."
REQUEST = "It is about the request, not the load: check --url, and --urls where given."
HINTS: Mapping[str, str] = {
    "internal": "A fault in the service: its log has the cause, by the job's id.",
    "worker_crashed": "Its workers died of a picture: see `classifycloud dlq list` and the workers' log.",
    "invalid_url": REQUEST,
    "unsupported_scheme": REQUEST,
    "credentials_in_url": REQUEST,
    "invalid_parameter": REQUEST,
    "invalid_request": REQUEST,
    "request_timeout": "This machine or the network is too slow to send: send less from here.",
    "headers_too_large": "An address in --urls is too long.",
    "unauthorized": "Put a key into CLASSIFYCLOUD_KEY; `classifycloud keys add` makes one.",
    "forbidden": "This key may not ask for this: `classifycloud keys list` tells what it may.",
    "blocked_address": "The service may not fetch from there: start it with "
    "CLASSIFYCLOUD_FETCH_ALLOW=host:port, or use pictures on public addresses (--urls).",
    "blocked_port": "Only ports 80 and 443 may be fetched from: start the service with "
    "CLASSIFYCLOUD_FETCH_ALLOW=host:port (`classifycloud up` allows 127.0.0.1:8099).",
    "job_not_found": REQUEST,
    "model_not_found": "`classifycloud models list` lists those there are.",
    "no_layers": REQUEST,
    "layer_not_found": REQUEST,
    "activation_too_large": REQUEST,
    "job_canceled": REQUEST,
    "job_exists": REQUEST,
    "job_unfinished": REQUEST,
    "picture_gone": REQUEST,
    "job_expired": "It waited longer than its deadline: the fleet is too small for this load.",
    "body_too_large": FILE,
    "too_many_pixels": FILE,
    "unsupported_format": FILE,
    "invalid_image": FILE,
    "idempotency_mismatch": REQUEST,
    "decoder_crashed": FILE,
    "rate_limited": "That is the limit of this key or address (CLASSIFYCLOUD_KEY_RATE, ADDRESS_RATE, "
    "`classifycloud keys add --rate`), not of the fleet: raise it, or stay below; --retries waits as told.",
    "overloaded": "The front end holds all that it may (CLASSIFYCLOUD_MAX_PENDING, CLIENT_JOBS, "
    "HOST_JOBS): more workers, more replicas, or less load; --retries waits as told.",
    "queue_unavailable": "The queue or store fails or throttles: see the front end's log.",
    "shutting_down": "The front end was stopped or restarted during the run.",
    "upstream_unreachable": PICTURE,
    "upstream_status": PICTURE,
    "upstream_protocol": PICTURE,
    "too_many_redirects": PICTURE,
    "incomplete_body": PICTURE,
    "fetch_timeout": "The pictures' host is too slow for this load: with --photos it is this machine.",
    "timed_out": "The queue is longer than the service's wait (CLASSIFYCLOUD_WAIT): more workers "
    "(CLASSIFYCLOUD_MAX_WORKERS), or less load.",
}


def explained(code: str) -> tuple[str, str]:
    """Meaning and hint of a code; both empty for "ok"."""
    if code in OURS:
        return OURS[code]
    if code in BY_CODE:
        return BY_CODE[code].message, HINTS.get(code, "")
    if code.startswith("http_"):
        status = code.removeprefix("http_")
        return (
            f"Status {status}, and not in ClassifyCloud's form.",
            "A proxy or load balancer in front of it answered, or another server is at --url.",
        )
    return "", ""
