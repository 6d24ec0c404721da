/* The real servers and the real exporter, by way of the integration tests' harness in a Python process of ours. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../stage.py", import.meta.url));

export class Stage {
    static async open(config) {
        const stage = new Stage();
        stage.python = spawn("/usr/bin/python3", ["-B", SCRIPT], { stdio: ["pipe", "pipe", "inherit"] });
        stage.ended = once(stage.python, "exit");
        stage.lines = createInterface({ input: stage.python.stdout })[Symbol.asyncIterator]();
        stage.servers = await stage.answer();
        stage.url = await stage.order("start", { config: config(stage.servers) });
        return stage;
    }

    async answer() {
        const { value, done } = await this.lines.next();
        if (done) throw new Error("the stage ended: see above");
        const { error, result } = JSON.parse(value);
        if (error) throw new Error(error);
        return result;
    }

    /* One at a time. */
    order(what, details = {}) {
        this.python.stdin.write(`${JSON.stringify({ do: what, ...details })}\n`);
        return this.answer();
    }

    async reload(config) {
        if (!await this.order("reload", { config: config(this.servers) })) throw new Error("the configuration was turned down");
    }

    /* Whether every probe has a verdict, so that stories begin where the first runs have ended. */
    async judged() {
        for (let tries = 0; tries < 200; tries++) {
            const { data } = await (await fetch(`${this.url}/api/v1/probes?verdict=pending`)).json();
            if (!data.total) return;
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("probes stay pending");
    }

    async probes(filters = "") {
        const { data } = await (await fetch(`${this.url}/api/v1/probes?limit=1000&${filters}`)).json();
        return data.probes;
    }

    async close() {
        this.python.stdin.end();
        const [status] = await this.ended;
        if (status !== 0) throw new Error(`the stage ended with status ${status}`);
    }
}
