"""The manual pages: what the programs show is what the pages tell."""
import re

import pytest

from harness import policy, run_command
from harness.exporter import ROOT

PAGES = ["dnspolicy_exporter.8", "dnspolicy.1", "dnspolicy.yml.5"]


@pytest.fixture(scope="module")
def pages():
    """The pages without roff's escapes; `make man` has built them."""
    return {page: (ROOT / "build" / "man" / page).read_text().replace("\\-", "-").replace("\\&", "") for page in PAGES}


def test_every_table_is_filled_in(pages):
    for page, text in pages.items():
        assert "@TABLE" not in text and "@VERSION" not in text, page
        assert text.startswith(".TH "), page


def test_every_metric_that_is_served_is_in_the_manual(pages, exporter, bind):
    check = '  - {name: one, client: inside, resolver: ns1, query: "{random}.probe.example.net A", expect: ANSWERED}\n'
    running = exporter(policy({"ns1": bind}, check))
    running.judged(check="one")
    served = re.findall(r"^# TYPE (\S+) ", running.metrics().text, re.M)
    told = set(re.findall(r"^\.B ((?:dnspolicy|process)_\w+)$", pages["dnspolicy_exporter.8"], re.M))
    assert served and set(served) <= told


def test_every_verdict_is_in_the_manual(pages, exporter, bind):
    check = '  - {name: one, client: inside, resolver: ns1, query: "{random}.probe.example.net A", expect: ANSWERED}\n'
    for verdict in exporter(policy({"ns1": bind}, check)).json("/api/v1/verdicts")["verdicts"]:
        assert re.search(rf"^\.B {verdict} \(", pages["dnspolicy_exporter.8"], re.M), verdict


@pytest.mark.parametrize("program, command, page", [
    ("dnspolicy_exporter", [], "dnspolicy_exporter.8"),
    ("dnspolicy", ["lint"], "dnspolicy.1"), ("dnspolicy", ["check"], "dnspolicy.1"), ("dnspolicy", ["diff"], "dnspolicy.1"),
])
def test_every_option_is_in_the_manual(pages, program, command, page):
    options = re.findall(r"--[a-z][a-z.-]+", run_command(*command, "--help", program=program).stdout)
    assert options
    for option in options:
        assert option in pages[page], option


def test_every_key_of_the_example_is_in_the_manual(pages):
    keys = re.findall(r"^\s*(?:- )?(?:&\w+\s+)?([a-z_]+):", (ROOT / "config" / "dnspolicy.yml").read_text(), re.M)
    names = {"office", "vpn", "branch", "stranger"}
    told = set(re.findall(r"^\.B (\w+)$", pages["dnspolicy.yml.5"], re.M))
    assert set(keys) - names <= told
