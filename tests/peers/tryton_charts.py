"""Prints the charts of accounts that Tryton's country modules publish, an account a line, with its type as
Tryton's API gives it. The request on standard input: a list of charts, as answers.toml describes them."""

import importlib.metadata
import json
import pathlib
import site
import sys
import xml.etree.ElementTree as ElementTree


def records(files):
    types, accounts = {}, []
    for file in files:
        for record in ElementTree.parse(file).getroot().iter("record"):
            model = record.get("model")
            if model not in ("account.account.type.template", "account.account.template"):
                continue
            fields = {"names": {}, "flags": set()}
            for field in record.findall("field"):
                name = field.get("name")
                if name == "name":
                    fields["names"][field.get("lang") or ""] = field.text
                elif field.get("eval") == "True":
                    fields["flags"].add(name)
                else:
                    fields[name] = field.get("ref") or field.text
            if model.endswith("type.template"):
                types[record.get("id")] = fields
            else:
                accounts.append(fields)
    return types, accounts


def main():
    folder = pathlib.Path(site.getsitepackages()[0]) / "trytond" / "modules"
    for chart in json.load(sys.stdin):
        version = importlib.metadata.version(chart["package"])
        assert version == chart["version"], f"{chart['package']} is {version}"
        types, accounts = records(folder / file for file in chart["files"])
        for account in accounts:
            kind = types.get(account.get("type"))
            if kind is None or not account.get("code"):
                continue
            names = account["names"]
            name = names.get(chart["language"]) or next(iter(names.values()))
            flags = sorted(kind["flags"] & {"receivable", "payable", "revenue", "expense", "assets"})
            line = {"chart": chart["country"], "code": account["code"], "name": name}
            line.update(flags=flags, statement=kind.get("statement"))
            print(json.dumps(line))


main()
