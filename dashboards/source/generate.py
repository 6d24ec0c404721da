"""Writes overview.json and resolver.json, which Grafana imports: `make dashboards`. They are not edited by hand."""
import json
from pathlib import Path

import overview
import resolver

HOME = Path(__file__).resolve().parents[1]
DASHBOARDS = {"overview.json": overview.build, "resolver.json": resolver.build}


def text_of(name):
    return json.dumps(DASHBOARDS[name](), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for each in DASHBOARDS:
        (HOME / each).write_text(text_of(each), encoding="utf-8")
