import { joinAll, NEVER, partsOf, prune, type Ty, tyText, type VarCell } from "./types.ts";

/** What is known of a loop's variable whatever way it came to the head of the loop. */
export interface Facts {
  readonly nonneg: boolean;
  readonly small: boolean;
  readonly shared: boolean;
  readonly sole: boolean;
  readonly maybe: boolean;
  readonly top: ReadonlySet<string>;
  readonly inner: ReadonlySet<string>;
}

/**
 * What one pass over the program tells the next: types of places whose values come from several sides, and facts that
 * hold on all of them. Types only grow and facts are only lost, so that passes end (Cousot and Cousot 1977).
 */
export class Memory {
  readonly #types = new Map<string, Ty>();
  readonly #facts = new Map<string, Facts>();
  readonly #lists = new Map<string, readonly string[]>();
  #cells = new Map<string, VarCell>();
  #grew = false;

  startPass(): void {
    this.#cells = new Map();
    this.#grew = false;
  }

  /** Keeps what variables were found to be; true where the pass has learnt something. */
  endPass(): boolean {
    for (const [site, cell] of this.#cells) {
      if (cell.ref !== undefined) this.learn(site, cell.ref);
    }
    return this.#grew;
  }

  /** The variable of that place: the same for all who ask in one pass. */
  variable(site: string): Ty {
    const known = this.#cells.get(site);
    if (known !== undefined) return { k: "var", cell: known };
    const cell: VarCell = { sites: new Set([site]) };
    this.#cells.set(site, cell);
    const learnt = this.#types.get(site);
    if (learnt !== undefined) cell.ref = this.#thawed(learnt);
    return { k: "var", cell };
  }

  /** What is known of the type of a place; it may hold variables. */
  type(site: string): Ty | undefined {
    const known = this.#types.get(site);
    return known === undefined ? undefined : this.#thawed(known);
  }

  /** Tells the next pass that a place holds values of that type too. */
  learn(site: string, type: Ty): void {
    if (prune(type).k === "never") return;
    const known = this.#types.get(site);
    const wider = known === undefined ? type : joinAll([known, type], (sites, to) => this.widen(sites, to));
    if (wider === undefined || (known !== undefined && tyText(known) === tyText(wider))) return;
    this.#types.set(site, this.#frozen(wider));
    this.#grew = true;
  }

  widen(sites: ReadonlySet<string>, to: Ty): void {
    for (const site of sites) {
      const known = this.#types.get(site);
      if (known !== undefined && tyText(known) === tyText(to)) continue;
      this.#types.set(site, this.#frozen(to));
      this.#grew = true;
    }
  }

  /** The facts of a place, with those given now taken in. */
  facts(site: string, now: Facts): Facts {
    const known = this.#facts.get(site);
    if (known === undefined) {
      this.#facts.set(site, now);
      return now;
    }
    const met: Facts = {
      nonneg: known.nonneg && now.nonneg,
      small: known.small && now.small,
      shared: known.shared || now.shared,
      sole: known.sole && now.sole,
      maybe: known.maybe || now.maybe,
      top: unite(known.top, now.top),
      inner: unite(known.inner, now.inner),
    };
    const isSame =
      met.nonneg === known.nonneg &&
      met.small === known.small &&
      met.shared === known.shared &&
      met.sole === known.sole &&
      met.maybe === known.maybe &&
      met.top.size === known.top.size &&
      met.inner.size === known.inner.size;
    if (!isSame) {
      this.#facts.set(site, met);
      this.#grew = true;
    }
    return met;
  }

  /** A list of names that only grows. */
  names(site: string): readonly string[] {
    return this.#lists.get(site) ?? [];
  }

  addName(site: string, name: string): void {
    const known = this.names(site);
    if (known.includes(name)) return;
    this.#lists.set(site, [...known, name]);
    this.#grew = true;
  }

  /** Variables become the names of their places, which each pass has anew. */
  #frozen(type: Ty): Ty {
    return rebuilt(type, (cell) => ({ k: "var", cell: { sites: new Set(cell.sites) } }));
  }

  #thawed(type: Ty): Ty {
    return rebuilt(type, (cell) => {
      const [site] = cell.sites;
      return site === undefined ? { k: "var", cell: { sites: new Set() } } : this.variable(site);
    });
  }
}

function rebuilt(type: Ty, variable: (cell: VarCell) => Ty): Ty {
  const at = prune(type);
  switch (at.k) {
    case "var":
      return variable(at.cell);
    case "list":
      return { ...at, item: rebuilt(at.item, variable) };
    case "set":
      return { ...at, item: rebuilt(at.item, variable) };
    case "option":
      return { ...at, item: rebuilt(at.item, variable) };
    case "tuple":
      return { ...at, items: at.items.map((item) => rebuilt(item, variable)) };
    case "dict":
      return { ...at, key: rebuilt(at.key, variable), value: rebuilt(at.value, variable) };
    default:
      return at;
  }
}

function unite(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return b.size === 0 ? a : new Set([...a, ...b]);
}

/** True when nothing is known of any part. */
export function isOpen(type: Ty): boolean {
  const at = prune(type);
  return at.k === "var" || at === NEVER || partsOf(at).some(isOpen);
}
