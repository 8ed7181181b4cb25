import type { Instruction, Regex } from "./compile.ts";
import type { Assertion } from "./syntax.ts";

/** UTF-16 offsets: start and end of the match, then of each group; −1 where a group took no part. */
export type Match = readonly number[];

/**
 * The leftmost match at or after an offset, alternatives preferred in their order, as Perl and RE2 do; undefined
 * where there is none. All threads move on together (Thompson, Pike), so the time is linear in the text.
 */
export function matchRegex(regex: Regex, text: string, from: number): Match | undefined {
  const { code, groups } = regex;
  const marks = new Int32Array(code.length).fill(-1);
  const blank: Match = new Array<number>(2 * groups + 2).fill(-1);
  let threads = new Threads();
  let next = new Threads();
  let found: Match | undefined;
  for (let at = from, step = 0; at <= text.length; step++) {
    if (found === undefined) addThread(threads, code, marks, step, text, at, 0, withSlot(blank, 0, at));
    if (threads.places.length === 0 && found !== undefined) break;
    const point = at < text.length ? (text.codePointAt(at) ?? -1) : -1;
    const after = at + (point > 0xffff ? 2 : 1);
    for (let i = 0; i < threads.places.length; i++) {
      const place = threads.places[i] ?? 0;
      const slots = threads.slots[i] ?? blank;
      const instruction = code[place];
      if (instruction?.op === "match") {
        found = withSlot(slots, 1, at);
        break;
      }
      if (instruction?.op === "set" && point >= 0 && instruction.set(point)) {
        addThread(next, code, marks, step + 1, text, after, place + 1, slots);
      }
    }
    [threads, next] = [next, threads];
    next.clear();
    at = after;
  }
  return found;
}

/** Threads by preference: where each stands and what it has saved. */
class Threads {
  readonly places: number[] = [];
  readonly slots: Match[] = [];

  clear(): void {
    this.places.length = 0;
    this.slots.length = 0;
  }
}

/**
 * Follows everything that takes no character, the preferred way first. A place is entered once a step: what comes
 * later is less preferred. The marks of one step are done with before the next step writes its own.
 */
function addThread(
  threads: Threads,
  code: readonly Instruction[],
  marks: Int32Array,
  step: number,
  text: string,
  at: number,
  place: number,
  slots: Match,
): void {
  const pending: [number, Match][] = [[place, slots]];
  for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
    const [here, saved] = top;
    const instruction = code[here];
    if (instruction === undefined || marks[here] === step) continue;
    marks[here] = step;
    switch (instruction.op) {
      case "jump":
        pending.push([instruction.target, saved]);
        break;
      case "fork":
        pending.push([instruction.second, saved], [instruction.first, saved]);
        break;
      case "save":
        pending.push([here + 1, withSlot(saved, instruction.slot, at)]);
        break;
      case "assertion":
        if (holds(instruction.assertion, text, at)) pending.push([here + 1, saved]);
        break;
      case "set":
      case "match":
        threads.places.push(here);
        threads.slots.push(saved);
        break;
      default:
        throw new Error(`unreachable: ${instruction satisfies never}`);
    }
  }
}

function withSlot(slots: Match, slot: number, at: number): Match {
  const copy = slots.slice();
  copy[slot] = at;
  return copy;
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case "start":
      return at === 0;
    case "end":
      return at === text.length;
    case "line_start":
      return at === 0 || text[at - 1] === "\n";
    case "line_end":
      return at === text.length || text[at] === "\n";
    case "boundary":
      return isWord(text, at - 1) !== isWord(text, at);
    case "no_boundary":
      return isWord(text, at - 1) === isWord(text, at);
    default:
      throw new Error(`unreachable: ${assertion satisfies never}`);
  }
}

function isWord(text: string, at: number): boolean {
  return /^\w$/.test(text.charAt(at));
}
