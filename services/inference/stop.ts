/** What may be shown of a text that grows. */
export interface Shown {
  /** New text; "" while it may still turn into a stop text. */
  readonly text: string;
  /** Whether a stop text was reached: nothing more is shown. */
  readonly isStopped: boolean;
}

/** Holds back what may become a stop text. */
export class StopGuard {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** Takes the next piece. */
  push(piece: string): Shown {
    const text = this.#held + piece;
    const found = this.#stops
      .map((stop) => text.indexOf(stop))
      .filter((at) => at >= 0)
      .sort((a, b) => a - b)[0];
    if (found !== undefined) {
      this.#held = "";
      return { text: text.slice(0, found), isStopped: true };
    }
    const keep = this.#longestBeginning(text);
    this.#held = text.slice(text.length - keep);
    return { text: text.slice(0, text.length - keep), isStopped: false };
  }

  /** What is held at the end: it was no stop text after all. */
  rest(): string {
    return this.#held;
  }

  /** How many of the last characters are the beginning of a stop text. */
  #longestBeginning(text: string): number {
    let longest = 0;
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
