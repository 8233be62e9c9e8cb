"""What to do about an error, by its code. What the message says already is not said again."""

LATER = "Its host failed three times in a row: try again in some minutes."
ITSELF = "Try the picture's address in a browser."
FAULT = "The log of the service says why: look for the job's id."

REMEDIES: dict[str, str] = {
    "unreachable": "Start one with `classifycloud up`, or name it: --url URL",
    "interrupted": "The service was restarted, or something between here and there hung up: try again.",
    "out_of_time": "Give it longer: --timeout SECONDS. If a job is named, it goes on.",
    "not_understood": "Name the service's address: --url URL",
    "invalid_url": "Give it as https://example.com/cat.jpg, or a file's name.",
    "unauthorized": "Give one in CLASSIFYCLOUD_KEY; `classifycloud keys add NAME` makes one.",
    "forbidden": "`classifycloud keys list` tells what each key may do.",
    "blocked_address": "Send the picture as a file, or let the service fetch from there: "
    "CLASSIFYCLOUD_FETCH_ALLOW=host:port where it is started.",
    "blocked_port": "Send the picture as a file, or let the service fetch from there: "
    "CLASSIFYCLOUD_FETCH_ALLOW=host:port where it is started.",
    "job_not_found": "Ids are kept for some days, and belong to one service: check --url.",
    "model_not_found": "`classifycloud models list` lists those there are.",
    "no_layers": "Ask another model.",
    "activation_too_large": "Ask for a later layer: `classifycloud models show FOLDER --layers`.",
    "job_expired": "Send it again; if it happens often, the service needs more workers.",
    "job_exists": "Give it another id, or none: one is made.",
    "job_unfinished": "Cancel it first, or wait until it has ended.",
    "job_canceled": "Send it again.",
    "picture_gone": "Send the picture again.",
    "body_too_large": "Send it smaller: the network sees a few hundred pixels a side anyway.",
    "too_many_pixels": "Send it smaller: the network sees a few hundred pixels a side anyway.",
    "unsupported_format": "Convert it to JPEG, PNG or WebP.",
    "invalid_image": "Open it in a viewer: it is damaged or cut short.",
    "idempotency_mismatch": "Leave the key out: one is made for each request.",
    "rate_limited": "Ask less often, or have the limit raised: `classifycloud keys add NAME --rate`.",
    "overloaded": "Try again shortly; more workers answer more: `classifycloud scale`.",
    "queue_unavailable": "A part is starting, or away: try again in some seconds.",
    "internal": FAULT,
    "worker_crashed": "`classifycloud dlq list` shows it.",
    "upstream_unreachable": LATER,
    "upstream_status": ITSELF,
    "upstream_protocol": LATER,
    "too_many_redirects": ITSELF,
    "incomplete_body": LATER,
    "fetch_timeout": LATER,
}


def remedy(code: str, job: str | None = None) -> str:
    """What to do; empty where there is nothing to add."""
    if code in ("timed_out", "shutting_down") and job is not None:
        return f"The answer comes later: GET /jobs/{job}"
    return REMEDIES.get(code, "")
