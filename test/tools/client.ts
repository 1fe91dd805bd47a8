// What somebody writes who was given the OpenAPI document and nothing else: node client.js URL STANZA
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Job = components["schemas"]["Job"];

const [url, stanza] = process.argv.slice(2);
if (url === undefined || stanza === undefined) {
    throw new Error("usage: client.js URL STANZA");
}
const api = createClient<paths>({ baseUrl: url });

async function check(of: string): Promise<Job> {
    const started = await api.POST("/api/v1/stanzas/{stanza}/checks", {
        params: { path: { stanza: of }, header: { "Idempotency-Key": "from-typescript" } },
        body: { queue: true },
    });
    if (started.error !== undefined) {
        throw new Error(`${started.error.code}: ${started.error.detail}`);
    }
    let job: Job = started.data;
    while (job.state === "queued" || job.state === "running") {
        const asked = await api.GET("/api/v1/jobs/{id}", {
            params: { path: { id: job.id }, header: { Prefer: "wait=30" } },
        });
        if (asked.data === undefined) {
            throw new Error(`job ${job.id} is gone`);
        }
        job = asked.data;
    }
    return job;
}

async function list(): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await api.GET("/api/v1/jobs", {
            params: { query: { limit: 2, ...(cursor === undefined ? {} : { cursor }) } },
        });
        if (page.data === undefined) {
            throw new Error(`${page.error.code}: ${page.error.hint ?? "no hint"}`);
        }
        jobs.push(...page.data.jobs);
        cursor = page.data.next_cursor;
    }
    return jobs;
}

const checked = await check(stanza);
const refused = await api.GET("/api/v1/jobs/{id}", { params: { path: { id: "999999" } } });
console.log(
    JSON.stringify({
        checked: checked.state,
        refused: refused.error?.code,
        jobs: (await list()).map((job) => ({ id: job.id, kind: job.kind, state: job.state })),
    }),
);
