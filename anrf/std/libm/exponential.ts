/**
 * e^x and ln x, by the method of fdlibm (K. C. Ng, SunPro 1993–2004): a reduction to a short interval in two parts, a
 * minimax rational form there, and the parts put back in an order that loses less than one unit in the last place.
 * The coefficients are those that fdlibm publishes; every engine that uses them in this order gives the same bits.
 */
import { fromWords, highWord, lowWord, scaled } from "./bits.ts";

/** ln 2, its first 33 bits: a multiple of it by a small integer is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;

/** Above it the result is infinite. */
const MOST = 709.782712893384;
/** Below it the result is 0. */
const LEAST = -745.1332191019411;

/** e to the power of x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > MOST) return Number.POSITIVE_INFINITY;
  if (x < LEAST) return 0;
  // The method gives the next double here; the nearest is what everybody expects of e itself.
  if (x === 1) return Math.E;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  const size = highWord(x) & 0x7fffffff;
  // Up to ln 2 / 2 nothing is taken off, up to 3 ln 2 / 2 one ln 2.
  if (size <= 0x3fd62e42) return reduced(x, x, 0, 0);
  const sign = x < 0 ? -1 : 1;
  const k = size < 0x3ff0a2b2 ? sign : Math.trunc(INVERSE_LN2 * x + 0.5 * sign);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  return reduced(high - low, high, low, k);
}

/** e^r × 2^k, where r = high − low stands for the reduced argument. */
function reduced(r: number, high: number, low: number, k: number): number {
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  return scaled(y, k);
}

/** The natural logarithm. */
export function ln(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY) return x;
  const isTiny = x < 2 ** -1022;
  const normal = isTiny ? x * 2 ** 54 : x;
  const word = highWord(normal);
  const fraction = word & 0xfffff;
  // 1 where the fraction is at least √2: then half of it is nearer to 1.
  const carry = (fraction + 0x95f64) & 0x100000;
  const k = (word >> 20) - 1023 + (isTiny ? -54 : 0) + (carry >> 20);
  const mantissa = fromWords(fraction | (carry ^ 0x3ff00000), lowWord(normal));
  return logarithm(mantissa - 1, fraction, k);
}

/** ln((1 + f) × 2^k); `fraction` chooses the order in which the parts are added. */
function logarithm(f: number, fraction: number, k: number): number {
  const high = k * LN2_HIGH;
  const low = k * LN2_LOW;
  if ((0xfffff & (2 + fraction)) < 3) return nearOne(f, high, low, k);
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const rest = odd + even;
  if (fraction >= 0x6147a && fraction <= 0x6b851) {
    const half = 0.5 * f * f;
    if (k === 0) return f - (half - s * (half + rest));
    return high - (half - (s * (half + rest) + low) - f);
  }
  if (k === 0) return f - s * (f - rest);
  return high - (s * (f - rest) - low - f);
}

/** The same for |f| < 2^-20. */
function nearOne(f: number, high: number, low: number, k: number): number {
  if (f === 0) return k === 0 ? 0 : high + low;
  const rest = f * f * (0.5 - 0.3333333333333333 * f);
  if (k === 0) return f - rest;
  return high - (rest - low - f);
}
