/** Values for one reader, kept in order until it comes. */
export class Inbox<T> {
  readonly #values: T[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Adds a value; nothing happens after the end. */
  push(value: T): void {
    if (this.#end !== undefined) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** No more values come; with an error, the reader gets it after them. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The next value; "end" after the last; "quiet" if none comes within `ms`. Throws the error of the end. */
  async next(ms: number): Promise<{ readonly value: T } | "end" | "quiet"> {
    if (this.#values.length === 0 && this.#end === undefined) await this.#wait(ms);
    const [value] = this.#values.splice(0, 1);
    if (value !== undefined) return { value };
    if (this.#end === undefined) return "quiet";
    if (this.#end.error !== undefined) throw this.#end.error;
    return "end";
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
