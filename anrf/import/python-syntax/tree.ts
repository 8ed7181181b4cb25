import type { SyntaxNode } from "@lezer/common";
import { refuse } from "#anrf/import/source/refusal.ts";
import type { Place, Site } from "#anrf/import/source/source.ts";

/** What the readers of a Python syntax tree share: the text, places and numbers. */
export class PythonText {
  readonly text: string;
  readonly #lines: number[] = [0];
  #count = 0;

  constructor(text: string) {
    this.text = text;
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.#lines.push(i + 1);
  }

  place(node: { readonly from: number }): Place {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle] ?? 0) <= node.from) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: node.from - (this.#lines[low] ?? 0) + 1 };
  }

  site(node: { readonly from: number }): Site {
    return { ...this.place(node), id: this.#count++ };
  }

  of(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  /** The children without comments; an error node is refused. */
  children(node: SyntaxNode): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let child = node.firstChild; child !== null; child = child.nextSibling) {
      if (child.type.isError) this.broken(child);
      if (child.name !== "Comment") found.push(child);
    }
    return found;
  }

  broken(node: SyntaxNode): never {
    const found = this.of(node).trim().slice(0, 20);
    return refuse(
      "syntax",
      this.place(node),
      `the syntax breaks off at ${found === "" ? "this place" : `"${found}"`}`,
    );
  }

  refuse(code: Parameters<typeof refuse>[0], node: SyntaxNode, message: string): never {
    return refuse(code, this.place(node), message);
  }
}

/** The parts between commas; what stands in a part is left to the reader. */
export function commaParts(nodes: readonly SyntaxNode[]): SyntaxNode[][] {
  const parts: SyntaxNode[][] = [];
  let part: SyntaxNode[] = [];
  for (const node of nodes) {
    if (node.name === ",") {
      parts.push(part);
      part = [];
    } else part.push(node);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
