"""OpenVINO's runtime by itself: `import openvino` also brings converters of models, and takes longer than
loading a compiled network does.

A later `import openvino` finds this same runtime in the module table and adds the rest.
"""

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

PACKAGE = "openvino"
NAME = "openvino._pyopenvino"


class _Package(SourceFileLoader):
    """Gives the package its runtime: an import that finds it in the module table leaves that to the first."""

    def exec_module(self, module: ModuleType) -> None:
        module._pyopenvino = sys.modules[NAME]  # type: ignore[attr-defined]
        super().exec_module(module)


class _Rest(MetaPathFinder):
    """Waits for the package."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != PACKAGE:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Package(name, spec.loader.path)
        return spec


def _loaded() -> ModuleType:
    if NAME in sys.modules:
        return sys.modules[NAME]
    package = importlib.util.find_spec(PACKAGE)
    folders = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec(NAME, folders)
    if sys.platform == "win32" or spec is None or spec.loader is None:
        return _whole()  # there its libraries are found by what the package does first
    try:
        found = _alone(spec)
    except ImportError:
        return _whole()
    sys.meta_path.insert(0, _Rest())
    return found


def _whole() -> ModuleType:
    import openvino

    return openvino._pyopenvino  # type: ignore[no-any-return]


def _alone(spec: ModuleSpec) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except BaseException:
        del sys.modules[NAME]
        raise
    return module


runtime = _loaded()
