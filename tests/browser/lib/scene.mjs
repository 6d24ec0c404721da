/* What the exporter of most stories watches: a client and a resolver for each category. */

const CHECKS = `
  - {name: office-may-recurse, description: people in the office reach the whole internet, client: office, resolver: [ns1, lab],
     query: "{random}.probe.example.net A", expect: ANSWERED}
  - {name: branch-may-recurse, client: branch, resolver: ns1, query: "{random}.probe.example.net A", transport: [udp, tcp],
     expect: ANSWERED}
  - {name: no-open-recursion, description: strangers get the door, client: internet, resolver: [ns1, lab],
     query: "{random}.probe.example.net A", transport: [udp, tcp], expect: REFUSED, severity: critical}
  - {name: intranet, client: office, resolver: ns1, query: intranet.corp.example A, expect: {answer: {contains: [10.9.9.9]}}}
  - {name: old-server, client: office, resolver: gone, query: www.example.net A, expect: ANSWERED}
  - {name: from-nowhere, client: nowhere, resolver: ns1, query: "{random}.probe.example.net A", expect: ANSWERED}
`;

export function config(servers, { clients = "", resolvers = "", checks = CHECKS, more = "" } = {}) {
    const { ns1, lab, odd } = servers;
    return `
global: {interval: 500ms, timeout: 200ms, attempts: 1, max_qps_per_resolver: 0, max_denied_qps: 0}
clients:
  office: {subnet: 127.10.0.0/16, source: 127.10.20.5, description: head office LAN}
  branch: {subnet: 127.11.0.0/16, source: 127.11.0.9}
  internet: {subnet: 127.66.0.0/16, source: 127.66.6.6}
  nowhere: {subnet: 192.0.2.0/24, source: 192.0.2.1}
${clients}
resolvers:
  ns1: {address: ${ns1.address}, port: ${ns1.port}, zones: [corp.example]}
  lab: {address: ${lab.address}, port: ${lab.port}}
  odd: {address: ${odd.address}, port: ${odd.port}}
  gone: {address: 127.0.0.9, port: 9}
${resolvers}
checks:
${checks}
${more}`;
}
