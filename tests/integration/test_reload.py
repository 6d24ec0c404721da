"""Reloads: a bad file changes nothing, what did not change goes on, and no query is lost from the counts."""
import threading

import pytest

from harness import Misbehaving, policy

REFUSED = '  - {name: refused, client: outside, resolver: ns1, query: "{random}.probe.example.net A", expect: REFUSED}\n'
ANSWERED = '  - {name: answered, client: inside, resolver: ns1, query: "{random}.probe.example.net A", expect: ANSWERED}\n'


@pytest.fixture
def quiet(workspace):
    server = Misbehaving(workspace)
    yield server
    server.stop()


def verdicts(running, check):
    return running.metrics().value("dnspolicy_verdicts_total", check=check, verdict="as_expected")


def test_a_bad_file_changes_nothing_and_says_so(exporter, bind):
    good = policy({"ns1": bind}, REFUSED)
    running = exporter(good)
    probe = running.judged(check="refused")
    assert not running.reload(good + "  - {name: second, client: nobody, resolver: ns1, query: a.example A, expect: REFUSED}\n")
    after = running.probe(check="refused")
    assert (after["id"], after["since"]) == (probe["id"], probe["since"]) and after["runs"] >= probe["runs"]
    metrics = running.metrics()
    assert metrics.value("dnspolicy_config_last_reload_successful") == 0
    assert metrics.value("dnspolicy_probes") == 1
    assert "nobody" in running.process.log(), "the error is told"
    runs = verdicts(running, "refused")
    running.wait_for(lambda: verdicts(running, "refused") > runs, "it goes on")

    assert running.reload(good)
    assert running.metrics().value("dnspolicy_config_last_reload_successful") == 1


@pytest.mark.parametrize("damage", ["", "checks: [", "\x00\x01", "- just\n- a list\n", "checks: []\n"], ids=repr)
def test_no_kind_of_damage_stops_it(exporter, bind, damage):
    running = exporter(policy({"ns1": bind}, REFUSED))
    running.judged(check="refused")
    assert not running.reload(damage)
    runs = verdicts(running, "refused")
    running.wait_for(lambda: verdicts(running, "refused") > runs, "it goes on")


def test_a_file_that_is_gone_changes_nothing(exporter, bind):
    running = exporter(policy({"ns1": bind}, REFUSED))
    running.judged(check="refused")
    running.config_file.unlink()
    assert not running.reload()
    assert running.probe(check="refused")["verdict"] == "as_expected"


def test_what_did_not_change_keeps_its_state_and_the_new_begins(exporter, bind):
    running = exporter(policy({"ns1": bind}, REFUSED))
    running.wait_for(lambda: running.probe(check="refused")["runs"] >= 3)
    before, count = running.probe(check="refused"), verdicts(running, "refused")
    assert running.reload(policy({"ns1": bind}, REFUSED + ANSWERED))
    after = running.probe(check="refused")
    assert (after["id"], after["since"]) == (before["id"], before["since"]) and after["runs"] >= before["runs"]
    assert verdicts(running, "refused") >= count
    assert running.judged(check="answered")["verdict"] == "as_expected"


def test_a_changed_expectation_is_judged_anew_and_the_counters_go_on(exporter, bind):
    running = exporter(policy({"ns1": bind}, REFUSED))
    running.wait_for(lambda: verdicts(running, "refused") >= 2)
    before, count = running.probe(check="refused"), verdicts(running, "refused")
    assert running.reload(policy({"ns1": bind}, REFUSED.replace("expect: REFUSED", "expect: [REFUSED, NOTAUTH]")))
    after = running.probe(check="refused")
    assert after["id"] == before["id"] and after["since"] > before["since"]
    assert verdicts(running, "refused") >= count
    assert running.judged(check="refused")["verdict"] == "as_expected"


def test_what_is_gone_leaves_the_metrics(exporter, bind):
    running = exporter(policy({"ns1": bind}, REFUSED + ANSWERED))
    running.judged(check="answered")
    assert running.reload(policy({"ns1": bind}, REFUSED))
    assert running.metrics().samples("dnspolicy_probe_verdict", check="answered") == []
    assert running.probes(check="answered") == []


@pytest.mark.tsan
def test_hundreds_of_reloads_under_load_lose_no_count(exporter, bind, quiet):
    """Every query that BIND and the silent server have seen is counted, those of runs that a reload ended included."""
    servers = {"ns1": bind, "quiet": quiet}
    steady = "".join(f'  - {{name: steady-{number}, client: inside, resolver: ns1, transport: [udp, tcp],'
                     f' query: "{{random}}.s{number}.probe.example.net A", expect: ANSWERED}}\n' for number in range(40))

    def generation(number, interval="250ms"):
        """Changes the interval of some checks and the expectation of others, and has one check come and go."""
        text = steady
        text += (f'  - {{name: changing, client: inside, resolver: ns1, query: "{{random}}.changing.probe.example.net A",'
                 f' interval: {interval if number % 3 else "300ms"}, expect: ANSWERED}}\n')
        text += (f'  - {{name: silent, client: inside, resolver: quiet, query: "{{random}}.silent.example A",'
                 f' timeout: {90 + number % 2}ms, attempts: 2, expect: ANSWERED}}\n')
        if number % 2:
            text += '  - {name: passing, client: inside, resolver: ns1, query: passing.corp.example A, expect: NXDOMAIN}\n'
        return policy(servers, text, interval=interval, timeout="100ms")

    seen_before = len(bind.queries("127.10.20.5"))
    running = exporter(generation(0), "--prober.lanes=4")
    stop, troubles = threading.Event(), []

    def counted(resolver):
        return running.metrics().sum("dnspolicy_queries_total", client="inside", resolver=resolver)

    def read_all_the_time():
        while not stop.is_set():
            try:
                running.metrics()
                running.json("/api/v1/probes?limit=1000")
                running.json("/api/v1/verdicts")
            except Exception as error:  # pylint: disable=broad-except
                troubles.append(error)
                return

    readers = [threading.Thread(target=read_all_the_time) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        while running.loads()[0] < 250 or counted("ns1") < 2000:
            assert running.reload(generation(running.loads()[0] + 1))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert not troubles

    # The same labels, and hardly a query any more: what was sent is at its server or lost, and every run is counted.
    assert running.reload(generation(1, interval="1h"))
    running.wait_for(lambda: running.metrics().value("dnspolicy_probes_in_flight") == 0, "a moment without a run")

    def unseen():
        return counted("ns1") - (len(bind.queries("127.10.20.5")) - seen_before)

    lost = running.metrics().sum("dnspolicy_attempts_lost_total", client="inside", resolver="ns1")
    running.wait_for(lambda: 0 <= unseen() <= lost, f"agreement with BIND, {lost:g} lost queries aside", 10)
    running.wait_for(lambda: counted("quiet") == len(quiet.queries("silent")), "agreement with the silent server")
    assert running.loads()[1] == 0
