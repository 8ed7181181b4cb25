import { EXIT_CODES } from "./exit-codes.ts";
import {
  type Argument,
  CALL_FLAGS,
  COMMON_FLAGS,
  type Flag,
  GROUPS,
  type Group,
  VERBS,
  type Verb,
} from "./spec.ts";

const WIDTH = 100;

/** The help of all verbs. */
export function overview(): string {
  const groups = (Object.keys(GROUPS) as Group[]).map((group) => {
    const rows = VERBS.filter((verb) => verb.group === group).map(
      (verb) => [verb.name, verb.summary] as const,
    );
    return `${GROUPS[group]}\n${rowsText(rows)}`;
  });
  return [
    "anrf — say in words what a function should do, get a small program that is checked and runs\n",
    'usage: anrf "sum the even numbers" [flags]\n       anrf VERB [arguments] [flags]\n',
    ...groups,
    `Flags of all verbs\n${rowsText(COMMON_FLAGS.map(flagRow))}`,
    `Flags of all verbs that call the platform\n${rowsText(CALL_FLAGS.map(flagRow))}`,
    "More: anrf help VERB · anrf help exit-codes\n",
  ].join("\n");
}

/** The help of one verb. */
export function verbHelp(verb: Verb): string {
  const parts = [`${usageLine(verb)}\n\n${capital(verb.summary)}.\n`];
  if (verb.args.length > 0)
    parts.push(`Arguments\n${rowsText(verb.args.map((arg) => [argText(arg), arg.help]))}`);
  if (verb.flags.length > 0) parts.push(`Flags\n${rowsText(verb.flags.map(flagRow))}`);
  if (verb.calls) parts.push(`Flags of a call\n${rowsText(CALL_FLAGS.map(flagRow))}`);
  parts.push(`Flags of all verbs\n${rowsText(COMMON_FLAGS.map(flagRow))}`);
  parts.push(`Exit codes\n${rowsText(exitsOf(verb))}`);
  parts.push(`Examples\n${verb.samples.map((one) => `  ${one.command}\n      ${one.does}\n`).join("")}`);
  return parts.join("\n");
}

/** The table of exit codes. */
export function exitCodesHelp(): string {
  const rows = EXIT_CODES.map(([code, meaning]) => [String(code), meaning] as const);
  return `${rowsText(rows)}\nIf several apply: 2, 4, 64 and above, 1, then 3, 5, 6, 7.\n`;
}

/** Codes that a verb can end with. */
export function exitsOf(verb: Verb): readonly (readonly [string, string])[] {
  const own = new Set([0, 1, 2, ...verb.exits, ...(verb.calls ? [4] : [])]);
  const rows = EXIT_CODES.filter(([code]) => own.has(code)).map(
    ([code, meaning]) => [String(code), meaning] as const,
  );
  return verb.calls ? [...rows, ["64 + N", "the server's gRPC status N"]] : rows;
}

/** How a verb is written. */
export function usageLine(verb: Verb): string {
  const args = verb.args.map((arg) => (arg.optional === true ? `[${argText(arg)}]` : argText(arg)));
  return (
    ["usage: anrf", verb.name, ...args, "[flags]"].join(" ") +
    (verb.alias === undefined ? "" : `   (alias: ${verb.alias})`)
  );
}

/** A flag as it is written, with its value. */
export function flagText(flag: Flag): string {
  const short = flag.short === undefined ? "" : `-${flag.short}, `;
  const value = flag.value === undefined ? "" : ` ${flag.value}`;
  return `${short}--${flag.name}${value}`;
}

/** What a flag does, with choices and variable. */
export function flagHelp(flag: Flag): string {
  const choices = flag.choices === undefined ? "" : ` (${flag.choices.join(", ")})`;
  const repeated = flag.repeated === true ? "; may be repeated" : "";
  const env = flag.env === undefined ? "" : ` [$${flag.env}]`;
  return `${flag.help}${choices}${repeated}${env}`;
}

function flagRow(flag: Flag): readonly [string, string] {
  return [flagText(flag), flagHelp(flag)];
}

function argText(arg: Argument): string {
  return arg.rest === true ? `${arg.name}…` : arg.name;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function rowsText(rows: readonly (readonly [string, string])[]): string {
  const left = Math.min(30, Math.max(...rows.map(([name]) => name.length)));
  const lines: string[] = [];
  for (const [name, help] of rows) {
    const [first = "", ...more] = wrapped(help, WIDTH - left - 4);
    if (name.length > left) lines.push(`  ${name}`, `  ${" ".repeat(left)}  ${first}`);
    else lines.push(`  ${name.padEnd(left)}  ${first}`);
    for (const line of more) lines.push(`  ${" ".repeat(left)}  ${line}`);
  }
  return `${lines.join("\n")}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
