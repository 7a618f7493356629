"""Fails unless a generated package holds all that its document describes: check.py DOCUMENT PACKAGE."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path

from openapi_python_client.strings import ClassName, snake_case

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

document = json.loads(Path(sys.argv[1]).read_text())
package = importlib.import_module(sys.argv[2])

# Every module can be imported.
names = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
modules = {name: importlib.import_module(name) for name in names}

# Every operation is a module of its own, with a function for either kind of caller.
operations = {
    snake_case(operation["operationId"])
    for path in document["paths"].values()
    for method, operation in path.items()
    if method in METHODS
}
made = {name.rpartition(".")[2]: module for name, module in modules.items() if name.count(".") == 3}
assert operations, f"{sys.argv[1]} has no operations"
assert made.keys() == operations, f"operations: {sorted(made.keys() ^ operations)} are on one side only"
for name, module in made.items():
    assert callable(module.sync_detailed) and callable(module.asyncio_detailed), f"{name} cannot be called"

# Every schema is a class.
schemas = {ClassName(name, "") for name in document["components"]["schemas"]}
missing = schemas - set(modules[f"{package.__name__}.models"].__all__)
assert not missing, f"schemas: {sorted(missing)} have no model"

print(f"{package.__name__}: {len(modules)} modules, {len(operations)} operations, {len(schemas)} schemas")
