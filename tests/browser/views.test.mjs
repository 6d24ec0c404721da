/* What the page shows: the matrix, the probes of a cell, one probe; with the script and without it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { after, before, test } from "node:test";
import { cell, comeBack, field, launch, openFilters, says, visit } from "./lib/browser.mjs";
import { config } from "./lib/scene.mjs";
import { Stage } from "./lib/stage.mjs";

let browser, stage;
before(async () => {
    [browser, stage] = await Promise.all([launch(), Stage.open(config)]);
    await stage.judged();
});
after(async () => {
    await browser.close();
    await stage.close();
});

for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "" : ", without JavaScript too";
    const open = (story) => visit(browser, `${stage.url}/`, { javaScriptEnabled }, story);

    test(`the matrix says in a word and a symbol what each client meets at each resolver${how}`, () => open(async (page) => {
        await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
        await says(cell(page, "branch", "ns1"), "▼ too strict 2 of 2");
        await says(cell(page, "office", "ns1"), "≠ mismatch 1 of 2");
        await says(cell(page, "office", "gone"), "✕ unreachable 1 of 1");
        await says(cell(page, "nowhere", "ns1"), "? unknown 1 of 1");
        await says(cell(page, "internet", "ns1"), /^✓ pass /);
        assert.equal(await cell(page, "branch", "lab").count(), 0, "nobody asks this");
        assert.equal(await page.title(), "dnspolicy: 2 too open, 2 too strict, 1 mismatch, 1 unreachable, 1 unknown");
    }));

    test(`the summary counts the probes of each category, worst first${how}`, () => open(async (page) => {
        const said = (await page.locator(".category").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
        assert.deepEqual(said, ["▲ 2 too open", "▼ 2 too strict", "≠ 1 mismatch", "✕ 1 unreachable", "? 1 unknown", "✓ 4 pass"]);
    }));

    test(`a cell leads to its probes, and a probe to its expectation, outcome, sentence and command${how}`, () => open(async (page) => {
        await cell(page, "internet", "lab").click();
        await says(page.locator("#probes tbody tr").first(), /too open.*open_recursion no-open-recursion internet lab/);
        assert.equal(await page.locator("#probes tbody tr").count(), 2);
        await page.getByRole("row", { name: /udp/ }).getByRole("link", { name: "no-open-recursion" }).click();
        await says(page.locator("#probe p.explanation"), /^REFUSED was expected; lab resolved a fresh name for internet/);
        const told = page.locator("#probe dl");
        for (const part of [/expected REFUSED/, /got NOERROR/, /strangers get the door/, /severity critical/, /NSID lab/, /192\.0\.2\.53/])
            await says(told, part);
        await says(page.locator("#reproduce"), new RegExp(`^dig @127.0.0.1 -p ${stage.servers.lab.port} -b 127.66.6.6 `));
        await says(page.locator("#changes li").first(), /pending → ▲ open_recursion/);
        assert.match(page.url(), /\?probe=[0-9a-f]{16}$/);
    }));

    test(`a category of the summary filters, and can be removed again${how}`, () => open(async (page) => {
        await page.locator(".category.too_strict a").click();
        assert.equal(new URL(page.url()).search, "?category=too_strict");
        await says(page.locator("#probes tbody"), /^▼.*branch-may-recurse/);
        assert.equal(await page.locator("#probes tbody tr").count(), 2);
        assert.equal(await page.locator("#matrix tbody tr").count(), 1);
        await page.getByRole("link", { name: "show all" }).click();
        assert.equal(await page.locator("#matrix tbody tr").count(), 4);
    }));
}

test("filters are kept in the URL: they can be chosen by form, gone back from, and bookmarked", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    await openFilters(page);
    await field(page, "client").selectOption("internet");
    await field(page, "transport").selectOption("tcp");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL("**/?client=internet&transport=tcp");
    const chosen = page.url();
    await says(page.locator("#active-filters"), /^2 of 11 probes: client: internet ✕ transport: tcp ✕ show all$/);
    await page.goBack();
    assert.equal(new URL(page.url()).search, "");
    assert.equal(await page.locator("#matrix tbody tr").count(), 4);
    await page.goForward();
    assert.equal(page.url(), chosen);

    await visit(browser, chosen, {}, async (bookmark) => {
        assert.equal(await field(bookmark, "client").inputValue(), "internet");
        assert.equal(await bookmark.locator("#matrix tbody tr").count(), 1);
    });
}));

test("the copy button copies the command", () => visit(browser, `${stage.url}/`, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    const [{ id }] = await stage.probes("check=no-open-recursion&resolver=ns1&transport=udp");
    await page.goto(`${stage.url}/?probe=${id}`);
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^dig @127\.0\.0\.1 .* [0-9a-f]{16}\.probe\.example\.net A$/);
    await says(page.locator("#news"), "Copied");
    await page.getByRole("button", { name: "Copy" }).waitFor();
}));

test("where the browser offers no clipboard, as over plain HTTP, the command is copied all the same", async () => {
    const [{ id }] = await stage.probes("check=no-open-recursion&resolver=ns1&transport=udp");
    await visit(browser, `${stage.url}/?probe=${id}`, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
        await page.evaluate(() => {
            window.clipboardForTheTest = navigator.clipboard;
            Object.defineProperty(navigator, "clipboard", { value: undefined });
        });
        await page.getByRole("button", { name: "Copy" }).click();
        await page.getByRole("button", { name: "Copied" }).waitFor();
        assert.match(await page.evaluate(() => window.clipboardForTheTest.readText()), /^dig @127\.0\.0\.1 .*probe\.example\.net A$/);
    });
});

test("what does not exist is told in a page, with a way back", () =>
    visit(browser, `${stage.url}/?probe=0123456789abcdef`, { expected: /404/ }, async (page) => {
        await says(page.getByRole("alert"), /No probe has this id/);
        await page.getByRole("alert").getByRole("link").click();
        await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
    }));

test("the policy of the page forbids everything that is not its own", async () => {
    const { headers } = await fetch(`${stage.url}/`);
    const policy = headers.get("content-security-policy").split(/;\s*/);
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
        assert.ok(policy.includes(part), `${part} is in ${policy}`);
});

test("behind a proxy that adds a path, every way is found and the page updates itself", async () => {
    const proxy = http.createServer((request, response) => {
        if (!request.url.startsWith("/dns/")) return response.writeHead(404).end();
        return http.get(stage.url + request.url.slice(4), (answer) => {
            response.writeHead(answer.statusCode, answer.headers);
            answer.pipe(response);
        });
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    try {
        await visit(browser, `http://127.0.0.1:${proxy.address().port}/dns/`, {}, async (page) => {
            await cell(page, "internet", "lab").click();
            await page.getByRole("link", { name: "no-open-recursion" }).first().click();
            await page.getByRole("link", { name: "this probe as JSON" }).click();
            assert.match(page.url(), /\/dns\/api\/v1\/probes\/[0-9a-f]{16}$/);
            await page.goBack();
            await comeBack(page);
            assert.equal(await page.locator("#trouble").innerText(), "");
            await page.getByRole("link", { name: "dnspolicy", exact: true }).click();
            await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
        });
    } finally {
        proxy.closeAllConnections?.();
        proxy.close();
    }
});
