import { exp, ln } from "./libm/exponential.ts";
import { pow } from "./libm/power.ts";
import { atan2, cos, sin } from "./libm/trigonometry.ts";

/**
 * The functions whose last bit IEEE 754 leaves open, by one port of fdlibm that every engine shares: nothing here asks
 * the host for more than + − × ÷, the square root and the bits of a double.
 */
export const FLOATS_MATH = { exp, ln, pow, sin, cos, atan2 } as const;
