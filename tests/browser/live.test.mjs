/* The page keeps itself up to date: without a reload, and without taking away what somebody is doing. */
import assert from "node:assert/strict";
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
const open = (story, options = {}) => visit(browser, `${stage.url}/`, options, story);
const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

test("a server that learns of the branch turns the cell, without a reload, and the focus stays", () => open(async (page) => {
    const branch = cell(page, "branch", "ns1");
    await says(branch, "▼ too strict 2 of 2");
    await branch.focus();
    await page.evaluate(() => { window.wasNotReloaded = true; });
    await stage.order("allow", { networks: ["127.11.0.0/16"] });
    await says(branch, /^✓ pass/);
    assert.ok(await isFocused(branch));
    assert.ok(await page.evaluate(() => window.wasNotReloaded));
    await says(page.locator("#news"), "dnspolicy: 2 too open, 1 mismatch, 1 unreachable, 1 unknown");
    assert.equal(await page.title(), "dnspolicy: 2 too open, 1 mismatch, 1 unreachable, 1 unknown");
    await says(page.locator("#changes li").first(), /branch-may-recurse branch at ns1 over (udp|tcp) ▼ unexpected_refusal → ✓ as_expected/);
    await stage.order("allow", { networks: [] });
}));

test("a reloaded list of checks shows its new client, and what had the focus keeps it", () => open(async (page) => {
    const office = cell(page, "office", "gone");
    await office.focus();
    await stage.reload((servers) => config(servers, {
        clients: "  annex: {subnet: 127.12.0.0/16, source: 127.12.0.1}",
        more: '  - {name: annex, client: annex, resolver: lab, query: "{random}.probe.example.net A", expect: REFUSED}',
    }));
    await stage.judged();
    await comeBack(page);
    await says(cell(page, "annex", "lab"), "▲ too open 1 of 1");
    assert.ok(await isFocused(office));
    await stage.reload(config);
    await comeBack(page);
    await cell(page, "annex", "lab").waitFor({ state: "detached" });
    assert.ok(await isFocused(office));
}));

test("a probe that a reload takes away is told to be gone, and is shown again when it is back", async () => {
    const [{ id }] = await stage.probes("check=old-server");
    await visit(browser, `${stage.url}/?probe=${id}`, { refreshSeconds: 0.2, expected: /404/ }, async (page) => {
        await page.evaluate(() => { window.wasNotReloaded = true; });
        await stage.reload((servers) => config(servers).replace("name: old-server, client: office", "name: old-server, client: branch"));
        await says(page.getByRole("alert"), /No probe has this id: it may have gone with a reload\./);
        assert.equal(await page.locator("#probe, #updated").count(), 0);
        await stage.reload(config);
        await says(page.locator("#probe h2"), "old-server");
        await says(page.locator("#trouble"), "");
        assert.equal(await page.getByRole("alert").count(), 0);
        assert.ok(await page.evaluate(() => window.wasNotReloaded));
    });
});

test("a filter that is being chosen is left alone", () => open(async (page) => {
    await openFilters(page);
    const client = field(page, "client");
    await client.selectOption("branch");
    await page.locator("h1 a").focus();
    await comeBack(page);
    assert.ok(await client.isVisible(), "the form stays open");
    assert.equal(await client.inputValue(), "branch");
    assert.equal(new URL(page.url()).search, "");
}));

test("a command that somebody has selected stays until it is let go", async () => {
    const [{ id }] = await stage.probes("check=no-open-recursion&resolver=ns1&transport=udp");
    await visit(browser, `${stage.url}/?probe=${id}`, {}, async (page) => {
        const selected = await page.evaluate(() => {
            document.getSelection().selectAllChildren(document.getElementById("reproduce"));
            return document.getSelection().toString();
        });
        const asked = await page.locator("#updated").innerText();
        for (let looks = 0; looks < 4; looks++) {
            await new Promise((resolve) => setTimeout(resolve, 400));
            await comeBack(page);
        }
        assert.notEqual(await page.locator("#updated").innerText(), asked);
        assert.equal(await page.evaluate(() => document.getSelection().toString()), selected);
        await page.evaluate(() => document.getSelection().removeAllRanges());
        await comeBack(page);
        await says(page.locator("#reproduce"), /^dig /);
        assert.notEqual((await page.locator("#reproduce").innerText()).trim(), selected.trim());
    });
});

test("where the matrix was scrolled to, it stays", () => open(async (page) => {
    const scroll = page.locator("#matrix .scroll");
    await scroll.evaluate((element) => { element.scrollLeft = 60; });
    await comeBack(page);
    assert.equal(await scroll.evaluate((element) => element.scrollLeft), 60);
}, { viewport: { width: 390, height: 700 } }));

test("times are told as how long ago, with the date kept", async () => {
    await open(async (page) => {
        const time = page.locator("#changes time").first();
        await says(time, /^(just now|\d+ (s|min) ago)$/);
        assert.match(await time.getAttribute("title"), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
    });
});

test("what is still to come is not told as past", async () => {
    const [{ id }] = await stage.probes("check=old-server");
    const until = (time) => `<dt>certificate until</dt><dd><time datetime="${time}">${time}</time></dd>`;
    await visit(browser, `${stage.url}/`, {}, async (page) => {
        await page.route(/probe=/, async (route) => {
            const response = await route.fetch();
            const body = (await response.text()).replace("</dl>", `${until("2099-01-01T00:00:00Z")}${until("2001-01-01T00:00:00Z")}</dl>`);
            await route.fulfill({ response, body });
        });
        await page.goto(`${stage.url}/?probe=${id}`);
        const told = page.locator("dt:text-is('certificate until') + dd");
        await says(told.first(), /^2099-01-01T00:00:00Z \(in \d+ d\)$/);
        await says(told.last(), /^2001-01-01T00:00:00Z \(\d+ d ago\)$/);
    });
});

test("a tab that nobody sees does not ask", () => open(async (page) => {
    await page.evaluate(() => Object.defineProperty(document, "hidden", { value: true, configurable: true }));
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    let requests = 0;
    page.on("request", () => requests++);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(requests, 0);
    await page.evaluate(() => Object.defineProperty(document, "hidden", { value: false }));
    await comeBack(page);
    assert.ok(requests > 0);
}, { refreshSeconds: 0.5 }));

test("an exporter that goes away is told, with the time of what is shown, and so is its return", () => open(async (page) => {
    const trouble = page.locator("#trouble");
    const shown = await page.locator("#updated time").innerText();
    assert.equal(await trouble.innerText(), "");
    await stage.order("stop");
    await says(trouble, /^Not updated since \d{4}-.* UTC: the exporter cannot be reached. Trying again.$/);
    assert.ok((await trouble.innerText()).slice(18) >= shown);
    await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
    stage.url = await stage.order("start");
    await stage.judged();
    await says(trouble, "");
    await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
}, { refreshSeconds: 0.5, expected: /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503/ }));

test("a login that is over is told, and the page asks no more", () => open(async (page) => {
    const asked = [];
    await page.route(`${stage.url}/`, (route) => {
        asked.push(route.request().headers()["x-requested-with"]);
        return route.fulfill({ status: 401, body: "no" });
    });
    await says(page.locator("#trouble"), /^Not updated since .*: the login is no longer accepted\. Reload the page to log in\.$/);
    await comeBack(page);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(asked, ["page.js"]);
    await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
}, { refreshSeconds: 0.1, expected: /status of 401/ }));

test("an error of the page itself does not pass for news", () => open(async (page) => {
    await page.evaluate(() => { DOMParser.prototype.parseFromString = () => { throw new Error("broken"); }; });
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await says(page.locator("#trouble"), /^Not updated since .*: this page has an error, which the console shows\. Trying again\.$/);
}, { expected: /broken/ }));

for (const [status, reason] of [[503, "the exporter is busy or not ready"],
    [502, "the answer is HTTP 502"]]) {
    test(`an answer of ${status} leaves the page as it was, and says why`, () => open(async (page) => {
        const url = `${stage.url}/`;
        await page.route(url, (route) => route.fulfill({ status, body: "<main id=main><script>alert(1)</script>" }));
        await comeBack(page);
        await says(page.locator("#trouble"), new RegExp(`^Not updated since .*: ${reason}\\. Trying again\\.$`));
        await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
        await page.unroute(url);
        await comeBack(page);
        await says(page.locator("#trouble"), "");
    }, { expected: new RegExp(`status of ${status}`) }));
}

test("a URL that is refused is told once, by the page", () => visit(browser, `${stage.url}/?client=a&client=b`, { refreshSeconds: 0.1, expected: /400/ },
    async (page) => {
        for (let looks = 0; looks < 3; looks++) await page.waitForResponse(`${stage.url}/?client=a&client=b`);
        await says(page.getByRole("alert"), /is given twice/);
        await says(page.locator("#trouble"), "");
    }));

test("over a slow network one look ends before the next begins", () => open(async (page) => {
    let underWay = 0, most = 0, looks = 0;
    await page.route(`${stage.url}/`, async (route) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setTimeout(resolve, 300));
        underWay--;
        looks++;
        await route.continue().catch(() => {});
    });
    while (looks < 3) {
        await page.evaluate(() => ["visibilitychange", "online"].forEach((name, place) => [document, window][place].dispatchEvent(new Event(name))));
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(most, 1);
    await says(page.locator("#trouble"), "");
}, { refreshSeconds: 0.1 }));

test("a page of somebody else, such as a proxy's login, is not taken for ours", () => open(async (page) => {
    await page.route(`${stage.url}/`, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Log in</h1>" }));
    await comeBack(page);
    await says(page.locator("#trouble"), /something else answers/);
    await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
}));

test("an exporter that was upgraded has its page loaded anew, once", () => open(async (page) => {
    await page.route(`${stage.url}/`, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: (await response.text()).replace(/dnspolicy \d+\.\d+\.\d+/, "dnspolicy 99.0.0") });
    });
    let loads = 0;
    page.on("load", () => loads++);
    await comeBack(page);
    await says(page.locator("footer p"), /^dnspolicy 99\.0\.0/);
    for (let looks = 0; looks < 3; looks++) await comeBack(page);
    assert.equal(loads, 1);
}));

test("a tab that is left open for days carries no more than at first", () => open(async (page) => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Performance.enable");
    const carried = async (looks) => {
        for (let look = 0; look < looks; look++) await comeBack(page);
        await devtools.send("HeapProfiler.collectGarbage");
        const { metrics } = await devtools.send("Performance.getMetrics");
        return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    const first = await carried(5), last = await carried(60);
    assert.equal(last.Documents, first.Documents);
    assert.equal(last.JSEventListeners, first.JSEventListeners);
    /* A page of documents that are kept would be a thousand nodes a look. */
    assert.ok(last.Nodes < first.Nodes + 300, `${first.Nodes} nodes became ${last.Nodes}`);
}));
