"""Faults on purpose: what AWS documents may happen, made to happen in the local endpoints.

For tests alone, and off unless asked for: without `--faults` only the name of its error is loaded.

    python -m local.sqs --faults FILE        python -m local.storage --faults FILE
    classifycloud up --faults FILE           (both)

FILE, or the text itself, is JSON:

    {"seed": 7,
     "sqs": [{"fault": "throttle", "on": ["SendMessageBatch"], "share": 0.05},
             {"fault": "duplicate", "share": 0.02, "where": "requests"},
             {"fault": "delay", "share": 0.1, "seconds": [0.05, 0.5]}],
     "s3":  [{"fault": "conflict", "share": 0.1}, {"fault": "lost", "share": 0.02, "limit": 5}]}

A rule hits `share` (0 to 1) of the requests that it is for: those of the actions in `on` (all it can
apply to where left out) whose queue or path contains `where`; `limit` ends it after so many hits.
The n-th request that a rule is for meets the same fate in every run with the same seed. The first
rule that hits settles the request; delays only add up. `duplicate`, `empty` and `early` count as
ReceiveMessage, `reorder` as SendMessageBatch, also where one message is sent.

| fault | of | what happens |
|---|---|---|
| delay | sqs, s3 | the request waits `seconds` (least, most) before anything happens |
| throttle | sqs, s3 | refused before the effect: 400 RequestThrottled, 503 SlowDown |
| error | sqs, s3 | 500 before the effect: InternalFailure, InternalError |
| unavailable | sqs, s3 | 503 ServiceUnavailable before the effect |
| lost | sqs, s3 | takes effect, then the connection closes before the answer's body |
| lost_500 | sqs, s3 | takes effect, then 500 |
| cut | sqs, s3 | takes effect, then the connection closes in the middle of the answer's body |
| conflict | s3 | 409 ConditionalRequestConflict, nothing written; PUTs with a condition only |
| partial | sqs | each entry of a batch, `share` of them, fails alone, SenderFault false |
| duplicate | sqs | each message received, `share` of them, is handed out once more, deleted or not |
| reorder | sqs | each message sent, `share` of them, shows up to `seconds` later than the next ones |
| empty | sqs | a receive brings nothing at once, although messages wait |
| early | sqs | what a receive brings shows again before its time-out, after `seconds` |

`GET /_faults` of either endpoint gives the counts, `{"rules": [{"rule": {...}, "met": 9, "hit": 1}]}`;
`PUT /_faults` with such a document replaces the rules (counts start over), `DELETE /_faults` removes
them. Like all of an endpoint it answers on loopback only, and not to web pages.
"""
