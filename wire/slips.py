"""Variables that are meant as settings and are none."""

import difflib
import os

from wire.settings import KINDS, PREFIX, SettingsError

# The commands' own, and the mark that processes of one machine carry.
NO_SETTINGS = {"KEY", "URL", "UP"}
TESTS = ("FUZZ_", "TEST_")


def refuse_unknown() -> None:
    """Look for variables that no process reads: a slip in `ACCESS` would leave a service open.

    Processes themselves do not: while two versions run side by side, one knows more than the other.

    Raises:
        SettingsError: there is one; the text names it and what may be meant.
    """
    known = {name.upper() for kind in KINDS for name in kind.model_fields} | NO_SETTINGS
    for variable in sorted(os.environ):
        name = variable.removeprefix(PREFIX)
        if name == variable or name in known or name.startswith(TESTS):
            continue
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; {PREFIX}{near[0]} may be meant" if near else ""
        raise SettingsError(f"{variable}: there is no such setting{hint}")
