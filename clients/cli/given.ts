// What people give on the command line: words, examples, inputs, ids, signatures.
import { readFile } from "node:fs/promises";
import { fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { type Json, parseJson, writeJson } from "#anrf/program/json.ts";
import { type Example, ExampleSchema } from "#gen/anrf/api/v1/example_pb.ts";
import type { AnalyzeIntentRequestSchema } from "#gen/anrf/intent/v1/intent_service_pb.ts";
import { usage } from "./failure.ts";
import type { Io } from "./io.ts";
import type { Flags, Input } from "./parse.ts";

/** A program by its id and version; 0: the newest. */
export interface ProgramId {
  readonly anrfId: string;
  readonly version: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a text is an id and not a file. */
export function isProgramId(text: string): boolean {
  return UUID.test(text.replace(/^anrf:\/\//, "").split("@")[0] ?? "");
}

/** Reads ID or ID@VERSION, with or without anrf://. */
export function programId(text: string): ProgramId {
  const [id = "", version, more] = text.replace(/^anrf:\/\//, "").split("@");
  if (!UUID.test(id) || more !== undefined) {
    throw usage(
      `cannot use ${JSON.stringify(text)}`,
      "it is no id of a program: a UUID, with @VERSION if one is meant",
    );
  }
  if (version === undefined) return { anrfId: id.toLowerCase(), version: 0 };
  if (/^[1-9]\d{0,8}$/.test(version)) return { anrfId: id.toLowerCase(), version: Number(version) };
  throw usage(
    `cannot use ${JSON.stringify(text)}`,
    `its version ${JSON.stringify(version)} is no number from 1`,
  );
}

/** Bytes of a file, or of stdin for "-". */
export async function readBytes(path: string, io: Io): Promise<Uint8Array> {
  if (path === "-") return io.read();
  try {
    return await readFile(path);
  } catch (error) {
    throw usage(`cannot read ${path}`, error instanceof Error ? error.message : String(error));
  }
}

/** Text of a file, or of stdin for "-"; it has to be UTF-8. */
export async function readText(path: string, io: Io): Promise<string> {
  const bytes = await readBytes(path, io);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw usage(`cannot read ${path === "-" ? "stdin" : path}`, "it is not UTF-8 text");
  }
}

/** JSON given as text, as @FILE, or as - for stdin; duplicate keys and deep nesting are refused. */
export async function readJson(what: string, text: string, io: Io): Promise<JsonValue> {
  return JSON.parse(writeJson(await readExactJson(what, text, io))) as JsonValue;
}

/** The same with the order of members and the digits of numbers as they were written. */
export async function readExactJson(what: string, text: string, io: Io): Promise<Json> {
  const source =
    text === "-" ? await readText("-", io) : text.startsWith("@") ? await readText(text.slice(1), io) : text;
  const reading = parseJson(source);
  if (reading.fault === undefined) return reading.json;
  throw usage(
    `cannot read ${what}`,
    `${reading.fault.error}, at character ${reading.fault.at + 1}`,
    "write it as JSON, in single quotes",
  );
}

/** Examples as the API reads them. */
export async function examplesOf(texts: readonly string[], io: Io): Promise<Example[]> {
  const examples: Example[] = [];
  for (const text of texts) {
    const json = await readJson(`the example ${text}`, text, io);
    const list = Array.isArray(json) ? json : [json];
    for (const one of list) examples.push(exampleOf(one, text));
  }
  return examples;
}

function exampleOf(json: JsonValue, text: string): Example {
  const advice = `write it such as '{"inputs":[1,2],"output":3}'`;
  if (typeof json !== "object" || json === null || Array.isArray(json) || !("inputs" in json)) {
    throw usage(`cannot read the example ${text}`, "it has no inputs", advice);
  }
  if (!("output" in json) && !("trap" in json)) {
    throw usage(`cannot read the example ${text}`, "it has neither output nor trap", advice);
  }
  try {
    return fromJson(ExampleSchema, json);
  } catch (error) {
    throw usage(
      `cannot read the example ${text}`,
      error instanceof Error ? error.message : String(error),
      advice,
    );
  }
}

/** Reads '(xs: list<int>, n: int) -> int'; types stay text for the platform to judge. */
export function signatureOf(text: string): { params: { name: string; type: string }[]; returns: string } {
  const match = /^\s*\(([\s\S]*)\)\s*->\s*([\s\S]+?)\s*$/.exec(text);
  const advice = "write it such as '(xs: list<int>) -> int'";
  if (match === null)
    throw usage(`cannot read the signature ${text}`, "it is no list of parameters with a result", advice);
  const params = splitParams(match[1] ?? "").map((part) => {
    const param = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*:\s*([\s\S]+?)\s*$/.exec(part);
    if (param === null)
      throw usage(
        `cannot read the signature ${text}`,
        `${JSON.stringify(part.trim())} is no name: type`,
        advice,
      );
    return { name: param[1] ?? "", type: param[2] ?? "" };
  });
  return { params, returns: match[2] ?? "" };
}

function splitParams(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if ("<({[".includes(char)) depth++;
    if (">)}]".includes(char)) depth--;
    if (char === "," && depth === 0) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.length === 1 && parts[0]?.trim() === "" ? [] : parts;
}

/** The words of an intent with what stands beside them. */
export async function intentOf(
  input: Input,
  io: Io,
): Promise<MessageInitShape<typeof AnalyzeIntentRequestSchema>> {
  const { args, flags } = input;
  const file = flags.text("file");
  if (file !== undefined && args.length > 0) throw usage("cannot take words and a file", "give one of both");
  const words = args.length === 1 && args[0] === "-" ? await readText("-", io) : args.join(" ");
  const inputText = file === undefined ? words : await readText(file, io);
  const examples = await examplesOf(flags.texts("example"), io);
  const signature = flags.text("signature");
  if (inputText.trim() === "" && examples.length === 0 && signature === undefined) {
    throw usage(
      "cannot read the intent",
      "nothing is said: no words, no example, no signature",
      'anrf "sum the even numbers"',
    );
  }
  return {
    inputText,
    examples,
    constraints: [...flags.texts("contract")],
    languageTag: flags.text("language") ?? "",
    validateOnly: flags.has("dry-run"),
    ...(signature === undefined ? {} : { signature: signatureOf(signature) }),
    ...contextOf(flags),
  };
}

function contextOf(flags: Flags): { context?: { module: string; function: string } } {
  const module = flags.text("module") ?? "";
  const name = flags.text("function") ?? "";
  return module === "" && name === "" ? {} : { context: { module, function: name } };
}
