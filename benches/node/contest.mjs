// Runs the Node contenders one at a time, on request, like `benches/peers/src/bin/contest.rs`.
//
//     node contest.mjs CORPUS FILTERS REQUESTS

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { scimPatch } from "scim-patch";
import parser from "scim2-parse-filter";
import SCIMMY from "scimmy";

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const SLOW = 20_000;
const SLOWER = 2_000;

const [corpus, ...files] = process.argv.slice(2);
const [pairs, { user, group, requests }] = files.map((file) => JSON.parse(readFileSync(file, "utf8")));
const filters = Object.fromEntries(pairs);
const lines = readFileSync(corpus, "utf8").split("\n", SLOW).filter((line) => line !== "");
const objects = lines.map((line) => JSON.parse(line));
const thirty = new Set(filters.or30.split(" or ").map((term) => JSON.parse(term.slice("userName eq ".length))));

// The filters written by hand, for documents of exactly this form.
const is = (value, literal) => value !== undefined && value.toLowerCase() === literal;
const byHand = {
    equality: (user) => is(user.userName, "bjensen@example.com"),
    conjunction: (user) => !!user.title && is(user.userType, "employee"),
    "value path": (user) =>
        is(user.userType, "employee") &&
        user.emails.some((email) => is(email.type, "work") && email.value.toLowerCase().includes("@example.org")),
    date: (user) => user.meta.lastModified >= "2024-06-01T00:00:00Z" && user.active !== false,
    extension: (user) => is(user[ENTERPRISE]?.department, "engineering"),
    miss: (user) => is(user.userName, "nobody.of.that.name@nowhere.example"),
    or30: (user) => thirty.has(user.userName.toLowerCase()),
};

const parseFilter = (name) => parser.filter(parser.parse(filters[name]));
const scimmy = (name) => {
    const filter = new SCIMMY.Types.Filter(filters[name]);
    return (user) => filter.match([user]).length === 1;
};

const contender = (name, input, documents, of) => ({ name, kind: "peer", input, documents, threads: 1, of });
const contenders = [
    contender("Node `JSON.parse` and a predicate", "text", SLOW, (name) => byHand[name]),
    contender("Node `JSON.parse` and scim2-parse-filter", "text", SLOW, parseFilter),
    contender("Node `JSON.parse` and scimmy", "text", SLOWER, scimmy),
    contender("a predicate on Node objects", "object", SLOW, (name) => byHand[name]),
    contender("scim2-parse-filter on Node objects", "object", SLOW, parseFilter),
    contender("scimmy on Node objects", "object", SLOWER, scimmy),
];

const runs = contenders.map(({ input, documents, of }) => {
    const from = (input === "text" ? lines : objects).slice(0, documents);
    const made = {};
    for (const name of Object.keys(filters)) {
        try {
            const holds = of(name);
            made[name] = { from, holds: input === "text" ? (line) => holds(JSON.parse(line)) : holds };
        } catch (error) {
            made[name] = { reason: `cannot read it: ${error.message.split("\n")[0]}` };
        }
    }
    return made;
});

// From the text of the request to the changed object. scim-patch changes its input, so each run gets a copy, made while the
// clock is stopped.
function patch(task, which) {
    const text = JSON.stringify(requests[task]);
    const resource = task === "patch_user" ? user : group;
    const copies = Array.from({ length: which ? 1 : task === "patch_user" ? 200 : 1 }, () => structuredClone(resource));
    const start = process.hrtime.bigint();
    for (const copy of copies) scimPatch(copy, JSON.parse(text).Operations);
    const seconds = Number(process.hrtime.bigint() - start) / 1e9 / copies.length;
    if (!which) return { seconds };
    const [{ active, name, emails, phoneNumbers, members }] = copies;
    if (task !== "patch_user") return { which: [members.length] };
    return { which: [active, name.familyName, emails.find(({ type }) => type === "work").value, phoneNumbers.length] };
}

const PATCHER = { name: "scim-patch in Node", kind: "peer", input: "patch", documents: 1, threads: 1, cannot: {} };

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const version = (name) => JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version;

say({
    contenders: [
        ...contenders.map(({ of, ...rest }, number) => ({
            ...rest,
            documents: Math.min(rest.documents, lines.length),
            cannot: Object.fromEntries(
                Object.entries(runs[number])
                    .filter(([, run]) => run.reason)
                    .map(([name, run]) => [name, run.reason]),
            ),
        })),
        PATCHER,
    ],
    versions: {
        Node: process.version,
        ...Object.fromEntries(["scim2-parse-filter", "scimmy", "scim-patch"].map((name) => [name, version(name)])),
    },
});

for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    try {
        if (question.contender === contenders.length) {
            say(patch(question.task, question.which));
            continue;
        }
        const { from, holds } = runs[question.contender][question.task];
        if (question.which) {
            say({ which: from.flatMap((one, number) => (holds(one) ? [number] : [])) });
            continue;
        }
        const start = process.hrtime.bigint();
        let hits = 0;
        for (const one of from) {
            if (holds(one)) hits += 1;
        }
        say({ seconds: Number(process.hrtime.bigint() - start) / 1e9, hits });
    } catch (error) {
        say({ error: error.message.split("\n")[0] });
    }
}
