/** Code points of a line that layout aims at. */
export const WIDTH = 100;
const INDENT = 2;

/**
 * A text whose line ends are still open. `line` is its text, or a line end where its group is broken; `hard` is
 * always a line end. A `choice` is its first option where that fits on the line without a line end, else the
 * first middle option whose first line fits, else the last one.
 */
export type Doc =
  | string
  | readonly Doc[]
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "hard" }
  | { readonly kind: "nest"; readonly doc: Doc }
  | { readonly kind: "group"; readonly doc: Doc }
  | { readonly kind: "choice"; readonly options: readonly Doc[] };

/** A line end, always. */
export const HARD: Doc = { kind: "hard" };
/** A blank, or a line end. */
export const LINE: Doc = { kind: "line", text: " " };
/** One level further in. */
export const nest = (doc: Doc): Doc => ({ kind: "nest", doc });
/** On one line if it fits, else all its lines broken. */
export const group = (doc: Doc): Doc => ({ kind: "group", doc });
/** The first option that fits. */
export const choice = (...options: readonly Doc[]): Doc => ({ kind: "choice", options });

/** Parts with something between them. */
export function join(parts: readonly Doc[], between: Doc): Doc[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [between, part]));
}

/** Items in brackets: on one line, or one item a line with a comma behind each. */
export function bracketed(open: string, items: readonly Doc[], close: string, blank = ""): Doc {
  if (items.length === 0) return open + close;
  return choice(
    [open, blank, ...join(items, ", "), blank, close],
    [open, nest(items.map((item) => [HARD, item, ","])), HARD, close],
  );
}

/** The first character that the document writes, or nothing. */
export function firstCharacter(doc: Doc): string {
  if (typeof doc === "string") return doc.slice(0, 1);
  if (isList(doc)) {
    for (const part of doc) {
      const found = firstCharacter(part);
      if (found !== "") return found;
    }
    return "";
  }
  if (doc.kind === "nest" || doc.kind === "group") return firstCharacter(doc.doc);
  return doc.kind === "choice" ? firstCharacter(doc.options[0] ?? "") : "";
}

interface Task {
  readonly indent: number;
  readonly isFlat: boolean;
  readonly doc: Doc;
}

/** The text of a document with every open line end decided. */
export function layOut(doc: Doc): string {
  const out: string[] = [];
  const tasks: Task[] = [{ indent: 0, isFlat: false, doc }];
  let column = 0;
  let blanks = 0; // not yet written: an empty line has none
  const write = (text: string): void => {
    if (text !== "") out.push(" ".repeat(blanks), text);
    if (text !== "") blanks = 0;
    column += widthOf(text);
  };
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { indent, isFlat, doc: at } = task;
    if (typeof at === "string") write(at);
    else if (isList(at)) for (const part of at.toReversed()) tasks.push({ indent, isFlat, doc: part });
    else if (at.kind === "nest") tasks.push({ indent: indent + INDENT, isFlat, doc: at.doc });
    else if (at.kind === "hard" || (at.kind === "line" && !isFlat)) {
      out.push("\n");
      blanks = indent;
      column = indent;
    } else if (at.kind === "line") write(at.text);
    else tasks.push(decide(at, task, tasks, WIDTH - column));
  }
  return out.join("");
}

function decide(
  doc: Extract<Doc, { kind: "group" | "choice" }>,
  task: Task,
  rest: readonly Task[],
  room: number,
): Task {
  const { indent, isFlat } = task;
  if (doc.kind === "group") {
    const flat = { indent, isFlat: true, doc: doc.doc };
    return isFlat || fits(flat, rest, room) ? flat : { ...flat, isFlat: false };
  }
  const [first = "", ...others] = doc.options;
  const flat = { indent, isFlat: true, doc: first };
  if (isFlat || fits(flat, rest, room)) return flat;
  for (const option of others.slice(0, -1)) {
    const broken = { indent, isFlat: false, doc: option };
    if (fits(broken, rest, room)) return broken;
  }
  return { indent, isFlat: false, doc: others.at(-1) ?? first };
}

/** True when the line that the task begins ends in time. A flat task has no line end of its own. */
function fits(first: Task, rest: readonly Task[], room: number): boolean {
  const tasks: { readonly doc: Doc; readonly isFlat: boolean; readonly isOwn: boolean }[] = [
    { ...first, isOwn: true },
  ];
  let left = room;
  let next = rest.length - 1;
  while (left >= 0) {
    let task = tasks.pop();
    if (task === undefined) {
      const after = rest[next--];
      if (after === undefined) return true;
      task = { ...after, isOwn: false };
    }
    const { doc, isFlat, isOwn } = task;
    if (typeof doc === "string") left -= widthOf(doc);
    else if (isList(doc)) for (const part of doc.toReversed()) tasks.push({ doc: part, isFlat, isOwn });
    else if (doc.kind === "hard") return !(isOwn && first.isFlat);
    else if (doc.kind === "line") {
      if (!isFlat) return true;
      left -= doc.text.length;
    } else if (doc.kind === "nest") tasks.push({ doc: doc.doc, isFlat, isOwn });
    else if (doc.kind === "group") tasks.push({ doc: doc.doc, isFlat: isFlat || isOwn, isOwn });
    else tasks.push({ doc: doc.options[0] ?? "", isFlat: true, isOwn });
  }
  return false;
}

function isList(doc: Doc): doc is readonly Doc[] {
  return Array.isArray(doc);
}

function widthOf(text: string): number {
  return /^\p{ASCII}*$/u.test(text) ? text.length : [...text].length;
}
