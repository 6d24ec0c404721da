"""A clean Debian 12 that boots its own systemd, in namespaces of its own: neither a virtual machine nor a container engine is needed.

Its network is a namespace without any way out. What runs in it ends with its first process, which ends when we do.
"""
import os
import shutil
import signal
import subprocess
from pathlib import Path

from harness import Namespace, wait_until

# What a package of ours depends on, so that it is installed without a network; systemd as the init; ip for the tests.
INCLUDE = ["systemd-sysv", "iproute2", "libcrypt1", "libgnutls30", "libjansson4", "libldns3", "libmicrohttpd12", "libnghttp2-14",
           "libssl3", "libyaml-0-2", "zlib1g"]
# They wait for hardware, or for the time of day.
MASKED = ["systemd-sysctl.service", "systemd-modules-load.service", "systemd-udevd.service", "getty.target", "dev-hugepages.mount",
          "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "proc-sys-fs-binfmt_misc.automount", "apt-daily.timer",
          "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer"]


def clean_root(cache):
    """A tar of Debian 12 with the packages of INCLUDE; made once a tree, in some twenty seconds."""
    tar = cache / "debian-12.tar"
    wanted = cache / "debian-12.packages"
    if not tar.exists() or not wanted.exists() or wanted.read_text() != " ".join(INCLUDE):
        cache.mkdir(parents=True, exist_ok=True)
        tar.unlink(missing_ok=True)
        subprocess.run(["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(INCLUDE)}",
                        "--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/locale/*", "bookworm", str(tar)],
                       check=True, timeout=300, stdin=subprocess.DEVNULL)
        wanted.write_text(" ".join(INCLUDE))
    return tar


def cgroup_mount():
    """Where the version 2 of control groups is mounted here; None: nowhere."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        if rest.split()[0] == "cgroup2":
            return Path(fields.split()[4])
    return None


def unpack(tar, root):
    root.mkdir()
    subprocess.run(["tar", "-x", "-p", "-f", str(tar), "-C", str(root)], check=True)


def what_is_missing():
    """Why no machine can be booted here, or None."""
    if os.geteuid() != 0:
        return "only root can boot a machine in namespaces"
    if not cgroup_mount():
        return "no machine can be booted here: no cgroup2 is mounted, and systemd cannot do without"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "mount", "--make-rprivate", "/"],
                           capture_output=True, text=True, check=False)
    return f"no machine can be booted here: {tried.stderr.strip()}" if tried.returncode else None


class Machine:
    def __init__(self, tar, directory):
        self.root = Path(directory) / "root"
        unpack(tar, self.root)
        (self.root / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
        for unit in MASKED:
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")
        self.name = f"dnspolicy-{os.getpid()}"
        self.network = Namespace(self.name)
        self.group = cgroup_mount() / self.name
        self.group.mkdir()
        boot = Path(__file__).with_name("boot")
        script = 'echo 0 > "$1/cgroup.procs"; exec setpriv --pdeathsig KILL ip netns exec "$2" unshare --mount --pid --uts --ipc ' \
                 '--cgroup --fork --kill-child "$3" "$4"'
        with open(Path(directory) / "boot.log", "wb") as log:
            self.outer = subprocess.Popen(["sh", "-c", script, "sh", str(self.group), self.name, str(boot), str(self.root)],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until(self.is_up, "the start of systemd", timeout=30)
        except Exception:
            self.stop()
            raise

    @property
    def init(self):
        """Its first process, as we number it; None before there is one."""
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def is_up(self):
        assert self.outer.poll() is None, "the machine did not start"
        return self.init and self.run("systemctl", "is-system-running", check=False).stdout.strip() == "running"

    def run(self, *command, check=True, timeout=60):
        """Runs a command in it: a CompletedProcess, with what it said on both channels in stdout."""
        done = subprocess.run(["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root",
                               "--wd", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive",
                               *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=timeout, check=False)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}"
        return done

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def write(self, inside, text):
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        self.path(inside).write_text(text)

    def install(self, package, *options):
        """Copies the package file in and installs it."""
        shutil.copy(package, self.root / "root")
        return self.run("dpkg", *options, "-i", f"/root/{Path(package).name}").stdout

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def processes(self, unit):
        """Those of a unit, as we number them."""
        return [int(line) for line in (self.group / "system.slice" / unit / "cgroup.procs").read_text().split()]

    def stop(self):
        if self.outer.poll() is None:
            self.outer.send_signal(signal.SIGKILL)
        self.outer.wait()
        groups = sorted((path for path in self.group.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))
        for group in [*groups, self.group]:
            wait_until(lambda group=group: remove_group(group), f"the end of {group}")
        self.network.delete()
        shutil.rmtree(self.root)


def remove_group(group):
    try:
        group.rmdir()
    except OSError:
        return False
    return True
