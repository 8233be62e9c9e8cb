"""TensorFlow's all-reduce among the tasks of a barrier stage.

Each task binds a port, tells the others its address through Spark, and names all of them to TensorFlow, whose
MultiWorkerMirroredStrategy then sums a vector along a ring: every executor sends and receives 2 (n - 1) / n
times the vector's bytes (Patarasuk and Yuan 2009), whatever their number. Variables are each replica's own,
and equal since every update is: Keras 3's `fit` and its variables do not get along with the strategy
(keras-team/keras#20585).
"""

import json
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Sum = Callable[[Any], Any]


@contextmanager
def reserved() -> Iterator[int]:
    """A TCP port of this machine that nobody else is given; whoever shares it must want to."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("", 0))
        yield int(held.getsockname()[1])


def joined(rank: int, addresses: Sequence[str], threads: int) -> Sum:
    """Join the ring, and wait until all have; a function that sums a tensor over all ranks.

    Once in a process, and before anything else is done with TensorFlow.

    Args:
        addresses: host:port of each rank; this one's port is held by `reserved`.
        threads: cores of this task.
    """
    cluster = {"worker": list(addresses)}
    os.environ["TF_CONFIG"] = json.dumps(
        {"cluster": cluster, "task": {"type": "worker", "index": rank}}
    )
    os.environ["TF_GRPC_REUSE_PORT"] = "1"
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.set_visible_devices([], "GPU")
    if len(addresses) == 1:
        return lambda vector: vector
    asked = tf.distribute.experimental
    ring = asked.CommunicationOptions(implementation=asked.CommunicationImplementation.RING)
    strategy = tf.distribute.MultiWorkerMirroredStrategy(communication_options=ring)

    def over_all(vector: Any) -> Any:
        replica = tf.distribute.get_replica_context()
        here = tf.identity(vector)  # on a device by its full name, which the ring asks for
        return replica.all_reduce(tf.distribute.ReduceOp.SUM, here, options=ring)

    return lambda vector: strategy.run(over_all, (vector,))
