import { RESERVED } from "#anrf/text/words.ts";
import { GRAMMAR } from "./grammar.ts";

/** docs/language/grammar.md. */
export function grammarPage(): string {
  const width = Math.max(...GRAMMAR.map((one) => one.name.length));
  const rules = GRAMMAR.map(({ name, body }) => `${name.padEnd(width)} = ${body} ;`);
  return `# Grammar

Printed from \`scripts/language/grammar.ts\`, whose samples the tests read; edits by hand are lost.

A comma list may end in a comma. Blanks and line ends mean the same; \`#\` starts a comment that ends with its line.

\`\`\`ebnf
${rules.join("\n")}
\`\`\`

- NAME and TNAME are identifiers (XID, NFC, at most 64 code points, nothing invisible); a TNAME begins with a capital, a bare NAME does not. Backticks hold a NAME that is reserved or
  begins with a capital.
- INT is digits; FLOAT has a fraction, an exponent or both; DECIMAL is digits with or without a fraction, then \`m\`; STRING stands in double quotes with
  \`\\" \\\\ \\n \\t \\r \\u{hex}\`. SCALAR is one of \`unit bool int float string decimal date\`.
- Never a bare NAME: ${[...RESERVED].map((word) => `\`${word}\``).join(" ")}.
- \`( … )\` is the head of a lambda exactly when \`=>\` follows. \`{\` is a map where an expression begins, and a block after \`=>\` and where a block stands.
- The entry of a program is its last \`fn\`.
`;
}
