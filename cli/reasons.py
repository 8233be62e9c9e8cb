"""What a command that works on models says when it cannot: one line, and status 1."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from classifier.extras import remedy
from cli.exits import failed

_REMEDY = "{} is not installed: {}"


@contextmanager
def refusing() -> Iterator[None]:
    """Ends the command with the reason when training, the classifier or a missing library gives one."""
    # TensorFlow tells of its build and of the graphics cards it misses, on every start.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("nncf").setLevel(logging.ERROR)
    try:
        from classifier.errors import ClassifierError
        from training.errors import TrainingError
    except ImportError as error:
        failed(_REMEDY.format(error.name, remedy("serve")))
    try:
        yield
    except (TrainingError, ClassifierError) as error:
        failed(str(error))
    except ImportError as error:
        serving = (error.name or "").partition(".")[0] in ("openvino", "numpy", "PIL")
        failed(_REMEDY.format(error.name, remedy("serve" if serving else "train")))
