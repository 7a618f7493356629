"""Imports every module of the generated clients: import_clients.py FOLDER PACKAGE..."""

import importlib
import pkgutil
import sys

folder, *packages = sys.argv[1:]
sys.path.insert(0, folder)
for package in packages:
    client = importlib.import_module(package)
    modules = [module.name for module in pkgutil.walk_packages(client.__path__, f"{package}.")]
    for module in modules:
        importlib.import_module(module)
    operations = [module for module in modules if module.startswith(f"{package}.api.") and module.count(".") == 3]
    assert operations, f"{package} has no operations"
    print(f"{package}: {len(modules)} modules, {len(operations)} operations")
