"""Which documents are done, and the marks that README.md, which is for reading, does not carry itself."""
from blocks import read_document
from harness.exporter import ROOT

DOCUMENTS = [str(path.relative_to(ROOT)) for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
             if "```" in path.read_text(encoding="utf-8")]
# By how the block begins.
MARKS = {
    "README.md": {
        "make demo ": "not run: the integration tests do (test_demo.py); make test is what you are looking at",
        "clients:\n": "file: dnspolicy.yml",
        "# prometheus.yml\n": "file: prometheus.yml",
        "build/dnspolicy lint ": "stays running, port 10953",
    },
}


def read(name):
    return read_document(ROOT / name, ROOT, MARKS.get(name))
