"""An endpoint that answers as it is told, and the short cut to it."""

import asyncio
import json

from wire.aws import Aws
from wire.express import Express

OK = (200, {"Messages": [{"MessageId": "m"}]})
QUEUE = "http://127.0.0.1/000000000000/q"
REFUSED = (400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "none"})
HANG, CLOSE, HALF = "hang", "close", "half"


class Endpoint:
    """Answers as told, one reply a request, the last one for ever; keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.replies = [OK]
        self.connections = 0

    async def serve(self):
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    def close(self):
        self._server.close()

    async def _line(self, reader, writer):
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def _exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers["content-length"]))
        self.asked.append((head[0], headers, body))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply == HANG:
            await asyncio.sleep(3600)
        if reply == CLOSE:
            return False
        status, answer = OK if reply == HALF else reply
        data = json.dumps(answer).encode()
        told = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\nDate: now\r\n\r\n"
        writer.write(told.encode() + (data[:5] if reply == HALF else data))
        await writer.drain()
        return reply != HALF


def make(config=None):
    aws = Aws("eu-west-1")
    client = aws.client("sqs", config)
    through_boto3 = []
    client.meta.events.register("before-send.sqs", lambda **_: through_boto3.append(1) or None)
    return Express(aws, client), through_boto3


async def receive(express):
    return await express.call("ReceiveMessage", QueueUrl=QUEUE, MaxNumberOfMessages=10)
