// Reads one JSON request per line, and writes one JSON answer per line:
//
//     {"task": "filters", "filter": "…", "documents": [{…}, …]}   → {"matches": [true, false, …]} or {"refused": "…"}
//     {"task": "patch", "resource": {…}, "body": {…}}             → {"resource": {…}} or {"refused": "…", "detail": "…"}

import { createInterface } from "node:readline";

import { patchBodyValidation, scimPatch } from "scim-patch";
import parser from "scim2-parse-filter";

function filters({ filter, documents }) {
    let matches;
    try {
        matches = parser.filter(parser.parse(filter));
    } catch (error) {
        return { refused: "invalidFilter", detail: String(error.message) };
    }
    return {
        matches: documents.map((document) => {
            try {
                return matches(document);
            } catch (error) {
                return `${error.name}: ${error.message}`;
            }
        }),
    };
}

function patch({ resource, body }) {
    try {
        patchBodyValidation(body);
        return { resource: scimPatch(resource, body.Operations) };
    } catch (error) {
        if (error.scimCode) return { refused: error.scimCode, detail: String(error.message) };
        return { error: error.name, detail: String(error.message) };
    }
}

const tasks = { filters, patch };
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const request = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(tasks[request.task](request))}\n`);
}
