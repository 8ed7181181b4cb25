import { graph } from "./graph.ts";
import { json } from "./json.ts";
import { pseudocode } from "./pseudocode.ts";
import { python } from "./python.ts";
import type { Shown } from "./shown.ts";
import { structure } from "./structure.ts";
import { text } from "./text.ts";
import { typescript } from "./typescript.ts";

/** One format: what it is for, its media type, and the function that makes it. */
export interface Format {
  readonly purpose: string;
  readonly mediaType: string;
  readonly render: (shown: Shown) => string;
}

const PLAIN = "text/plain; charset=utf-8";

/** Every format by its name. All are pure: the same program gives the same text. */
export const FORMATS = {
  pseudocode: {
    purpose: "structured English, for readers who do not program",
    mediaType: PLAIN,
    render: pseudocode,
  },
  structure: { purpose: "the node table as a tree, with ids and types", mediaType: PLAIN, render: structure },
  text: { purpose: "the canonical program text, which can be read back", mediaType: PLAIN, render: text },
  typescript: {
    purpose: "a module of TypeScript that stands alone and runs on Node",
    mediaType: PLAIN,
    render: typescript,
  },
  python: { purpose: "a module of Python 3.11 that stands alone", mediaType: PLAIN, render: python },
  graph: { purpose: "the flow of values as a flowchart of Mermaid", mediaType: PLAIN, render: graph },
  json: { purpose: "ProtoJSON of module, spec and annotations", mediaType: "application/json", render: json },
} as const satisfies Readonly<Record<string, Format>>;

/** The name of a format. */
export type FormatName = keyof typeof FORMATS;

/** The format that is meant where none is named. */
export const DEFAULT_FORMAT: FormatName = "pseudocode";

/** The format of that name, the default one for the empty name; undefined for a name that is not known. */
export function formatName(name: string): FormatName | undefined {
  if (name === "") return DEFAULT_FORMAT;
  return Object.hasOwn(FORMATS, name) ? (name as FormatName) : undefined;
}

/** The program in that format. The module has passed the rules of structure; its other content may be hostile. */
export function render(name: FormatName, shown: Shown): string {
  return FORMATS[name].render(shown);
}
