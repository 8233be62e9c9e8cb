"""OpenVINO's runtime by itself: `import openvino` also brings converters of models, and takes longer than
loading a compiled network does.

A later `import openvino` finds this same runtime in the module table and adds the rest.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from types import ModuleType

NAME = "openvino._pyopenvino"


def _loaded() -> ModuleType:
    if NAME in sys.modules:
        return sys.modules[NAME]
    package = importlib.util.find_spec("openvino")
    folders = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(NAME, folders)
    if sys.platform == "win32" or spec is None or spec.loader is None:
        import openvino  # there its libraries are found by what the package does first

        return openvino._pyopenvino  # type: ignore[no-any-return]
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[NAME]
        raise
    return module


runtime = _loaded()
