/**
 * x to the power of y by the method of fdlibm (SunPro 1993–2004): log2 x as the sum of two doubles with some 20 extra
 * bits, times y in two parts, then 2 to that power. The coefficients are those that fdlibm publishes.
 */
import { fromWords, highWord, lowWord, scaled, upperPart } from "./bits.ts";

/** x to the power of y; NaN where y is NaN, and for ±1 to the power of an infinity, as ECMAScript has it. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (size === 1) return Number.NaN;
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const parity = x < 0 || Object.is(x, -0) ? parityOf(y) : "even";
  const sign = parity === "odd" ? -1 : 1;
  if (size === 0 || size === Number.POSITIVE_INFINITY) {
    return sign * ((size === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY);
  }
  if (parity === "fraction") return Number.NaN;
  if (size === 1) return sign;
  if (y === 1) return x;
  if (y === -1) return 1 / x;
  if (y === 2) return x * x;
  if (y === 0.5 && x > 0) return Math.sqrt(x);
  return sign * positivePower(size, y);
}

function parityOf(y: number): "even" | "odd" | "fraction" {
  if (!Number.isInteger(y)) return "fraction";
  return Math.abs(y) < 2 ** 53 && Math.abs(y % 2) === 1 ? "odd" : "even";
}

/** A number as the sum of two doubles; the first has 21 bits of fraction. */
type Parts = readonly [high: number, low: number];

function positivePower(x: number, y: number): number {
  const size = highWord(y) & 0x7fffffff;
  if (size > 0x41e00000) {
    // |y| > 2^31: only bases next to 1 stay finite, and for them a short series is exact enough.
    const word = highWord(x);
    if (word < 0x3fefffff || (size > 0x43f00000 && word <= 0x3fefffff))
      return y < 0 ? Number.POSITIVE_INFINITY : 0;
    if (word > 0x3ff00000 || (size > 0x43f00000 && word >= 0x3ff00000))
      return y > 0 ? Number.POSITIVE_INFINITY : 0;
    return powerOfTwo(y, logNearOne(x));
  }
  return powerOfTwo(y, log2(x));
}

const INVERSE_LN2 = Math.LOG2E;
const INVERSE_LN2_HIGH = 1.4426950216293335;
const INVERSE_LN2_LOW = 1.9259629911266175e-8;

/** log2 x where |1 − x| is at most 2^-20. */
function logNearOne(x: number): Parts {
  const t = x - 1;
  const w = t * t * (0.5 - t * (0.3333333333333333 - t * 0.25));
  // fdlibm multiplies t whole, which costs hundreds of units for x < 1; its upper part alone gives an exact product.
  const th = upperPart(t);
  const u = INVERSE_LN2_HIGH * th;
  const v = INVERSE_LN2_HIGH * (t - th) + t * INVERSE_LN2_LOW - w * INVERSE_LN2;
  const high = upperPart(u + v);
  return [high, v - (high - u)];
}

/** 2 / (3 ln 2) and its parts. */
const SCALE = 0.9617966939259756;
const SCALE_HIGH = 0.9617967009544373;
const SCALE_LOW = -7.028461650952758e-9;
/** log2 1.5 in parts. */
const LOG_HALF_HIGH = 0.5849624872207642;
const LOG_HALF_LOW = 1.350039202129749e-8;

/** log2 x for a positive finite x: x = m × 2^n with m near 1 or near 1.5, then log2 m by the series of (m − b)/(m + b). */
function log2(x: number): Parts {
  const isTiny = x < 2 ** -1022;
  const normal = isTiny ? x * 2 ** 53 : x;
  const fraction = highWord(normal) & 0xfffff;
  const isHalf = fraction > 0x3988e && fraction < 0xbb67a;
  // Above √3 the next power of two is nearer.
  const carry = fraction >= 0xbb67a ? 1 : 0;
  const n = (highWord(normal) >> 20) - 1023 + carry - (isTiny ? 53 : 0);
  const m = fromWords((0x3ff00000 | fraction) - carry * 0x100000, lowWord(normal));
  const [high, low] = seriesOf(m, isHalf ? 1.5 : 1);
  const z = SCALE_LOW * high + low * SCALE + (isHalf ? LOG_HALF_LOW : 0);
  const zh = SCALE_HIGH * high;
  const base = isHalf ? LOG_HALF_HIGH : 0;
  const sum = upperPart(zh + z + base + n);
  return [sum, z - (sum - n - base - zh)];
}

/** 3 (s + s³/3 + …) for s = (m − b) / (m + b), in parts: log m/b is two thirds of it. */
function seriesOf(m: number, b: number): Parts {
  const u = m - b;
  const v = 1 / (m + b);
  const s = u * v;
  const sh = upperPart(s);
  // m + b to 21 bits: half of m with the bits of b added in its exponent.
  const th = fromWords(((highWord(m) >> 1) | 0x20000000) + 0x80000 + (b === 1.5 ? 0x40000 : 0), 0);
  const tl = m - (th - b);
  const sl = v * (u - sh * th - sh * tl);
  const square = s * s;
  const tail =
    square *
      square *
      (0.5999999999999946 +
        square *
          (0.4285714285785502 +
            square *
              (0.33333332981837743 +
                square *
                  (0.272728123808534 + square * (0.23066074577556175 + square * 0.20697501780033842))))) +
    sl * (sh + s);
  const exact = sh * sh;
  const factor = upperPart(3 + exact + tail);
  const rest = tail - (factor - 3 - exact);
  const high = sh * factor;
  const low = sl * factor + rest * s;
  const sum = upperPart(high + low);
  return [sum, low - (sum - high)];
}

const LN2 = Math.LN2;
const LN2_HIGH = 0.6931471824645996;
const LN2_LOW = -1.904654299957768e-9;
/** How far above 1024 the exponent may stand and still round below the greatest double. */
const OVER = 8.008566259537294e-17;

/** 2^(y × t) for t in parts. */
function powerOfTwo(y: number, [t1, t2]: Parts): number {
  const y1 = upperPart(y);
  const low = (y - y1) * t1 + y * t2;
  const high = y1 * t1;
  const z = low + high;
  if (z > 1024 || (z === 1024 && low + OVER > z - high)) return Number.POSITIVE_INFINITY;
  if (z < -1075 || (z === -1075 && low <= z - high)) return 0;
  // The nearest integer is taken out where |z| is above a half.
  const n = (highWord(z) & 0x7fffffff) > 0x3fe00000 ? Math.trunc(z + (z < 0 ? -0.5 : 0.5)) : 0;
  const whole = high - n;
  const t = upperPart(low + whole);
  const u = t * LN2_HIGH;
  const v = (low - (t - whole)) * LN2 + t * LN2_LOW;
  const r = u + v;
  const w = v - (r - u);
  const square = r * r;
  const c =
    r -
    square *
      (0.16666666666666602 +
        square *
          (-0.0027777777777015593 +
            square *
              (6.613756321437934e-5 + square * (-1.6533902205465252e-6 + square * 4.1381367970572385e-8))));
  // fdlibm rounds r with the small terms before it adds 1; taken apart, the error falls from 0.8 to 0.6 units.
  const one = 1 + r;
  return scaled(one + (r - (one - 1) + (w + r * w - (r * c) / (c - 2))), n);
}
