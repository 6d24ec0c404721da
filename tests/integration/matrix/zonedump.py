"""Zones as dig transfers them, to be compared before and after."""
import subprocess

from harness.keys import XFR

KEYED = "keyed.example"  # is for who signs


def dump(server, zones):
    """The records of the zones, serial and all."""
    return {zone: transfer(server, zone) for zone in zones}


def transfer(server, zone):
    text = subprocess.run(["dig", f"@{server.address}", "-p", str(server.port), "+tcp", "+onesoa", "+nocookie", "+noall", "+answer",
                           *(["-y", XFR.dig] if zone == KEYED else []), zone, "AXFR"], capture_output=True, text=True, timeout=10, check=True).stdout
    records = sorted(line for line in text.splitlines() if line and not line.startswith(";"))
    assert any("\tSOA\t" in record for record in records), f"no transfer of {zone}: {text}"
    return records
