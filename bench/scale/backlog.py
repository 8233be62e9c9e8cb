"""A queue of requests that is kept at a depth: what is answered is sent anew."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from bench.scale.asking import Asking
from bench.throughput.pictures import Origin
from wire.messages import Answer, Job
from wire.names import QueueNames

REPLICA = "bench"
TEN = 10
FILLERS = 3  # threads; the endpoint has one core at most
DEADLINE = 12 * 3600.0
HELD = 40  # messages that a worker holds, as it is told to: they do not count as waiting
WAITING = "ApproximateNumberOfMessages"


class Backlog:
    """Jobs in the requests queue of a service, straight from here; their answers come back here.

    `answered` counts pictures that were classified, `failed` answers that are errors.

    Args:
        endpoint: URL of the queues.
        names: of the deployment's queues.
        origin: where the pictures are.
    """

    def __init__(self, endpoint: str, names: QueueNames, origin: Origin) -> None:
        self._ask = Asking(endpoint)
        self._origin = origin
        self._reply_to = names.responses(REPLICA)
        self._requests = self._ask("GetQueueUrl", QueueName=names.requests)["QueueUrl"]
        self._responses = self._ask("CreateQueue", QueueName=self._reply_to)["QueueUrl"]
        self.calls = frozenset(  # this class's own
            {
                ("SendMessageBatch", names.requests),
                ("ReceiveMessage", self._reply_to),
                ("DeleteMessageBatch", self._reply_to),
            }
        )
        self._ended = threading.Event()
        self._pumping = threading.Thread(target=self._pump, daemon=True)
        self._counting = threading.Lock()
        self._open = 0  # sent and not answered
        self._depth = 0
        self.answered = self.failed = 0
        self._fault: Exception | None = None

    def start(self) -> None:
        """Answers are received from now on."""
        self._pumping.start()

    def stop(self) -> None:
        """No answer is received any more. Raises what `check` raises."""
        self._ended.set()
        self._pumping.join()
        self.check()

    def check(self) -> None:
        """Raises RuntimeError: answers were errors, or are no longer received."""
        if self._fault is not None:
            raise RuntimeError(f"the backlog is not kept: {self._fault!r}") from self._fault
        if self.failed:
            raise RuntimeError(f"{self.failed} of {self.failed + self.answered} answers are errors")

    def waiting(self) -> int:
        """Messages that wait, by the queue's own count: one call of GetQueueAttributes."""
        told = self._ask("GetQueueAttributes", QueueUrl=self._requests, AttributeNames=[WAITING])
        return int(told["Attributes"][WAITING])

    def fill(self, depth: int) -> None:
        """Send until so many wait, however many are answered meanwhile, and keep it so from now on.

        Ten are sent when ten are missing: so many wait at least, and up to ten more.
        """
        target = depth + HELD + TEN
        with ThreadPoolExecutor(FILLERS) as pool:
            while batches := max(0, target - self._open) // TEN:
                for _ in pool.map(lambda _: self._send(), range(batches)):
                    pass
        self._depth = target

    def _pump(self) -> None:
        try:
            while not self._ended.is_set():
                self._pass_on()
        except Exception as fault:  # told by `check`: a thread has nobody above it
            self._fault = fault

    def _pass_on(self) -> None:
        """Take answers, send as many jobs."""
        got = self._ask(
            "ReceiveMessage",
            QueueUrl=self._responses,
            MaxNumberOfMessages=TEN,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if got:
            self._delete([message["ReceiptHandle"] for message in got])
            self._count([Answer.decode(message["Body"]) for message in got])
            self._more_open(-len(got))
        # While it is filled there is no depth to be kept yet.
        while self._depth - self._open >= TEN:
            self._send()

    def _count(self, answers: list[Answer]) -> None:
        good = sum(answer.error is None for answer in answers)
        self.answered += good
        self.failed += len(answers) - good

    def _send(self) -> None:
        """Ten jobs."""
        entries = [{"Id": str(n), "MessageBody": self._job()} for n in range(TEN)]
        answer = self._ask("SendMessageBatch", QueueUrl=self._requests, Entries=entries)
        if answer.get("Failed"):
            raise RuntimeError(f"the queue refused messages: {answer['Failed'][0]}")
        self._more_open(TEN)

    def _delete(self, handles: list[str]) -> None:
        entries = [{"Id": str(n), "ReceiptHandle": h} for n, h in enumerate(handles)]
        self._ask("DeleteMessageBatch", QueueUrl=self._responses, Entries=entries)

    def _more_open(self, count: int) -> None:
        # Threads that fill and the one that receives do this at once.
        with self._counting:
            self._open += count

    def _job(self) -> str:
        return Job(
            uuid=uuid.uuid4().hex,
            image_url=self._origin.next(),
            reply_to=self._reply_to,
            deadline=DEADLINE,
        ).encode()
