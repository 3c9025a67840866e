"""Reads a bill of materials against CycloneDX's official JSON schema, with CycloneDX's implementation for Python:
another than those that made it. Arguments: the schema's version, the file."""

import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

version, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    text = file.read()
found = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text)
if found:
    sys.exit(f"{path} does not fit CycloneDX {version}: {found}")
