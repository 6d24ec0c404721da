"""The spec file: what rpmbuild makes of it here. Debian's rpm knows no build dependencies and none of Fedora's macros, so fedora.macros
stands in for them, and the package is not installed."""
import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import HERE, ROOT, makefile, run
from harness.documents import assert_links_hold

SPEC = ROOT / "packaging" / "rpm" / "dnspolicy.spec"


@pytest.fixture(scope="module")
def rpm(tmp_path_factory):
    """Runs a command of rpm's family; each would leave a database in the home of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    return lambda *command: run(*command, env={**os.environ, "HOME": str(home)})


@pytest.fixture(scope="module")
def package(tmp_path_factory, tracked, version, rpm):
    """Built without optimising, from the tree as it is."""
    top = tmp_path_factory.mktemp("rpm")
    (top / "SOURCES").mkdir()
    archive = top / "SOURCES" / f"dnspolicy-{version}.tar.gz"
    subprocess.run(["tar", "-C", ROOT, "-czf", archive, f"--transform=s,^,dnspolicy-{version}/,S", "--null", "-T", "-"],
                   input="\0".join(tracked), text=True, check=True)
    rpm("rpmbuild", "-bb", "--nodeps", "--nocheck", "--define", f"_topdir {top}", "--load", HERE / "fedora.macros", SPEC)
    return next((top / "RPMS").rglob("dnspolicy-*.rpm"))


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    place = tmp_path_factory.mktemp("unpacked")
    archive = subprocess.run(["rpm2cpio", package], check=True, capture_output=True).stdout
    subprocess.run(["cpio", "-idm", "--quiet"], input=archive, cwd=place, check=True)
    return place


@pytest.fixture
def listed(package, rpm):
    return lambda *query: set(rpm("rpm", "-qp", "--nosignature", *query, package).splitlines())


def test_the_spec_file_is_sound(version, rpm):
    assert re.search(r" 0 errors, ", rpm("rpmlint", SPEC))
    assert rpm("rpmspec", "-q", "--load", HERE / "fedora.macros", "--queryformat", "%{VERSION}", SPEC).strip() == version


def test_it_asks_for_the_libraries_that_the_build_asks_for():
    asked = set(re.findall(r"^BuildRequires:\s+pkgconfig\((.*)\)", SPEC.read_text(), re.M))
    assert asked == set(makefile("LIBRARIES").split()) | {"cmocka"}


def test_it_holds_what_make_install_installs_and_the_service(listed, tmp_path):
    run("make", "-s", "install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    installed = {f"/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*") if not path.is_dir()}
    service = {"/usr/lib/systemd/system/dnspolicy-exporter.service", "/usr/lib/sysusers.d/dnspolicy.conf",
               "/etc/sysconfig/dnspolicy-exporter", "/etc/dnspolicy/dnspolicy.yml", "/etc/dnspolicy"}
    held = {name for name in listed("-l") if not re.search(r"/\.build-id|^/usr/share/(doc|licenses)/", name)}
    folders = {str(folder) for path in installed for folder in Path(path).parents}
    assert len(installed) > 8 and installed | service <= held <= installed | service | folders


def test_what_an_administrator_changes_stays(listed):
    assert listed("-c") == {"/etc/dnspolicy/dnspolicy.yml", "/etc/sysconfig/dnspolicy-exporter"}


def test_secrets_are_the_services_alone(listed):
    form = "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]"
    modes = dict(line.rsplit(" ", 1)[::-1] for line in listed("--queryformat", form))
    assert modes["/etc/dnspolicy"] == "drwxr-s--- root dnspolicy"
    assert modes["/etc/dnspolicy/dnspolicy.yml"] == "-rw-r----- root dnspolicy"


def test_the_unit_reads_its_options_where_the_package_puts_them(unpacked):
    unit = (unpacked / "usr/lib/systemd/system/dnspolicy-exporter.service").read_text()
    assert "EnvironmentFile=-/etc/sysconfig/dnspolicy-exporter\n" in unit and "/etc/default" not in unit
    version = run(unpacked / "usr/bin/dnspolicy", "--version")
    assert re.search(r"version \S+ \(revision \d+[.]\d+[.]\d+-1", version), "the release stands for the revision"


def test_its_documents_link_to_what_there_is(unpacked):
    [documents] = (unpacked / "usr/share/doc").glob("dnspolicy*")
    assert (documents / "config/prometheus/dnspolicy-alerts.yml").exists() and (documents / "dashboards/overview.json").exists()
    assert_links_hold(documents)
