"""Debian's Prometheus, which scrapes exporters and answers queries."""
import json
import urllib.error
import urllib.parse
import urllib.request

from .http_service import HttpService
from .process import installed, wait_until


class QueryFailed(Exception):
    """Prometheus turned a query down; the message holds the query and its words."""


class Prometheus(HttpService):
    """`targets` are exporters, or pairs of one and the labels of its target, such as {"site": "ams"}. `more` is merged into the
    configuration: alerting, further scrape jobs."""

    def __init__(self, workspace, targets, scrape_interval="1s", rule_files=(), more=None, **options):
        super().__init__(workspace, "Prometheus", **options)
        pairs = [target if isinstance(target, tuple) else (target, {}) for target in targets]
        jobs = [{"job_name": "dnspolicy", "static_configs": [
            {"targets": [f"{exporter.address}:{exporter.port}"], "labels": labels} for exporter, labels in pairs]}]
        more = dict(more or {})
        # JSON is YAML.
        (self.directory / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": scrape_interval, "scrape_timeout": scrape_interval, "evaluation_interval": scrape_interval},
            "rule_files": [str(file) for file in rule_files], "scrape_configs": jobs + more.pop("scrape_configs", []), **more}))
        self.start([
            installed("prometheus"), f"--config.file={self.directory}/prometheus.yml", f"--storage.tsdb.path={self.directory}/data",
            f"--web.listen-address={self.address}:{self.port}"])

    def api(self, path, **parameters):
        """The `data` of an answer of the HTTP API; a parameter may be a list."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                return json.load(reply)["data"]
        except urllib.error.HTTPError as error:
            raise QueryFailed(f"{path} {parameters}: {error.read().decode(errors='replace')}") from None

    def query(self, expression, **parameters):
        """The samples of an instant query: a list of (labels, value)."""
        data = self.api("query", query=expression, **parameters)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    def query_range(self, expression, start, end, step):
        """The series of a range query: a list of (labels, [(time, value)])."""
        data = self.api("query_range", query=expression, start=start, end=end, step=step)
        return [(each["metric"], [(time, float(value)) for time, value in each["values"]]) for each in data["result"]]

    def value(self, expression):
        """The value of the first sample, None where there is none."""
        found = self.query(expression)
        return found[0][1] if found else None

    def wait_for(self, expression, what=None, timeout=30):
        """Waits until the expression gives a sample, whatever its value."""
        def asked():
            self.process.check_running()
            return self.query(expression)
        return wait_until(asked, what or f"a sample of {expression}", timeout, pause=0.1)
