/**
 * Sine, cosine and arctangent by the method of fdlibm (SunPro 1993): on [-π/4, π/4] a minimax polynomial whose argument
 * is the sum of two doubles, elsewhere the rest of reduceAngle; the arctangent by four breakpoints. The coefficients are
 * those that fdlibm publishes. The error stays below one unit in the last place.
 */
import { highWord } from "./bits.ts";
import { type Reduced, reduceAngle } from "./reduction.ts";

/** High word of π/4. */
const QUARTER = 0x3fe921fb;

/** The sine of an angle in radians; NaN where it is infinite. */
export function sin(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size <= QUARTER) return sine(x);
  if (!Number.isFinite(x)) return Number.NaN;
  const angle = reduceAngle(x);
  return turned(angle, angle.quarter);
}

/** The cosine of an angle in radians; NaN where it is infinite. */
export function cos(x: number): number {
  const size = highWord(x) & 0x7fffffff;
  if (size <= QUARTER) return cosine(x, 0);
  if (!Number.isFinite(x)) return Number.NaN;
  const angle = reduceAngle(x);
  return turned(angle, angle.quarter + 1);
}

function turned({ high, low }: Reduced, quarter: number): number {
  const size = quarter % 2 === 0 ? sine(high, low) : cosine(high, low);
  return (quarter & 2) === 0 ? size : -size;
}

/** sin(x + tail) for |x| ≤ π/4; without a tail x is exact. */
function sine(x: number, tail?: number): number {
  if (Math.abs(x) < 2 ** -27) return x;
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  if (tail === undefined) return x + v * (-0.16666666666666632 + z * r);
  return x - (z * (0.5 * tail - v * r) - tail - v * -0.16666666666666632);
}

/** cos(x + tail) for |x| ≤ π/4. */
function cosine(x: number, tail: number): number {
  if (Math.abs(x) < 2 ** -27) return 1;
  const z = x * x;
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  // 1 − x²/2 in two parts: what the subtraction rounds away joins the small terms.
  const half = 0.5 * z;
  const near = 1 - half;
  return near + (1 - near - half + (z * r - x * tail));
}

const PI = Math.PI;
const PI_LOW = 1.2246467991473532e-16;

/** The angle in radians of the point of height y and width x, in [-π, π]; the signs of zeros count. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  if (x === 1) return arctangent(y);
  const isLeft = x < 0 || Object.is(x, -0);
  const sign = y < 0 || Object.is(y, -0) ? -1 : 1;
  if (y === 0) return isLeft ? sign * PI : y;
  if (x === 0) return sign * (PI / 2);
  if (Math.abs(x) === Number.POSITIVE_INFINITY) {
    if (Math.abs(y) === Number.POSITIVE_INFINITY) return sign * (isLeft ? (3 * PI) / 4 : PI / 4);
    return isLeft ? sign * PI : sign * 0;
  }
  if (Math.abs(y) === Number.POSITIVE_INFINITY) return sign * (PI / 2);
  return sign * between(y, x, isLeft);
}

/** The size of the angle, both parts finite and not 0. */
function between(y: number, x: number, isLeft: boolean): number {
  const apart = ((highWord(y) & 0x7fffffff) - (highWord(x) & 0x7fffffff)) >> 20;
  if (apart > 60) return PI / 2 + 0.5 * PI_LOW;
  const acute = isLeft && apart < -60 ? 0 : arctangent(Math.abs(y / x));
  return isLeft ? PI - (acute - PI_LOW) : acute;
}

/** arctan of the breakpoints 1/2, 1, 3/2 and infinity, each as the sum of two doubles. */
const ANGLES = [
  [0.4636476090008061, 2.2698777452961687e-17],
  [0.7853981633974483, 3.061616997868383e-17],
  [0.982793723247329, 1.3903311031230998e-17],
  [1.5707963267948966, 6.123233995736766e-17],
] as const;

/** The angle whose tangent is x, in [-π/2, π/2]. */
function arctangent(x: number): number {
  const word = highWord(x) & 0x7fffffff;
  const size = Math.abs(x);
  const sign = x < 0 ? -1 : 1;
  if (word >= 0x44100000) return sign * (ANGLES[3][0] + ANGLES[3][1]);
  if (word < 0x3fdc0000) return word < 0x3e200000 ? x : x - x * series(x);
  // Below 7/16, 11/16, 19/16 and 39/16 the nearest breakpoint changes.
  if (word < 0x3fe60000) return sign * around((2 * size - 1) / (2 + size), ANGLES[0]);
  if (word < 0x3ff30000) return sign * around((size - 1) / (size + 1), ANGLES[1]);
  if (word < 0x40038000) return sign * around((size - 1.5) / (1 + 1.5 * size), ANGLES[2]);
  return sign * around(-1 / size, ANGLES[3]);
}

function around(t: number, [high, low]: readonly [number, number]): number {
  return high - (t * series(t) - low - t);
}

/** 1 − arctan(t)/t: odd and even powers summed apart. */
function series(t: number): number {
  const z = t * t;
  const w = z * z;
  const even =
    z *
    (0.3333333333333293 +
      w *
        (0.14285714272503466 +
          w *
            (0.09090887133436507 +
              w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782)))));
  const odd =
    w *
    (-0.19999999999876483 +
      w *
        (-0.11111110405462356 +
          w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916))));
  return even + odd;
}
