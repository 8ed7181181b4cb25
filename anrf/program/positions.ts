import { create } from "@bufbuild/protobuf";
import { type TextRange, TextRangeSchema } from "#gen/anrf/v1/diagnostic_pb.ts";

/** Places of one text as people and editors count them. */
export interface Positions {
  /** A half-open place in UTF-16 units as a range of code points, with line and column of its start. */
  range(place: { readonly start: number; readonly end: number }): TextRange;
}

/** Looks over a text once, so that each place costs a look-up, however many there are. */
export function positionsOf(text: string): Positions {
  const isPlain = !/[\ud800-\udfff]/.test(text);
  const before = isPlain ? undefined : pairsBefore(text);
  const at = (offset: number): number => {
    const end = Math.min(Math.max(offset, 0), text.length);
    return before === undefined ? end : end - (before[end] ?? 0);
  };
  const lines = lineStarts(text);
  return {
    range: ({ start, end }) => {
      const line = lineOf(lines, Math.min(start, text.length));
      const column = at(start) - at(lines[line - 1] ?? 0) + 1;
      return create(TextRangeSchema, { start: at(start), end: Math.max(at(start), at(end)), line, column });
    },
  };
}

/** For each offset, how many characters of two units stand before it. */
function pairsBefore(text: string): Uint32Array {
  const before = new Uint32Array(text.length + 1);
  let pairs = 0;
  for (let at = 0; at < text.length; at++) {
    before[at] = pairs;
    const unit = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      pairs++;
      before[++at] = pairs;
    }
  }
  before[text.length] = pairs;
  return before;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The line of an offset, from 1. */
function lineOf(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
