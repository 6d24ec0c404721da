/* Debian's Chromium, and pages that hold the status page to what it promises: no complaint in the console, no request elsewhere. */
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const DEADLINE_MS = 15000;

export async function launch() {
    return chromium.launch({ executablePath: EXECUTABLE, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
}

/* Whatever went wrong in the page, in words. */
function watch(page, origin, problems) {
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) problems.push(`console: ${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => problems.push(`script: ${error.stack}`));
    page.on("dialog", (dialog) => {
        problems.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on("request", (request) => {
        if (new URL(request.url()).origin !== origin && !request.url().startsWith("data:")) problems.push(`request: ${request.url()}`);
    });
}

/* A page of its own context; `story` gets it, and what happened is looked at when it ends. `expected` matches complaints that
 * belong to the story; `refreshSeconds` lets the page look more often than the server says. */
export async function visit(browser, url, { expected = null, refreshSeconds = 0, ...options }, story) {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(DEADLINE_MS);
    if (refreshSeconds) await context.addInitScript((seconds) => {
        document.addEventListener("readystatechange", () => { document.body.dataset.refresh = seconds; }, { once: true });
    }, refreshSeconds);
    const page = await context.newPage();
    const problems = [];
    watch(page, new URL(url).origin, problems);
    try {
        await page.goto(url);
        await story(page);
    } finally {
        await context.close();
    }
    assert.deepEqual(problems.filter((problem) => !expected?.test(problem)), []);
}

/* What the tab does when somebody comes back to it: it looks at once. Waits until it shows what it saw. */
export async function comeBack(page) {
    const shown = await page.evaluate(() => document.querySelector("#updated time").dateTime);
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.waitForFunction((before) => document.querySelector("#updated time")?.dateTime !== before ||
        document.getElementById("trouble")?.textContent, shown);
}

/* The cell of the matrix where a client meets a resolver. */
export function cell(page, client, resolver) {
    return page.getByRole("link", { name: `${client}, ${resolver}: `, exact: false });
}

/* Waits for what an element says, whatever the white space. */
export async function says(locator, text) {
    const pattern = text instanceof RegExp ? text : new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
    const deadline = Date.now() + DEADLINE_MS;
    let said;
    do {
        said = (await locator.innerText().catch(() => "(nothing there)")).replace(/\s+/g, " ").trim();
        if (pattern.test(said)) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
    } while (Date.now() < deadline);
    assert.match(said, pattern);
}

/* A field of the filter form, which openFilters() opens. */
export function field(page, name) {
    return page.locator(`#filters [name="${name}"]`);
}

export async function openFilters(page) {
    await page.locator(".choice summary").click();
}
