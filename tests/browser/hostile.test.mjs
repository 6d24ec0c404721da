/* Text from the wire and from the configuration is shown, and is never markup: neither in the page as sent, nor as merged. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { comeBack, field, launch, openFilters, says, visit } from "./lib/browser.mjs";
import { config } from "./lib/scene.mjs";
import { Stage } from "./lib/stage.mjs";

const NAME = "<script>document.title='ran'</script>";
const QUOTED = `"><img src=x onerror="document.title='ran'">`;
const DESCRIPTION = `</dd><svg onload=document.title='ran'>&lt; "' \\u202e`;
const RESOLVER = "'&?client=x#<b>";
const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

const hostile = (servers) => config(servers, {
    clients: `  ${quoted(NAME)}: {subnet: 127.13.0.0/16, source: 127.13.0.1}\n  ${quoted(QUOTED)}: {subnet: 127.14.0.0/16, source: 127.14.0.1}`,
    resolvers: `  ${quoted(RESOLVER)}: {address: ${servers.odd.address}, port: ${servers.odd.port}, group: ${quoted(NAME)}}`,
    checks: `
  - {name: ${quoted(NAME)}, description: ${quoted(DESCRIPTION)}, client: ${quoted(NAME)}, resolver: ${quoted(RESOLVER)},
     query: "{random}.markup.example TXT", expect: REFUSED, severity: ${quoted(NAME)}}
  - {name: ${quoted(QUOTED)}, client: ${quoted(QUOTED)}, resolver: ${quoted(RESOLVER)}, query: "{random}.markup.example TXT", expect: ANSWERED}
`,
});

let browser, stage;
before(async () => {
    [browser, stage] = await Promise.all([launch(), Stage.open(hostile)]);
    await stage.judged();
});
after(async () => {
    await browser.close();
    await stage.close();
});

async function assertNothingRan(page) {
    assert.notEqual(await page.title(), "ran");
    const strange = await page.evaluate(() => document.querySelectorAll("script:not([src]), img, svg, b, iframe, [onerror], [onload]").length);
    assert.equal(strange, 0, "text became an element");
}

test("names from the configuration are text in the matrix, its links and its filters", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    await says(page.locator("#matrix tbody"), new RegExp("<script>document\\.title='ran'</script> 127\\.13\\.0\\.0/16"));
    await openFilters(page);
    await field(page, "client").selectOption(QUOTED);
    await page.getByRole("button", { name: "Show" }).click();
    assert.equal(new URL(page.url()).searchParams.get("client"), QUOTED);
    assert.equal(await page.locator("#matrix tbody tr, #probes tbody tr").count() > 0, true);
    await assertNothingRan(page);
    await comeBack(page);
    await assertNothingRan(page);
}));

test("a cell of hostile names leads to its own probes only", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    await page.locator("#matrix td a").first().click();
    assert.equal(await page.locator("#probes tbody tr").count(), 1);
    await assertNothingRan(page);
}));

test("TXT records, NSID and extended errors with markup are text, also after an update", async () => {
    const [{ id }] = await stage.probes("category=too_open");
    await visit(browser, `${stage.url}/?probe=${id}`, {}, async (page) => {
        for (let looks = 0; looks < 2; looks++) {
            const told = await page.locator("#probe").innerText();
            assert.ok(told.includes("<script>document.title='ran'</script>"), told);
            assert.ok(told.includes("<img src=x onerror=document.title='ran'>"), told);
            assert.ok(told.includes("<b>nsid</b>"), told);
            assert.ok(told.includes("</dd><svg onload=document.title='ran'>"), told);
            await assertNothingRan(page);
            await comeBack(page);
        }
    });
});

test("a request with markup in it is refused in a page without it", () =>
    visit(browser, `${stage.url}/?${encodeURIComponent("<script>document.title='ran'</script>")}=1`, { expected: /400/ }, async (page) => {
        await says(page.getByRole("alert"), /<script>/);
        await assertNothingRan(page);
    }));
