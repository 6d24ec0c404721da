/* Ten thousand probes: what the browser has to carry is bounded by the page, not by the number of probes. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { comeBack, launch, says, visit } from "./lib/browser.mjs";
import { Stage } from "./lib/stage.mjs";

const CLIENTS = 100, RESOLVERS = 25, QUERIES = 4;
const numbers = (count) => [...Array(count).keys()];
/* None of these sources is this machine's, so what has not run and what could not are of one category: the order of rows stays. */
const many = () => `
global: {interval: 1h, timeout: 1s, attempts: 1, max_qps_per_resolver: 0, max_denied_qps: 0}
clients:
${numbers(CLIENTS).map((n) => `  client${n}: {subnet: 198.18.${n}.0/24, source: 198.18.${n}.1}`).join("\n")}
resolvers:
${numbers(RESOLVERS).map((n) => `  resolver${n}: {address: 127.0.0.9, port: ${9000 + n}}`).join("\n")}
checks:
  - {name: one-of-many, client: "*", resolver: "*", expect: ANSWERED,
     query: [${numbers(QUERIES).map((n) => `"{random}.n${n}.example A"`).join(", ")}]}
`;

const ELEMENTS_MAX = 8000;
const BYTES_MAX = 400 * 1024;

let browser, stage;
before(async () => { [browser, stage] = await Promise.all([launch(), Stage.open(many)]); });
after(async () => {
    await browser.close();
    await stage.close();
});

const views = { "the matrix": "", "a row": "?client=client7", "a column": "?resolver=resolver3&limit=1000", everything: "?check=one-of-many&limit=100",
                "a cell": "?client=client7&resolver=resolver3" };
for (const [name, search] of Object.entries(views)) {
    test(`with 10,000 probes the view of ${name} stays small`, () => visit(browser, `${stage.url}/${search}`, {}, async (page) => {
        await says(page.locator("#active-filters"), /10000 probes/);
        const elements = await page.evaluate(() => document.querySelectorAll("*").length);
        const bytes = (await (await fetch(page.url())).arrayBuffer()).byteLength;
        assert.ok(elements < ELEMENTS_MAX, `${elements} elements`);
        assert.ok(bytes < BYTES_MAX, `${bytes} bytes`);
    }));
}

test("every client is reached from page to page, and an update keeps the page", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    const seen = new Set();
    for (;;) {
        await comeBack(page);
        for (const name of await page.locator("#matrix tbody th a").allInnerTexts()) seen.add(name);
        const next = page.getByRole("navigation", { name: "Pages of clients" }).getByRole("link", { name: "next" });
        if (!await next.count()) break;
        const here = page.url();
        await next.click();
        await page.waitForURL((url) => url.href !== here);
    }
    assert.equal(seen.size, CLIENTS);
}));
