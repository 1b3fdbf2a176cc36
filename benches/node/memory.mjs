// The bytes of an object in Node: `node --expose-gc memory.mjs CORPUS`.

import { readFileSync } from "node:fs";

const lines = readFileSync(process.argv[2], "utf8").split("\n", 2_000).filter((line) => line !== "");
globalThis.gc();
const before = process.memoryUsage().heapUsed;
const objects = lines.map((line) => JSON.parse(line));
globalThis.gc();
const bytes = Math.round((process.memoryUsage().heapUsed - before) / objects.length);
console.log(JSON.stringify([{ kind: "memory", what: "Node object", documents: objects.length, bytes }]));
