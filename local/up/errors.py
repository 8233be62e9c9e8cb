"""Why `up` does not start. Each text says what is wrong and what to do."""

from pathlib import Path


class UpError(Exception):
    """The service cannot be started."""


class DataInUse(UpError):
    """Another `up` holds the data folder. `holder` is its pid as text, empty when not known."""

    def __init__(self, data: Path, holder: str) -> None:
        which = f"process {holder}" if holder else "another process"
        super().__init__(
            f"classifycloud up runs already on {data} ({which}).\n"
            "Stop it with Ctrl-C there, or give this one another folder: --data DIR"
        )


class DataUnusable(UpError):
    """The data folder cannot be made or written."""

    def __init__(self, data: Path, cause: OSError) -> None:
        super().__init__(
            f"{data} cannot be used: {cause.strerror}.\n"
            "Give a folder that you may write: --data DIR"
        )


class PortInUse(UpError):
    """Somebody listens on the port already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"Port {port} of {host} is in use.\nChoose another one: --port {port + 1}"
            f" (with make: make run ARGS='--port {port + 1}')"
        )


class ModelUnknown(UpError):
    """No bundle has the name that is to answer."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"{cause}\nChoose one of these with --model, or leave it out.")


class WorkersContradict(UpError):
    """The least number of workers is greater than the greatest."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__(
            f"At least {least} workers and at most {most} contradict each other.\n"
            f"Raise the greater one: --max-workers {least}"
        )
