/**
 * What a caller gives a job while it runs, in order. It keeps all of it: a job that starts over after a loss is fed from
 * the start.
 */
export class Feed {
  readonly #given: Uint8Array[] = [];
  #listener: ((next: Uint8Array) => void) | undefined;

  /** Gives the job one more thing; the bytes are copied on their way. */
  push(next: Uint8Array): void {
    this.#given.push(next);
    this.#listener?.(next);
  }

  /** Hands over all that was given, and from now on what is given; a later call takes the place of the one before. */
  pour(into: (next: Uint8Array) => void): void {
    for (const next of this.#given) into(next);
    this.#listener = into;
  }
}
