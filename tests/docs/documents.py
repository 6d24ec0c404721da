"""Which documents are done, and the marks that README.md, which is for reading, does not carry itself."""
from blocks import read_document
from harness.exporter import ROOT

DOCUMENTS = [str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
             if "```" in path.read_text(encoding="utf-8")]
MARKS = {
    "README.md": {
        "make demo     # a real BIND and a real Unbound, the exporter on them, and what to open":
            "not run: the integration tests do (test_demo.py); make test is what you are looking at",
        "clients:": "file: dnspolicy.yml",
        "# prometheus.yml": "file: prometheus.yml",
        "build/dnspolicy lint  -c dnspolicy.yml       # every mistake with its place, what the file costs, the policies as a matrix":
            "stays running, port 10953",
    },
}


def read(name):
    return read_document(ROOT / name, ROOT, MARKS.get(name))
