"""Receipt handles name one receive of one message of one queue of one database."""

import pytest

from local.sqs.errors import ReceiptHandleIsInvalidError
from local.sqs.handles import Handle, HandleCodec

CODEC = HandleCodec(b"12345678")


def test_a_handle_survives_the_way_to_the_client_and_back() -> None:
    handle = Handle(queue=3, message=2**40, receive=7)
    assert CODEC.decode(CODEC.encode(handle), queue=3) == handle


def test_each_receive_has_another_handle() -> None:
    assert CODEC.encode(Handle(1, 1, 1)) != CODEC.encode(Handle(1, 1, 2))


@pytest.mark.parametrize("text", ["", "x", "no handle at all", "ÄÖÜ", "A" * 32])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ReceiptHandleIsInvalidError):
        CODEC.decode(text, queue=1)


def test_a_handle_of_another_queue_is_refused() -> None:
    with pytest.raises(ReceiptHandleIsInvalidError):
        CODEC.decode(CODEC.encode(Handle(1, 1, 1)), queue=2)


def test_a_handle_of_another_data_folder_is_refused() -> None:
    with pytest.raises(ReceiptHandleIsInvalidError):
        CODEC.decode(HandleCodec(b"87654321").encode(Handle(1, 1, 1)), queue=1)
