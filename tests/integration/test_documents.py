"""What the documents show and name is what there is."""
import re

import pytest

from harness import run_command
from harness.exporter import ROOT

pytestmark = pytest.mark.plain
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/servers.md", "tests/bench/README.md"]


def readme_example():
    return re.search(r"```yaml\n(clients:.*?)```", (ROOT / "README.md").read_text(), re.DOTALL).group(1)


def manual_example():
    source = (ROOT / "packaging" / "man" / "dnspolicy.yml.5.in").read_text()
    return re.search(r"\.EX\n(clients:.*?)\.EE", source, re.DOTALL).group(1).replace("\\-", "-")


@pytest.mark.parametrize("example", [
    readme_example, manual_example, (ROOT / "config" / "dnspolicy.yml").read_text, (ROOT / "config" / "demo.yml").read_text],
    ids=["README", "manual", "example", "demo"])
def test_examples_have_no_error_and_no_warning(tmp_path, example):
    file = tmp_path / "dnspolicy.yml"
    file.write_text(example())
    result = run_command("lint", "-c", file)
    assert result.returncode == 0 and result.stderr == ""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_files_that_a_document_names_are_there(document):
    text = (ROOT / document).read_text()
    named = set(re.findall(r"[`(]((?:src|include|tests|config|packaging)/[\w./-]+)[`)]", text))
    missing = [path for path in named if not (ROOT / path).exists()]
    # What is to come is named where it will be.
    assert set(missing) <= {"src/diagnosis"}, document


def test_metrics_that_the_readme_names_exist():
    table = (ROOT / "src" / "views" / "metrics_table.c").read_text()
    named = set(re.findall(r"dnspolicy_[a-z_]+(?=\{)", (ROOT / "README.md").read_text()))
    assert len(named) >= 3 and all(f'"{name}"' in table for name in named), named


def test_the_readme_counts_the_verdicts():
    verdicts = re.findall(r"\[VERDICT_\w+\] =", (ROOT / "src" / "judge" / "verdict.c").read_text())
    assert f"A verdict is one of {len(set(verdicts))}," in (ROOT / "README.md").read_text()
