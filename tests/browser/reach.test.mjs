/* For everyone: by keyboard alone, to a screen reader, on a phone, in light and dark. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { cell, launch, says, visit } from "./lib/browser.mjs";
import { config } from "./lib/scene.mjs";
import { Stage } from "./lib/stage.mjs";

const { source: AXE } = createRequire(import.meta.url)("axe-core");
const PHONE = { width: 390, height: 780 };

let browser, stage, views;
before(async () => {
    [browser, stage] = await Promise.all([launch(), Stage.open(config)]);
    await stage.judged();
    const [{ id }] = await stage.probes("category=too_open");
    views = { matrix: "", filtered: "?category=too_strict", cell: "?client=internet&resolver=lab", probe: `?probe=${id}`,
              nothing: "?client=internet&category=unknown", error: "?client=internet&client=office" };
});
after(async () => {
    await browser.close();
    await stage.close();
});

test("by keyboard alone from the top of the page to a probe", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    const press = (key) => page.keyboard.press(key);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim());
    await press("Tab");
    assert.equal(await focused(), "Skip to the findings");
    await press("Enter");
    for (let tabs = 0; !(await focused()).startsWith("internet, lab"); tabs++) {
        assert.ok(tabs < 60, "the cell is not reached by Tab");
        await press("Tab");
        const { outlineStyle, outlineWidth } = await page.evaluate(() => {
            const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
            return { outlineStyle, outlineWidth };
        });
        assert.ok(outlineStyle !== "none" && parseFloat(outlineWidth) >= 1, `${await focused()} shows no focus`);
    }
    await press("Enter");
    await page.waitForURL(/client=internet/);
    while (!(await focused()).startsWith("no-open-recursion")) await press("Tab");
    await press("Enter");
    await page.waitForURL(/probe=/);
    await says(page.locator("#probe h2"), "no-open-recursion");
}));

test("arrow keys lead from cell to cell, over those that nobody asks", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    const focusedPair = () => page.evaluate(() => document.activeElement.getAttribute("aria-label")?.split(":")[0]);
    await cell(page, "internet", "lab").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await focusedPair(), "internet, ns1");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedPair(), "branch, ns1");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    assert.equal(await focusedPair(), "internet, lab");
}));

async function axe(page) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ").slice(0, 300)}`);
}

for (const [how, options] of Object.entries({ light: {}, dark: { colorScheme: "dark" }, "on a phone": { viewport: PHONE } })) {
    test(`axe finds nothing to object to in any view, ${how}`, async () => {
        for (const [name, search] of Object.entries(views)) {
            await visit(browser, `${stage.url}/${search}`, { ...options, expected: /400/ }, async (page) => {
                await page.evaluate(() => document.querySelector("details")?.setAttribute("open", ""));
                assert.deepEqual(await axe(page), [], name);
            });
        }
    });
}

test("axe objects where there is something to object to", () => visit(browser, `${stage.url}/`, {}, async (page) => {
    await page.evaluate(() => {
        document.body.append(document.createElement("img"));
        document.querySelector("h2").style.color = "#eee";
    });
    const found = (await axe(page)).map((violation) => violation.split(":")[0]);
    assert.ok(found.includes("image-alt") && found.includes("color-contrast"), found.join(" "));
}));

test("light and dark are what the reader's system says", async () => {
    const ground = (colorScheme) => new Promise((resolve, reject) => {
        visit(browser, `${stage.url}/`, { colorScheme }, async (page) => {
            const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/);
            resolve(Number(red));
        }).catch(reject);
    });
    assert.ok(await ground("light") > 200);
    assert.ok(await ground("dark") < 50);
});

test("paper is white, and what is on it is dark, also where the screen is dark", () =>
    visit(browser, `${stage.url}/`, { colorScheme: "dark" }, async (page) => {
        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        const [text, ground] = await page.evaluate(() => ["color", "backgroundColor"]
            .map((name) => Number(getComputedStyle(document.body)[name].match(/\d+/)[0])));
        assert.ok(text < 60 && ground > 250, `${text} on ${ground}`);
    }));

test("on a phone nothing but the matrix scrolls sideways, and its names stay in sight", async () => {
    for (const [name, search] of Object.entries(views)) {
        await visit(browser, `${stage.url}/${search}`, { viewport: PHONE, expected: /400/ }, async (page) => {
            for (const width of [320, 390]) {
                await page.setViewportSize({ width, height: 700 });
                const wide = await page.evaluate(() => [...document.querySelectorAll("body, body *")]
                    .filter((element) => !element.closest("#matrix .scroll, .skip, .only-heard") &&
                        element.getBoundingClientRect().right > innerWidth + 0.5).map((element) => element.outerHTML.slice(0, 100)));
                assert.deepEqual(wide, [], `${name} at ${width}`);
                assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} at ${width}`);
            }
        });
    }
    await visit(browser, `${stage.url}/`, { viewport: PHONE }, async (page) => {
        const scroll = page.locator("#matrix .scroll");
        await scroll.evaluate((element) => { element.scrollLeft = 200; });
        assert.ok(await scroll.evaluate((element) => element.scrollLeft) > 0, "the matrix scrolls");
        const name = await page.locator("#matrix tbody th").first().boundingBox();
        assert.ok(name.x >= 0, "a client's name has left the screen");
    });
});

test("with colours of the system's choice the words and the symbols are left", () =>
    visit(browser, `${stage.url}/`, { forcedColors: "active" }, async (page) => {
        await says(cell(page, "internet", "lab"), "▲ too open 2 of 2");
        const border = await cell(page, "internet", "lab").evaluate((element) => parseFloat(getComputedStyle(element).borderTopWidth));
        assert.ok(border >= 2, "a finding has a frame of its own");
    }));
