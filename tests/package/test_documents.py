"""What the package brings to read."""
import subprocess

from harness.documents import assert_links_hold


def test_its_documents_link_to_what_there_is(package, tmp_path):
    subprocess.run(["dpkg-deb", "-x", str(package), str(tmp_path)], check=True)
    documents = tmp_path / "usr/share/doc/dnspolicy"
    assert (documents / "config/prometheus/dnspolicy-alerts.yml").exists() and (documents / "dashboards/overview.json").exists()
    assert_links_hold(documents)
