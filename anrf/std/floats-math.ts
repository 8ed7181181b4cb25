/**
 * The functions whose last bit IEEE 754 leaves open. They stand here alone, so that one port of fdlibm can take
 * their place for every engine.
 */
export const FLOATS_MATH = {
  /** e to the power of x. */
  exp: (x: number): number => Math.exp(x),
  /** The natural logarithm. */
  ln: (x: number): number => Math.log(x),
  /** x to the power of y; NaN where y is NaN, and for ±1 to the power of an infinity. */
  pow: (x: number, y: number): number => x ** y,
} as const;
