const cell = new DataView(new ArrayBuffer(8));

/** The upper 32 bits of a double: sign, exponent and the first 20 bits of the fraction. */
export function highWord(x: number): number {
  cell.setFloat64(0, x);
  return cell.getInt32(0);
}

/** The lower 32 bits of a double, unsigned. */
export function lowWord(x: number): number {
  cell.setFloat64(0, x);
  return cell.getUint32(4);
}

/** The double of these two words. */
export function fromWords(high: number, low: number): number {
  cell.setInt32(0, high);
  cell.setInt32(4, low);
  return cell.getFloat64(0);
}

/** The double without the lower half of its fraction: products of two such numbers are exact to 42 bits. */
export function upperPart(x: number): number {
  cell.setFloat64(0, x);
  cell.setInt32(4, 0);
  return cell.getFloat64(0);
}

/** x × 2^k for |k| up to 2,200, rounded once: halves of the exponent are applied one after the other. */
export function scaled(x: number, k: number): number {
  if (k > 1023) return scaled(x * 2 ** 1023, k - 1023);
  // 2^-969 keeps 53 bits above the least normal number, so that a subnormal result is rounded once.
  if (k < -1022) return scaled(x * 2 ** -969, k + 969);
  return x * fromWords((1023 + k) << 20, 0);
}
