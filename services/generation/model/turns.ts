/** Tokens of a model in one turn. */
export const TOKENS_A_TURN = 8;
/**
 * Turns that the search has before the model's first one: a model has to be loaded and read the question, and what a
 * search finds at once is to be shown at once.
 */
export const SEARCH_LEAD = 4;

/** The turn of a model's token, by how many came before it. */
export function turnOfToken(before: number): number {
  return SEARCH_LEAD + Math.floor(before / TOKENS_A_TURN);
}

/**
 * The place of the first token after a sample that ends before the token at `place`: its end belongs to the turn of that
 * token, which has not been passed yet, and ends it.
 */
export function nextTurn(place: number): number {
  return (Math.floor(place / TOKENS_A_TURN) + 1) * TOKENS_A_TURN;
}

/**
 * Keeps what the model says until the search has ended the turns before it. The search begins a turn only when the model
 * has passed it, so the log has, turn by turn, first the model's tokens and then what came of them and of the search:
 * an order that depends on the work alone, not on who was faster.
 */
export class TurnGate<T> {
  readonly #show: (event: T) => void;
  readonly #held: { readonly turn: number; readonly event: T }[] = [];
  /** The search has ended the turns before this one. */
  #open = 0;

  constructor(show: (event: T) => void) {
    this.#show = show;
  }

  /** The model says something in a turn. */
  pass(turn: number, event: T): void {
    if (turn <= this.#open) this.#show(event);
    else this.#held.push({ turn, event });
  }

  /** The search has ended a turn; a search that starts over ends it again. */
  ended(turn: number): void {
    this.#open = Math.max(this.#open, turn + 1);
    while (this.#held[0] !== undefined && this.#held[0].turn <= this.#open) {
      const next = this.#held.shift();
      if (next !== undefined) this.#show(next.event);
    }
  }
}
