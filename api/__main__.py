"""`python -m api`: one replica of the front end. Settings are CLASSIFYCLOUD_* variables."""

import gc
import logging
import sys
from typing import NoReturn

from api.edge import listener as listeners
from wire import log, tracing
from wire.runner import runner, settled
from wire.settings import ApiSettings, SettingsError, load
from wire.turns import take_long_ones


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    take_long_ones()
    try:
        settings = load(ApiSettings)
        listener = listeners.bind(settings.host, settings.port)
    except SettingsError as error:
        _quit(str(error))
    except OSError as error:
        _quit(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
            "set CLASSIFYCLOUD_HOST and CLASSIFYCLOUD_PORT"
        )
    log.configure("api", settings.log_level)
    # It warns of every request that is none: those are counted, and anybody may send any number.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    # Late, because they take the better part of a second: whoever connects meanwhile waits in the kernel.
    gc.disable()
    try:
        tracing.begin("api", settings)
    except SettingsError as error:
        _quit(str(error))
    from api.serving import run

    with runner() as running:
        settled()
        gc.enable()
        running.run(run(settings, listener))
    tracing.end()


def _quit(reason: str) -> NoReturn:
    sys.stderr.write(f"{reason}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
