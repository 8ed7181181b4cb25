import type { Program } from "#anrf/program/program.ts";
import { freshName } from "#anrf/text/words.ts";
import type { Language } from "./code.ts";

/** How the declared things of a program are called in a language: unique among each other, none of them reserved. */
export interface ModuleNames {
  /** By index of the function. */
  readonly functions: readonly string[];
  readonly records: ReadonlyMap<string, { readonly name: string; readonly fields: readonly string[] }>;
  readonly variants: ReadonlyMap<string, { readonly name: string; readonly cases: readonly string[] }>;
  /** All names of the module. */
  readonly taken: ReadonlySet<string>;
}

/** How cases are named: of their own among all names, or inside their variant only. */
export type CaseNaming = "global" | "local";

/** Chooses the names of a module. */
export function moduleNames(
  program: Program,
  { reserved, members }: Language,
  cases: CaseNaming,
): ModuleNames {
  const taken = new Set<string>();
  const claim = (raw: string): string => {
    const name = freshName(plainName(raw), (one) => reserved.has(one) || taken.has(one));
    taken.add(name);
    return name;
  };
  const entry = program.entry.index;
  const order = [entry, ...program.functions.map((fn) => fn.index).filter((index) => index !== entry)];
  const functions: string[] = [];
  for (const index of order) functions[index] = claim(program.functions[index]?.def.name ?? "");
  const records = new Map(
    [...program.nominals.records].map(([raw, fields]) => {
      const own: string[] = [];
      for (const field of fields)
        own.push(freshName(plainName(field.name), (one) => isUnfit(one, members) || own.includes(one)));
      return [raw, { name: claim(raw), fields: own }];
    }),
  );
  const variants = new Map(
    [...program.nominals.variants].map(([raw, declared]) => {
      const name = claim(raw);
      const own: string[] = [];
      for (const one of declared)
        own.push(
          cases === "global"
            ? claim(`${name}${plainName(one.name)}`)
            : freshName(plainName(one.name), (made) => isUnfit(made, members) || own.includes(made)),
        );
      return [raw, { name, cases: own }];
    }),
  );
  return { functions, records, variants, taken };
}

/** Members that mean something to a language wherever they stand. */
function isUnfit(name: string, members: ReadonlySet<string>): boolean {
  return members.has(name) || name.startsWith("__");
}

/**
 * An identifier that both languages read as this very name: XID characters that compatibility normalisation leaves
 * alone (Python normalises its identifiers), at most 64; anything else becomes `value`.
 */
export function plainName(raw: string): string {
  const name = raw.replaceAll("`", "");
  const isPlain = /^[\p{XIDS}_][\p{XIDC}]*$/u.test(name) && !/\p{DI}/u.test(name);
  if (!isPlain || name.length > 64 || name.normalize("NFKC") !== name) return "value";
  if (/^_\d+$/.test(name)) return `value${name.slice(1)}`;
  return name.startsWith("__") ? `value${name}` : name;
}

/** The names of one function of the language, nested in those of another. */
export class Scope {
  readonly #own = new Set<string>();
  readonly #outer: Scope | Set<string>;

  /** A scope inside another, or inside the names of a module. */
  constructor(outer: Scope | Set<string>) {
    this.#outer = outer;
  }

  /** True where the name means something already. */
  has(name: string): boolean {
    return this.#own.has(name) || this.#outer.has(name);
  }

  /** A name like that one that means nothing yet, and now does. */
  claim(raw: string): string {
    const name = freshName(plainName(raw), (one) => this.has(one));
    this.#own.add(name);
    return name;
  }

  /** The same for the whole module: no name that is claimed anywhere later is that one. */
  claimForAll(raw: string): string {
    let name = this.claim(raw);
    while (!this.#announce(name)) name = this.claim(raw);
    return name;
  }

  /** False where the module has the name already. */
  #announce(name: string): boolean {
    if (this.#outer instanceof Scope) return this.#outer.#announce(name);
    if (this.#outer.has(name)) return false;
    this.#outer.add(name);
    return true;
  }
}
