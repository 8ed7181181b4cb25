import { CELL, type Cell } from "./grid.ts";

const TYPES = [
  "boolean",
  "number",
  "string",
  "number | undefined",
  "string | null",
  "number[]",
  "string[]",
  "number[][]",
  "Map<number, number>",
  "Map<string, number>",
  "Set<number>",
  "Set<string>",
  "[number, string]",
  "bigint",
] as const;

const lines = (text: string): readonly string[] => text.trim().split(/\s*\n\s*/u);
const words = (text: string): readonly string[] => text.trim().split(/\s+/u);

const UNARY = [
  ...lines(`
    !a
    -a
    +a
    ~a
    a ? 1 : 2
    \`\${a}\`
    String(a)
    Number(a)
    Boolean(a)
    parseInt(a, 10)
    parseFloat(a)
    [...a]
    new Set(a)
    new Map(a)
    Array.from(a)
    Array.from(a, (x) => x)
    Math.max(...a)
    Math.min(...a)
    [...a].map((x) => x + 1)
    Object.entries(a)
    a?.length
    a ?? 0
    a ?? "none"
    a === undefined
    a === null
    a !== null
    a == null
    a[0]
    a[a.length - 1]
    a.at(-1)
    a[0][0]
    a.map((x) => x * 2)
    a.map((x) => x.length)
    a.filter((x) => x)
    a.filter(Boolean)
    a.reduce((x, y) => x + y)
    a.reduce((x, y) => x + y, 0)
    a.some((x) => x > 1)
    a.every((x) => x !== 1)
    a.find((x) => x > 1)
    a.findIndex((x) => x > 1)
    a.flatMap((x) => [x, x])
    a.flatMap((x) => x)
    [...a].sort()
    [...a].sort((x, y) => x - y)
    [...a].sort((x, y) => x.localeCompare(y))
    a.toString()
    a.toFixed(2)
    a.split("")
    a.split("").reverse().join("")
    a.replace(/[0-9]/g, "#")
    typeof a === "number"
    typeof a === "string"
    Array.isArray(a)
    Number.isInteger(a)
    `),
  ...words("abs floor ceil round trunc sqrt sign log2 cbrt").map((name) => `Math.${name}(a)`),
  ...words("length size").map((name) => `a.${name}`),
  ...words("trim trimStart trimEnd toLowerCase toUpperCase reverse flat slice pop shift join sort at").map(
    (name) => `a.${name}()`,
  ),
  "[...a.keys()]",
  "[...a.values()]",
  "[...a.entries()]",
];

const BINARY = [
  ...words("+ - * / % ** & | ^ << >> >>> === !== == != < <= > >= && || ??").map((op) => `a ${op} b`),
  ...lines(`
    a[b]
    a.at(b)
    [a, b]
    [...a, b]
    [...a, ...b]
    a ? b : b
    [a ? b : b]
    Math.max(a, b)
    Math.min(a, b)
    Math.pow(a, b)
    Math.hypot(a, b)
    \`\${a}-\${b}\`
    new Map([[a, b]])
    new Set([a, b])
    new Map([[a, 1]]).get(b)
    new Set([a]).has(b)
    a.get(b) ?? 0
    a.slice(b, b)
    a.slice(0, b)
    a.substring(b)
    a.substring(1, b)
    a.replace(b, b)
    a.replaceAll(b, "")
    a.map((x) => b)
    a.map((x) => x + b)
    a.filter((x) => x === b)
    a.reduce((x, y) => x + y, b)
    a.some((x) => x === b)
    [...a].sort((x, y) => (x === b ? -1 : 1))
    parseInt(a, b)
    a.padStart(b, "x")
    a.padEnd(5, b)
    a.localeCompare(b)
    a.concat(...b)
    a.join(...b)
    a.get(...b)
    a.fill(b)
    Array(b).fill(a)
    Array.from({ length: b }, (_, i) => a)
    a?.length ?? b
    a[0] === b
    a[b] ?? a
    String(a) + b
    Number(a) + b
    `),
  ...words(
    "includes indexOf lastIndexOf startsWith endsWith split join concat repeat slice charAt charCodeAt codePointAt get has at flat toFixed padStart with",
  ).map((name) => `a.${name}(b)`),
];

const CHANGES = lines(`
    a.push(b);
    a.push(...b);
    a.unshift(b);
    a.unshift(...b);
    a.splice(b, 1);
    a.splice(0, 1, b);
    a.add(b);
    a.delete(b);
    a.set(b, 1);
    a.set(1, b);
    a.set(b, b);
    a.clear();
    a[0] = b;
    a[b] = 1;
    a[b] = b;
    a += b;
    a -= b;
    a ??= b;
    a ||= b;
    a.length = b;
    a.sort((x, y) => b);
    a.fill(b);
    a[0] += b;
    a[b]++;
    `);

const FLOWS = [
  "const r = []; for (const x of a) { r.push(b); r.push(x); } return r;",
  "let r = null; for (const x of a) { if (x === b) r = x; } return r;",
  "let r = a; if (b) { r = b; } return r;",
  "const r = new Map(); for (const x of a) { r.set(x, r.get(x) ?? b); } return r;",
  "const r = new Set(); r.add(a); return r.has(b);",
  "let r = b; for (const x of a) { r = r + x; } return r;",
  "for (const x of a) { if (x === b) return x; } return b;",
  "for (const [k, v] of a) { if (k === b) return v; } return b;",
  "for (let i = 0; i < a.length; i++) { if (a[i] === b) return i; } return -1;",
  "let n = 0; while (n < b) { n += 1; a = n; } return a;",
  "if (a === null || b === null) { return null; } return a + b;",
  "if (a === undefined) { return b; } return a;",
  'if (typeof a === "number") { return a + 1; } return b;',
  "const [x, y] = a; return x === b ? x : y;",
  "switch (a) { case b: return 1; default: return 2; }",
];

const OF = (params: string, body: string): string => `export function ${CELL}(${params}) {\n  ${body}\n}\n`;

/** Every operation of TypeScript with every type, or pair of types. */
export function scriptGrid(): readonly Cell[] {
  const cells: Cell[] = [];
  const add = (params: string, shown: string, body: string): void => {
    // Brackets on a Map are refused by TypeScript's own checker.
    if (params.startsWith("a: Map") && shown.includes("a[")) return;
    cells.push({ name: `${shown}, ${params}`, source: OF(params, body) });
  };
  for (const a of TYPES) {
    for (const one of UNARY) add(`a: ${a}`, one, `return ${one};`);
    for (const b of TYPES) {
      const params = `a: ${a}, b: ${b}`;
      for (const one of BINARY) add(params, one, `return ${one};`);
      for (const one of CHANGES) add(params, one, `${one}\n  return a;`);
      for (const one of FLOWS) add(params, one, one);
    }
  }
  return cells;
}
