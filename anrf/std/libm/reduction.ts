import { highWord } from "./bits.ts";

/** An angle less a multiple of π/2: the multiple by its last two bits, the rest as the sum of two doubles. */
export interface Reduced {
  readonly quarter: number;
  readonly high: number;
  readonly low: number;
}

/** Up to 2^20 × π/2 the multiple is exact in the steps of Cody and Waite. */
const MEDIUM = 0x413921fb;

/**
 * x − n × π/2 for the n nearest to x × 2/π, |x| > π/4 and finite. Up to 2^20 × π/2 by the three steps of Cody and Waite
 * as fdlibm takes them, beyond by exact integers: the nearest double of the rest, and the nearest double of what is left.
 */
export function reduceAngle(x: number): Reduced {
  return (highWord(x) & 0x7fffffff) <= MEDIUM ? stepwise(x) : exact(x);
}

const INVERSE = 0.6366197723675814;
/** π/2 in pieces of 33 bits, each with what it leaves: a multiple of a piece by n is exact. */
const PIECES = [
  [1.5707963267341256, 6.077100506506192e-11],
  [6.077100506303966e-11, 2.0222662487959506e-21],
  [2.0222662487111665e-21, 8.4784276603689e-32],
] as const;
/** How many bits the rest may be below x before the next piece is needed. */
const LOST = [16, 49, Number.POSITIVE_INFINITY] as const;

function stepwise(x: number): Reduced {
  const size = Math.abs(x);
  const n = Math.trunc(size * INVERSE + 0.5);
  const exponent = exponentOf(size);
  let rest = size;
  let high = size;
  let tail = 0;
  for (let step = 0; step < PIECES.length; step++) {
    const [piece = 0, left = 0] = PIECES[step] ?? [];
    const before = rest;
    rest = before - n * piece;
    // From the second piece on the subtraction rounds: what it loses joins what is still to be taken off.
    tail = step === 0 ? n * left : n * left - (before - rest - n * piece);
    high = rest - tail;
    if (exponent - exponentOf(high) <= (LOST[step] ?? 0)) break;
  }
  const low = rest - high - tail;
  return x < 0 ? { quarter: -n & 3, high: -high, low: -low } : { quarter: n & 3, high, low };
}

function exponentOf(x: number): number {
  return (highWord(x) >> 20) & 0x7ff;
}

/** Bits of 2/π behind the point: the greatest exponent, twice 53 bits, and 62 bits for the closest multiples. */
const PLACES = 1200;

function exact(x: number): Reduced {
  const size = Math.abs(x);
  const exponent = exponentOf(size) - 1075;
  // size is mantissa × 2^exponent with exponent ≥ -32 here, so whole turns fall away before the product is made.
  const mantissa = BigInt(size * 2 ** -Math.min(exponent, 971));
  const product = mantissa * twoOverPi();
  const places = BigInt(PLACES - exponent);
  const n = (product + (1n << (places - 1n))) >> places;
  // The rest in turns of π/2, then × π/2 as an integer over 2^(places + PLACES).
  const rest = (product - (n << places)) * halfPi();
  const shift = PLACES - exponent + PLACES;
  const high = doubleOf(rest, shift);
  const low = doubleOf(rest - integerOf(high, shift), shift);
  const quarter = Number(n & 3n);
  return x < 0 ? { quarter: -quarter & 3, high: -high, low: -low } : { quarter, high, low };
}

/** The double nearest to value / 2^shift. The range of the rests keeps it normal. */
function doubleOf(value: bigint, shift: number): number {
  const size = value < 0n ? -value : value;
  const bits = size.toString(2).length;
  const drop = BigInt(Math.max(0, bits - 64));
  // 64 bits and a mark for what was cut: enough for Number to round to nearest even.
  const kept = size >> drop;
  const sticky = kept << drop === size ? 0n : 1n;
  const near = Number((kept << 1n) | sticky) * 2 ** (Number(drop) - 1 - shift + 1000) * 2 ** -1000;
  return value < 0n ? -near : near;
}

/** x × 2^shift, exactly; x comes from doubleOf. */
function integerOf(x: number, shift: number): bigint {
  if (x === 0) return 0n;
  const exponent = exponentOf(x) - 1075;
  const mantissa = BigInt(Math.abs(x) * 2 ** -exponent);
  const size = mantissa << BigInt(shift + exponent);
  return x < 0 ? -size : size;
}

const constants = new Map<string, bigint>();

/** ⌊2/π × 2^PLACES⌋ and ⌊π/2 × 2^PLACES⌋, by Machin's formula, once. */
function twoOverPi(): bigint {
  return once("2/π", () => (1n << BigInt(2 * PLACES + 65)) / machin(PLACES + 64));
}

function halfPi(): bigint {
  return once("π/2", () => machin(PLACES + 64) >> 65n);
}

function once(name: string, make: () => bigint): bigint {
  const known = constants.get(name);
  if (known !== undefined) return known;
  const made = make();
  constants.set(name, made);
  return made;
}

/** π × 2^places: 16 arctan(1/5) − 4 arctan(1/239). The last few bits are not exact. */
function machin(places: number): bigint {
  const one = 1n << BigInt(places);
  const arctan = (inverse: bigint): bigint => {
    let power = one / inverse;
    let sum = power;
    for (let n = 1n; power !== 0n; n++) {
      power /= inverse * inverse;
      const term = power / (2n * n + 1n);
      sum += n % 2n === 0n ? term : -term;
    }
    return sum;
  };
  return 16n * arctan(5n) - 4n * arctan(239n);
}
