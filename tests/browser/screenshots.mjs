/* Pictures of the status page for the documents: screenshots.mjs DIRECTORY. Real servers, asked by clients of a small company. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cell, launch, says, visit } from "./lib/browser.mjs";
import { Stage } from "./lib/stage.mjs";

const BRANCH = "127.11.0.0/16", DATACENTER = "127.13.0.0/16", VPN = "127.14.0.0/16";
const company = ({ ns1, lab, odd }) => `
global: {interval: 1s, timeout: 300ms, attempts: 1, max_qps_per_resolver: 0, max_denied_qps: 0}
clients:
  office: {subnet: 127.10.0.0/16, source: 127.10.20.5, description: head office LAN}
  branch: {subnet: ${BRANCH}, source: 127.11.0.9}
  datacenter: {subnet: ${DATACENTER}, source: 127.13.0.9}
  vpn: {subnet: ${VPN}, source: 127.14.0.9}
  guests: {subnet: 127.15.0.0/16, source: 127.15.0.9}
  internet: {subnet: 127.66.0.0/16, source: 127.66.6.6}
resolvers:
  ns1: {address: ${ns1.address}, port: ${ns1.port}, zones: [corp.example]}
  ns2: {address: ${ns1.address}, port: ${ns1.port}, zones: [corp.example]}
  lab: {address: ${lab.address}, port: ${lab.port}}
  edge: {address: ${odd.address}, port: ${odd.port}}
  dmz: {address: 127.0.0.9, port: 53}
checks:
  - {name: our-networks-recurse, client: [office, branch, datacenter, vpn], resolver: ns1, transport: [udp, tcp],
     query: "{random}.probe.example.net A", expect: ANSWERED}
  - {name: backup-resolver, client: [office, datacenter, vpn], resolver: ns2, query: "{random}.probe.example.net A", expect: ANSWERED}
  - {name: public-zone-for-everyone, client: "*", resolver: [ns1, ns2], query: www.corp.example A, expect: {rcode: NOERROR, flags: [aa]}}
  - {name: no-open-recursion, description: strangers must not use our servers as their resolver, client: [guests, internet],
     resolver: [ns1, ns2], query: "{random}.probe.example.net A", expect: REFUSED, severity: critical}
  - {name: no-open-lab, description: strangers must not use our servers as their resolver, client: internet, resolver: lab,
     query: "{random}.probe.example.net A", transport: [udp, tcp], expect: REFUSED, severity: critical}
  - {name: lab-for-the-office, client: [office, datacenter], resolver: lab, query: "{random}.probe.example.net A", expect: ANSWERED}
  - {name: edge-refuses-strangers, client: [guests, internet], resolver: edge, query: "{random}.refused.example A", expect: REFUSED}
  - {name: edge-resolves, client: [office, vpn], resolver: edge, query: "{random}.example A", expect: ANSWERED}
  - {name: edge-validates, client: datacenter, resolver: edge, query: "{random}.servfail.example A", expect: ANSWERED}
  - {name: dmz-resolves, client: [vpn], resolver: dmz, query: "{random}.example A", expect: ANSWERED}
`;

/* The same typeface wherever the pictures are made. */
function useTypeface(directory) {
    const file = join(directory, "fonts.conf");
    writeFileSync(file, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
${["system-ui", "sans-serif", "sans"].map((family) => `<match><test name="family"><string>${family}</string></test>
<edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>`).join("\n")}
</fontconfig>`);
    process.env.FONTCONFIG_FILE = file;
}

async function picture(page, name) {
    const file = join(directory, `${name}.png`);
    await page.screenshot({ path: file, animations: "disabled" });
    execFileSync("pngquant", ["--force", "--skip-if-larger", "--speed", "1", "--output", file, "128", file]);
}

const directory = process.argv[2];
const scratch = mkdtempSync(join(tmpdir(), "dnspolicy-"));
mkdirSync(directory, { recursive: true });
useTypeface(scratch);
const [browser, stage] = await Promise.all([launch(), Stage.open(company)]);
try {
    /* All is well but for lab and edge; then somebody forgets the branch. */
    await stage.order("allow", { networks: [BRANCH, DATACENTER, VPN] });
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await stage.order("allow", { networks: [DATACENTER, VPN] });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const [{ id }] = await stage.probes("check=no-open-lab&transport=udp");
    const wide = (height) => ({ viewport: { width: 1200, height } });
    for (const colorScheme of ["light", "dark"]) {
        await visit(browser, `${stage.url}/`, { ...wide(768), colorScheme }, async (page) => {
            await says(cell(page, "branch", "ns1"), "▼ too strict 2 of 3");
            await picture(page, `status-${colorScheme}`);
        });
    }
    await visit(browser, `${stage.url}/?probe=${id}`, wide(864), (page) => picture(page, "status-probe"));
    await visit(browser, `${stage.url}/`, { viewport: { width: 390, height: 844 } }, (page) => picture(page, "status-phone"));
} finally {
    await browser.close();
    await stage.close();
    rmSync(scratch, { recursive: true });
}
