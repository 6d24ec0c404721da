"""The status page, read and clicked through without a script."""
import gzip
from urllib.parse import parse_qs, quote, urlencode, urljoin

import pytest

from harness import Exporter, Misbehaving, Workspace, policy
from harness.exporter import ROOT
from harness.page import Page
from harness.web import QUIET

POLICY = ("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
# No verdict of a busy machine may change between two looks.
PATIENT = {"interval": "2s", "timeout": "900ms"}
CHECKS = """\
  - {name: inside-may-recurse, client: inside, resolver: [east, west], query: "{random}.example A", expect: ANSWERED}
  - {name: inside-may-ask, description: ask away, client: inside, resolver: east, query: "{random}.refused-denied.example A",
     transport: [udp, tcp], expect: ANSWERED, severity: page}
  - {name: no-open-recursion, client: outside, resolver: east, query: "{random}.example A", expect: REFUSED}
"""
NAMES = {"check": "<script>check</script>", "client": "\"><b>'&c=1#%", "resolver": "r+<i>&amp;\\", "group": "<g>",
         "severity": "</option>"}
HOSTILE = """
global: {{interval: 2s, timeout: 900ms, max_qps_per_resolver: 0, max_denied_qps: 0}}
clients:
  {client}: {{subnet: 127.10.0.0/16, source: 127.10.20.5, description: {check}}}
resolvers:
  {resolver}: {{address: {server.address}, port: {server.port}, group: {group}}}
checks:
  - {{name: {check}, description: {client}, client: {client}, resolver: {resolver}, severity: {severity},
     query: "{{random}}.markup.example TXT", expect: {{rcode: REFUSED, answer: {{none_match: "<a>"}}}}}}
  - {{name: nasty, client: {client}, resolver: {resolver}, query: "{{random}}.nasty-texts.example TXT", expect: REFUSED}}
"""


@pytest.fixture(scope="module")
def server():
    place = Workspace()
    running = Misbehaving(place)
    yield running
    running.stop()
    place.remove()


@pytest.fixture(scope="module")
def judged(server):
    """An exporter that has judged every probe of CHECKS; nothing changes it."""
    place = Workspace()
    running = Exporter(place, policy({"east": server, "west": server}, CHECKS, **PATIENT))
    running.wait_for(lambda: not running.probes(verdict="pending"), "all verdicts")
    yield running
    running.stop()
    place.remove()


def look(running, target="/"):
    reply = running.get(target)
    assert reply.status == 200, f"{target}: {reply.status} {reply.text}"
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == POLICY
    return Page(reply.text)


# ---- the views ----

def test_the_matrix_tells_the_worst_of_each_pair_in_symbol_word_and_numbers(judged):
    page = look(judged)
    assert page.root.one("title").text == "dnspolicy: 1 too open, 2 too strict"
    assert page.cells() == {("outside", "east"): "▲ too open 1 of 1", ("outside", "west"): "– not asked",
                            ("inside", "east"): "▼ too strict 2 of 3", ("inside", "west"): "✓ pass 1 probe"}
    cell = page.root.one("a", href="?client=inside&resolver=east")
    assert cell.attributes["aria-label"] == "inside, east: too strict, 2 of 3 not passing"
    assert [item.text for item in page.root.all("li", class_="category")] == [
        "▲ 1 too open", "▼ 2 too strict", "≠ 0 mismatch", "✕ 0 unreachable", "? 0 unknown", "✓ 2 pass"]


def test_a_click_on_a_cell_lists_its_probes_and_a_click_on_one_tells_all_of_it(judged):
    cell = look(judged, "/?client=inside&resolver=east")
    rows = list(next(cell.root.one("section", id="probes").all("tbody")).all("tr"))
    verdicts = [row.one("td", class_="verdict").text for row in rows]
    assert verdicts == ["▼ too strict unexpected_refusal"] * 2 + ["✓ pass as_expected"]
    probe = look(judged, "/" + rows[0].one("a").attributes["href"])
    api = judged.probe(check="inside-may-ask", transport="udp")
    assert probe.root.one("p", class_="explanation").text == " ".join(api["explanation"].split())
    told = probe.pairs()
    assert told["verdict"] == ["▼ too strict unexpected_refusal"]
    assert told["expected"] == ["ANSWERED"]
    assert told["got"][0].startswith("REFUSED, flags qr rd ra, 0 answers, ") and "; from 127.10.20.5:" in told["got"][0]
    assert told["EDE"] == ["18 (Prohibited) no entry"]
    assert (told["description"], told["severity"]) == (["ask away"], ["page"])
    command = probe.root.one("pre", id="reproduce").text
    assert command.startswith("dig @127.0.0.1 ") and command.endswith(".refused-denied.example A")
    assert probe.root.one("button", class_="copy").attributes["data-copy"] == "reproduce"
    assert f"./api/v1/probes/{api['id']}" in probe.root.links()


def test_the_last_changes_are_those_of_what_is_looked_at(exporter, server):
    running = exporter(policy({"east": server}, '''\
  - {name: one, client: [inside, outside], resolver: east, query: ["{random}.refused.example A", "{random}.nxdomain.example A"],
     expect: ANSWERED}\n''', **PATIENT))
    running.wait_for(lambda: running.json("/api/v1/events")["total"] == 4, "four verdicts")
    probe = running.probe(client="inside", verdict="unexpected_refusal")

    def changes(target):
        return [item.text for item in look(running, target).root.one("section", id="changes").all("li")]

    everywhere = changes("/")
    assert len(everywhere) == 4
    of_cell = changes("/?client=inside&resolver=east")
    assert len(of_cell) == 2 and of_cell == [change for change in everywhere if " one inside at east " in change]
    (of_probe,) = changes(f"/?probe={probe['id']}")
    assert " ? pending → ▼ unexpected_refusal ANSWERED was expected; " in of_probe and probe["explanation"] in of_probe


def test_a_failed_reload_is_told_until_the_next_one(exporter, server):
    good = policy({"east": server, "west": server}, CHECKS)
    running = exporter(good)
    for config, is_told in ((good.replace("client: inside", "client: nobody"), True), (good, False)):
        assert running.reload(config) != is_told
        told = [notice.text for notice in look(running).main.all("p", id="notice")]
        assert [text.startswith("The last reload failed: ") and str(running.config_file) in text for text in told] == [True] * is_told


def test_every_link_of_every_page_leads_somewhere_on_this_server(judged):
    seen, todo = set(), [judged.url + "/"]
    while todo:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        assert url.startswith(judged.url + "/"), f"{url} is elsewhere"
        reply = judged.get(url.removeprefix(judged.url))
        assert reply.status == 200 or "/health" in url, f"{url}: {reply.status}"
        if reply.headers["content-type"].startswith("text/html"):
            page = Page(reply.text)
            links = [*page.root.links(), *(each.attributes["src"] for each in page.root.all("script")),
                     *(each.attributes["href"] for each in page.root.all("link"))]
            # What was filtered once need not be filtered again.
            todo += [urljoin(url, link).partition("#")[0] for link in links if link != "data:," and link.count("&") < 2]
    assert len(seen) > 40 and judged.url + "/assets/page.js" in seen


# ---- filters ----

def test_every_value_that_the_form_offers_filters(judged):
    form = look(judged).root.one("form", id="filters")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "./")
    fields = {select.attributes["name"]: [option.attributes["value"] for option in select.all("option")]
              for select in form.all("select")}
    assert fields["client"] == ["", "inside", "outside"] and fields["severity"] == ["", "warning", "page"]
    assert set(fields) == {"client", "resolver", "check", "category", "verdict", "transport", "qtype", "severity"}
    for name, values in fields.items():
        assert values[0] == ""
        for value in values[1:]:
            page = look(judged, "/?" + urlencode({**dict.fromkeys(fields, ""), name: value}))
            total = judged.json(f"/api/v1/probes?{name}={value}")["total"]
            assert page.root.one("p", id="active-filters").text.startswith(f"{total} of 5 probes"), (name, value)
            chosen = page.root.one("select", name=name)
            assert [option.text for option in chosen.all("option") if "selected" in option.attributes] == [value]


def test_a_filter_is_removed_by_its_link_and_the_others_stay(judged):
    page = look(judged, "/?client=inside&transport=udp&check=inside-may-ask")
    removing = [parse_qs(link.attributes["href"].lstrip("?")) for link in page.root.all("a", class_="filter")]
    assert removing == [{"transport": ["udp"], "check": ["inside-may-ask"]}, {"client": ["inside"], "transport": ["udp"]},
                        {"client": ["inside"], "check": ["inside-may-ask"]}]
    assert page.cells() == {("inside", "east"): "▼ too strict 1 of 1"}


@pytest.mark.parametrize("query", ["unknown=1", "unknown=", "category=open", "verdict=fine", "transport=pigeon", "limit=0",
                                   "limit=x", "offset=-1", "column=4294967296", "probe=1", "probe=0123456789ABCDEF",
                                   "client=a&client=b", "since=1", "%3Cscript%3Ealert(1)%3C/script%3E=1", "category=%3Cb%3E",
                                   "a=%zz", "client=%00", "client=%ff"])
def test_a_view_that_makes_no_sense_is_refused_in_a_page(judged, query):
    reply = judged.get("/?" + query)
    assert reply.status == 400
    assert reply.headers["content-security-policy"] == POLICY
    page = Page(reply.text)
    assert page.root.one("section", id="error").one("h2") and page.root.one("header")


def test_what_was_wrong_is_told(judged):
    assert 'did you mean "resolver"?' in Page(judged.get("/?resolvr=x").text).main.text
    assert 'unknown parameter "<b>"' in Page(judged.get("/?%3Cb%3E=1").text).main.text
    gone = judged.get("/?probe=0123456789abcdef")
    assert gone.status == 404 and "No probe has this id" in Page(gone.text).main.text


def test_other_methods_are_told_which_ones_there_are(judged):
    reply = judged.post("/")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")
    Page(reply.text)
    head = judged.request("HEAD", "/?client=inside")
    assert (head.status, head.body) == (200, b"")


# ---- hostile text ----

def test_names_and_what_servers_say_are_text_in_every_view(exporter, server):
    quoted = {key: "'" + value.replace("'", "''") + "'" for key, value in NAMES.items()}
    running = exporter(HOSTILE.format(server=server, **quoted))
    markup = running.judged(check=quote(NAMES["check"]))
    nasty = running.judged(check="nasty")
    cell = "&".join(f"{name}={quote(NAMES[name])}" for name in ("client", "resolver"))
    views = ["/", f"/?{cell}", *(f"/?{name}={quote(value)}" for name, value in NAMES.items())]
    for view in views:
        page = look(running, view)
        assert NAMES["client"] in page.main.text, view
        assert page.root.one("p", id="active-filters").text.startswith(("2 probes", "1 of 2 probes", "2 of 2 probes")), view
    assert list(look(running).cells()) == [(NAMES["client"], NAMES["resolver"])]
    # The links of hostile names lead to what they name.
    for link in look(running).root.one("section", id="matrix").links():
        assert "2 of 2 probes" in look(running, "/" + link).root.one("p", id="active-filters").text
    told = look(running, f"/?probe={markup['id']}").pairs()
    assert "<script>document.title='ran'</script>" in told["answer"][0]
    assert told["NSID"] == ["<b>nsid</b>"] and told["EDE"] == ["18 (Prohibited) </p><iframe src=/>"]
    assert (told["check"], told["description"]) == ([NAMES["check"]], [NAMES["client"]])
    told = look(running, f"/?probe={nasty['id']}").pairs()
    assert told["EDE"] == ['3 (Stale Answer) "\\\ufffd\ufffd\ufffd(<script>']


# ---- what goes with it ----

def test_the_page_is_compressed_for_who_accepts_it(judged):
    plain, packed = judged.get("/?client=inside"), judged.get("/?client=inside", accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert len(packed.body) < len(plain.body) / 3
    assert Page(gzip.decompress(packed.body).decode()).cells() == Page(plain.text).cells()
    assert "content-encoding" not in judged.get("/", accept_encoding="gzip;q=0").headers


@pytest.mark.parametrize("name, kind", [("page.css", "text/css; charset=utf-8"), ("page.js", "text/javascript; charset=utf-8")])
def test_the_style_sheet_and_the_script_are_asked_for_again_and_sent_once(judged, name, kind):
    reply = judged.get(f"/assets/{name}")
    assert (reply.status, reply.headers["content-type"], reply.headers["cache-control"]) == (200, kind, "no-cache")
    assert reply.body == (ROOT / "src" / "views" / "assets" / name).read_bytes()
    again = judged.get(f"/assets/{name}", if_none_match=reply.headers["etag"])
    assert (again.status, again.body) == (304, b"") and again.headers["etag"] == reply.headers["etag"]
    assert again.headers.get("content-length", str(len(reply.body))) == str(len(reply.body)), "that of the 200, or none"
    assert judged.get(f"/assets/{name}", if_none_match='"other"').status == 200
    assert judged.request("HEAD", f"/assets/{name}").headers["content-length"] == str(len(reply.body))
    assert name in [each.attributes.get("href", each.attributes.get("src", "")).removeprefix("assets/")
                    for each in look(judged).root.one("head").all()]


def test_there_are_no_other_files(judged):
    for path in ["/assets/", "/assets", "/assets/page.css/", "/assets/..%2fpage.css", "/assets/../page.css", "/page.css",
                 "/assets/page.html"]:
        assert judged.get(path).status == 404, path


def test_headers_of_the_web_configuration_win(exporter, server, place):
    config = place / "web.yml"
    config.write_text("http_server_config:\n  headers: {Content-Security-Policy: \"default-src 'self'\"}\n")
    running = exporter(policy({"east": server}, CHECKS.replace("[east, west]", "east")), f"--web.config.file={config}")
    for path in ["/", "/assets/page.css"]:
        assert running.get(path).headers["content-security-policy"] == "default-src 'self'"


def test_the_telemetry_path_is_linked_and_cannot_be_that_of_a_file(exporter, workspace):
    running = exporter(QUIET, "--web.telemetry-path=/assets/metrics")
    assert "./assets/metrics" in look(running).root.links()
    clash = Exporter(workspace, QUIET, "--web.telemetry-path=/assets/page.css", wait=False)
    assert clash.process.popen.wait(20) == 1
    assert "is taken by another page" in clash.process.log()
