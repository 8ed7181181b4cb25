import type { Type } from "#anrf/program/type.ts";
import type { Int, Value } from "#anrf/program/value.ts";
import { implementation } from "#anrf/std/supported.ts";
import { Builtin } from "#gen/anrf/v1/builtins_pb.ts";
import { TrapCode } from "#gen/anrf/v1/diagnostic_pb.ts";
import type { Code, Site } from "./code.ts";

const SAFE = Number.MAX_SAFE_INTEGER;

/**
 * The hottest calls with their work inside the closure: ints and floats as doubles, comparisons of one leaf, list
 * access. Undefined for all others. Each leaves the doubles' path as soon as it is not exact.
 */
export function fastCode(
  site: Site,
  builtin: Builtin,
  codes: readonly Code[],
  types: readonly Type[],
  cost: number,
  id: number,
): Code | undefined {
  const [a, b] = codes;
  const kind = types[0]?.kind;
  if (a === undefined) return undefined;
  const place = site.base + id;
  if (b === undefined) return unary(site, builtin, a, cost, place);
  if (codes.length !== 2) return undefined;
  if (kind === "int" || kind === "float") {
    return arithmetic(site, builtin, a, b, cost, place) ?? comparison(site, builtin, a, b, cost, place, kind);
  }
  return builtin === Builtin.LIST_GET ? listGet(site, a, b, cost, place) : undefined;
}

function unary({ meter }: Site, builtin: Builtin, a: Code, cost: number, place: number): Code | undefined {
  switch (builtin) {
    case Builtin.BOOL_NOT:
      return (frame) => {
        const x = a(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x !== true;
      };
    case Builtin.LIST_LENGTH:
      return (frame) => {
        const x = a(frame) as readonly Value[];
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x.length;
      };
    default:
      return undefined;
  }
}

function slow(builtin: Builtin): (a: Value, b: Value) => Value {
  const run = implementation(builtin);
  if (run === undefined) throw new Error(`builtin ${builtin} is not run by this engine`);
  return run;
}

function arithmetic(
  site: Site,
  builtin: Builtin,
  a: Code,
  b: Code,
  cost: number,
  place: number,
): Code | undefined {
  const { meter } = site;
  switch (builtin) {
    case Builtin.INT_ADD: {
      const exact = slow(builtin);
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        if (typeof x === "number" && typeof y === "number") {
          const sum = x + y;
          if (sum <= SAFE && sum >= -SAFE) return sum;
        }
        meter.site = place;
        return exact(x, y);
      };
    }
    case Builtin.INT_SUB: {
      const exact = slow(builtin);
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        if (typeof x === "number" && typeof y === "number") {
          const difference = x - y;
          if (difference <= SAFE && difference >= -SAFE) return difference;
        }
        meter.site = place;
        return exact(x, y);
      };
    }
    case Builtin.INT_MUL: {
      const exact = slow(builtin);
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        if (typeof x === "number" && typeof y === "number") {
          const product = x * y;
          if (product <= SAFE && product >= -SAFE) return product + 0;
        }
        meter.site = place;
        return exact(x, y);
      };
    }
    case Builtin.INT_MOD_FLOOR: {
      const exact = slow(builtin);
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        if (typeof x === "number" && typeof y === "number" && x >= 0 && y > 0) return x % y;
        meter.site = place;
        return exact(x, y);
      };
    }
    default:
      return floatArithmetic(site, builtin, a, b, cost, place);
  }
}

function floatArithmetic(
  { meter }: Site,
  builtin: Builtin,
  a: Code,
  b: Code,
  cost: number,
  place: number,
): Code | undefined {
  switch (builtin) {
    case Builtin.FLOAT_ADD:
      return (frame) => {
        const x = a(frame) as number;
        const y = b(frame) as number;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x + y;
      };
    case Builtin.FLOAT_SUB:
      return (frame) => {
        const x = a(frame) as number;
        const y = b(frame) as number;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x - y;
      };
    case Builtin.FLOAT_MUL:
      return (frame) => {
        const x = a(frame) as number;
        const y = b(frame) as number;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x * y;
      };
    default:
      return undefined;
  }
}

/** On ints of both forms and on floats JavaScript's own comparison is the language's. */
function comparison(
  { meter }: Site,
  builtin: Builtin,
  a: Code,
  b: Code,
  cost: number,
  place: number,
  kind: "int" | "float",
): Code | undefined {
  switch (builtin) {
    case Builtin.EQ:
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x === y;
      };
    case Builtin.NE:
      return (frame) => {
        const x = a(frame);
        const y = b(frame);
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x !== y;
      };
    case Builtin.LT:
      return (frame) => {
        const x = a(frame) as Int;
        const y = b(frame) as Int;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x < y;
      };
    case Builtin.LE:
      return (frame) => {
        const x = a(frame) as Int;
        const y = b(frame) as Int;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x <= y;
      };
    case Builtin.GT:
      return (frame) => {
        const x = a(frame) as Int;
        const y = b(frame) as Int;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x > y;
      };
    case Builtin.GE:
      return (frame) => {
        const x = a(frame) as Int;
        const y = b(frame) as Int;
        meter.fuel -= cost;
        if (meter.fuel < 0) meter.outOfFuel(place);
        return x >= y;
      };
    case Builtin.MIN:
      return kind === "int" ? intChoice(meter, a, b, cost, place, least) : undefined;
    case Builtin.MAX:
      return kind === "int" ? intChoice(meter, a, b, cost, place, greatest) : undefined;
    default:
      return undefined;
  }
}

// Math.min and Math.max take no bigint.
function least(x: Int, y: Int): Int {
  if (y < x) return y;
  return x;
}

function greatest(x: Int, y: Int): Int {
  if (y > x) return y;
  return x;
}

function intChoice(
  meter: Site["meter"],
  a: Code,
  b: Code,
  cost: number,
  place: number,
  choose: (x: Int, y: Int) => Int,
): Code {
  return (frame) => {
    const x = a(frame) as Int;
    const y = b(frame) as Int;
    meter.fuel -= cost;
    if (meter.fuel < 0) meter.outOfFuel(place);
    return choose(x, y);
  };
}

function listGet({ meter }: Site, a: Code, b: Code, cost: number, place: number): Code {
  return (frame) => {
    const list = a(frame) as readonly Value[];
    const index = b(frame) as Int;
    meter.fuel -= cost;
    if (meter.fuel < 0) meter.outOfFuel(place);
    if (typeof index === "number" && index >= 0 && index < list.length) return list[index] as Value;
    return meter.trap(TrapCode.INDEX, `list.get: index ${index} is outside a list of ${list.length}`, place);
  };
}
