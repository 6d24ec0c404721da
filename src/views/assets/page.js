/*
 * The status page looks again by itself: it fetches its own URL, and puts what has changed into the page that stands. Everything
 * works without it. What the server sent is never made markup from text here: nodes of the document that the browser parsed are
 * adopted, and scripts of such a document do not run.
 */
"use strict";
(() => {
    const REFRESH_MS = Number(document.body.dataset.refresh) * 1000 || 5000;
    const RETRY_MAX_MS = 60000;
    const PATIENCE_MS = 15000;
    const COPIED_MS = 2000;

    /* ---- times ---- */

    const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

    /* Of what is still to come, such as the end of a certificate, `passed` is negative. */
    function distance(passedMs) {
        const ms = Math.abs(passedMs);
        if (ms < 2000) return "just now";
        const [seconds, name] = UNITS.find(([unit]) => ms >= unit * 1000);
        const count = `${Math.floor(ms / 1000 / seconds)} ${name}`;
        return passedMs < 0 ? `in ${count}` : `${count} ago`;
    }

    /* By the server's clock, which the reader's need not agree with. */
    function tellDistances(page) {
        const now = Date.parse(page.querySelector("#updated time")?.dateTime);
        if (!now) return;
        for (const time of page.querySelectorAll("main time")) {
            const far = distance(now - Date.parse(time.dateTime));
            if (time.closest("dd")) {
                time.textContent += ` (${far})`;
            } else {
                time.title = time.textContent;
                time.textContent = far;
            }
        }
    }

    /* A page as the server sent it becomes one as the script shows it, so that the two can be compared. */
    function prepare(page) {
        tellDistances(page);
        for (const button of page.querySelectorAll("button.copy")) button.hidden = false;
    }

    /* ---- merging: nodes that stand stay, for they may have the focus, be selected or be scrolled ---- */

    function linkOf(element) {
        return (element.matches("a") ? element : element.querySelector("a"))?.getAttribute("href");
    }

    /* What an element is about, whatever it says of it and wherever it stands. */
    function keyOf(node) {
        if (node.nodeType !== Node.ELEMENT_NODE) return null;
        if (node.id) return `#${node.id}`;
        if (!node.matches("a, li, tr, th, td")) return null;
        const when = node.matches("li") ? node.querySelector("time")?.dateTime : null;
        const where = linkOf(node);
        return when || where ? `${node.nodeName} ${when} ${where}` : null;
    }

    function isBeingEdited(form) {
        return form.contains(document.activeElement) || [...form.elements].some((field) => field.matches("select")
            ? [...field.options].some((option) => option.selected !== option.defaultSelected && (option.defaultSelected || option.value))
            : "defaultValue" in field && field.value !== field.defaultValue);
    }

    function isBeingSelected(element) {
        const selection = document.getSelection();
        return !selection.isCollapsed && selection.containsNode(element, true);
    }

    function mergeAttributes(old, fresh) {
        for (const { name } of [...old.attributes]) {
            if (!fresh.hasAttribute(name) && !(name === "open" && old.matches("details"))) old.removeAttribute(name);
        }
        for (const { name, value } of fresh.attributes) {
            if (old.getAttribute(name) === value) continue;
            old.setAttribute(name, value);
            if (name === "class" && old.matches(".cell")) old.classList.add("changed");
        }
    }

    function mergeChildren(old, fresh) {
        const kept = new Map();
        const wanted = new Set([...fresh.children].map(keyOf));
        for (const child of [...old.children]) {
            const key = keyOf(child);
            if (key && !wanted.has(key)) child.remove();
            else if (key && !kept.has(key)) kept.set(key, child);
        }
        let at = old.firstChild;
        for (const child of [...fresh.childNodes]) {
            while (at?.nodeType === Node.TEXT_NODE && child.nodeType !== Node.TEXT_NODE) {
                const next = at.nextSibling;
                at.remove();
                at = next;
            }
            const key = keyOf(child);
            const isLike = at && !key && !keyOf(at) && at.nodeName === child.nodeName;
            const match = key ? kept.get(key) : isLike && at;
            kept.delete(key);
            /* A node that is put where it was would lose the focus. */
            if (match && match === at) at = at.nextSibling;
            else old.insertBefore(match || document.adoptNode(child), at);
            if (match) merge(match, child);
        }
        while (at) {
            const next = at.nextSibling;
            at.remove();
            at = next;
        }
    }

    function merge(old, fresh) {
        if (old.isEqualNode(fresh)) return;
        if (old.nodeType !== Node.ELEMENT_NODE) {
            old.data = fresh.data;
            return;
        }
        if (old.matches("form") && isBeingEdited(old)) return;
        if (old.matches("pre") && isBeingSelected(old)) return;
        if (old.matches("button.copy")) return;
        mergeAttributes(old, fresh);
        mergeChildren(old, fresh);
    }

    /* ---- what is told ---- */

    function addStatus(id, className, before) {
        const element = document.createElement("p");
        element.id = id;
        element.className = className;
        element.setAttribute("role", "status");
        document.body.insertBefore(element, before);
        return element;
    }

    const main = document.getElementById("main");
    const trouble = addStatus("trouble", "", main);
    const news = addStatus("news", "only-heard", null);
    let updated = "this page was opened";

    function rememberWhen() {
        updated = document.querySelector("#updated time")?.textContent ?? updated;
    }

    /* What an upgrade has brought may need its own style sheet and script. */
    function versionOf(page) {
        return page.querySelector("footer p")?.textContent;
    }

    function show(page) {
        if (versionOf(page) !== versionOf(document)) {
            location.reload();
            return;
        }
        const focused = document.activeElement;
        for (const element of document.querySelectorAll(".changed")) element.classList.remove("changed");
        merge(document.querySelector("header"), page.querySelector("header"));
        merge(main, page.getElementById("main"));
        if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
        if (document.title !== page.title) {
            document.title = page.title;
            news.textContent = page.title;
        }
    }

    /* ---- looking again ---- */

    class Trouble extends Error {}
    class LoggedOut extends Trouble {}

    const REASONS = {
        403: "access is denied",
        503: "the exporter is busy or not ready",
    };

    /* The probe is gone, or the URL is none that this exporter understands. */
    const TOLD_BY_THE_PAGE = [400, 404];

    /* Whoever is logged out is told so by the page: the browser is not to open a dialog for what nobody has clicked. */
    const HEADERS = { "X-Requested-With": "page.js" };

    async function look(signal) {
        const reply = await fetch(location.href, { cache: "no-store", redirect: "manual", headers: HEADERS, signal }).catch(() => {
            throw new Trouble("the exporter cannot be reached");
        });
        if (reply.type === "opaqueredirect") throw new Trouble("the way leads elsewhere, perhaps to a login");
        if (reply.status === 401) throw new LoggedOut("the login is no longer accepted");
        const isPage = reply.ok || TOLD_BY_THE_PAGE.includes(reply.status);
        if (!isPage) throw new Trouble(REASONS[reply.status] ?? `the answer is HTTP ${reply.status}`);
        const text = await reply.text().catch(() => {
            throw new Trouble("the connection broke");
        });
        const page = new DOMParser().parseFromString(text, "text/html");
        if (!page.body.dataset.refresh || !page.querySelector("header ~ #main")) throw new Trouble("something else answers");
        return page;
    }

    let timer = 0;
    let isLooking = false;
    let isOver = false;
    let failures = 0;

    function lookLater() {
        clearTimeout(timer);
        if (!isOver && !document.hidden) timer = setTimeout(lookNow, Math.min(REFRESH_MS * 2 ** failures, RETRY_MAX_MS));
    }

    function tellTrouble(error) {
        const reason = error instanceof Trouble ? error.message : "this page has an error, which the console shows";
        const next = isOver ? "Reload the page to log in" : "Trying again";
        const sentence = `Not updated since ${updated}: ${reason}. ${next}.`;
        if (trouble.textContent !== sentence) trouble.textContent = sentence;
    }

    async function lookNow() {
        if (isLooking || isOver) return;
        clearTimeout(timer);
        isLooking = true;
        const patience = new AbortController();
        const limit = setTimeout(() => patience.abort(), PATIENCE_MS);
        try {
            const page = await look(patience.signal);
            prepare(page);
            show(page);
            rememberWhen();
            failures = 0;
            trouble.textContent = "";
        } catch (error) {
            failures++;
            isOver = error instanceof LoggedOut;
            tellTrouble(error);
            if (!(error instanceof Trouble)) throw error;
        } finally {
            clearTimeout(limit);
            isLooking = false;
            lookLater();
        }
    }

    function lookWhenSeen() {
        clearTimeout(timer);
        if (!document.hidden) lookNow();
    }

    /* ---- keys and buttons ---- */

    function cellsBeside(cell, key) {
        const row = [...cell.parentElement.cells];
        const column = [...cell.closest("table").rows].map((each) => each.cells[cell.cellIndex]).filter(Boolean);
        switch (key) {
        case "ArrowRight": return row.slice(cell.cellIndex + 1);
        case "ArrowLeft": return row.slice(0, cell.cellIndex).reverse();
        case "ArrowDown": return column.slice(column.indexOf(cell) + 1);
        case "ArrowUp": return column.slice(0, column.indexOf(cell)).reverse();
        case "Home": return row;
        case "End": return row.reverse();
        default: return null;
        }
    }

    function moveInMatrix(event) {
        const cell = event.target.closest?.("#matrix td, #matrix th");
        if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const beside = cellsBeside(cell, event.key);
        if (!beside) return;
        event.preventDefault();
        beside.map((each) => each.querySelector("a")).find(Boolean)?.focus();
    }

    /* Over plain HTTP there is no clipboard but the old way. */
    async function copy(text) {
        if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
        const field = document.createElement("textarea");
        field.className = "only-heard";
        field.value = text;
        document.body.append(field);
        field.select();
        const isCopied = document.execCommand("copy");
        field.remove();
        return isCopied;
    }

    async function copyByButton(event) {
        const button = event.target.closest?.("button.copy");
        if (!button) return;
        const isCopied = await copy(document.getElementById(button.dataset.copy).textContent);
        button.focus();
        button.textContent = isCopied ? "Copied" : "Not copied";
        news.textContent = isCopied ? "Copied" : "Not copied: select the command and copy it by hand";
        setTimeout(() => { button.textContent = "Copy"; }, COPIED_MS);
    }

    rememberWhen();
    prepare(document);
    document.addEventListener("keydown", moveInMatrix);
    document.addEventListener("click", copyByButton);
    document.addEventListener("visibilitychange", lookWhenSeen);
    window.addEventListener("online", lookWhenSeen);
    window.addEventListener("pageshow", (event) => event.persisted && lookWhenSeen());
    /* A URL to pass on says only what was chosen. */
    document.addEventListener("formdata", ({ formData }) => {
        for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    });
    lookLater();
})();
