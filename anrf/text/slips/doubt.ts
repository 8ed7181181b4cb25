import type { Token } from "#anrf/text/lexer.ts";
import type { Place } from "#anrf/text/problems.ts";
import type { FileSyntax } from "#anrf/text/syntax.ts";

/**
 * Names of which too little is known to judge what uses them: broken types, functions without a header, and all whose
 * declaration names one of those. What is wrong with their users may be an echo, and is told once they are mended.
 */
export function doubtfulNames({
  broken,
  records,
  variants,
  extensions,
  functions,
}: FileSyntax): ReadonlySet<string> {
  const doubtful = new Set(broken.filter((one) => one.result === undefined).map((one) => one.name));
  if (doubtful.size === 0) return doubtful;
  const users = new Map<string, string[]>();
  const note = (name: string, types: readonly { readonly text: string }[]): void => {
    for (const word of types.flatMap(({ text }) => text.match(/[\p{XIDS}_]\p{XIDC}*/gu) ?? [])) {
      const known = users.get(word);
      if (known === undefined) users.set(word, [name]);
      else known.push(name);
    }
  };
  for (const { name, fields } of records)
    note(
      name,
      fields.map((one) => one.type),
    );
  for (const { name, cases } of variants)
    note(
      name,
      cases.flatMap((one) => one.payload),
    );
  for (const { name, params, result } of extensions) note(name, [...params, result]);
  for (const { name, params = [], result } of [...functions, ...broken])
    if (result !== undefined) note(name, [...params.map((one) => one.type), result]);
  const pending = [...doubtful];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const user of users.get(name) ?? []) {
      if (doubtful.has(user)) continue;
      doubtful.add(user);
      pending.push(user);
    }
  }
  return doubtful;
}

/** True when a token of that place is one of the names. */
export function mentions(
  tokens: readonly Token[],
  { start, end }: Place,
  names: ReadonlySet<string>,
): boolean {
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? end) < start) low = middle + 1;
    else high = middle;
  }
  for (let at = low; (tokens[at]?.start ?? end) < end; at++) {
    const token = tokens[at];
    if ((token?.kind === "name" || token?.kind === "tname") && names.has(token.text)) return true;
  }
  return false;
}
