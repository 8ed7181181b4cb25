import { type Callable, PythonExpressions, type Scope } from "./python-expressions.ts";
import { type Name, PYTHON_TYPES, type PythonType, type Statement } from "./python-source.ts";
import type { Random } from "./random.ts";

/** What statements may do where they stand. */
interface Place extends Scope {
  readonly result: PythonType;
  readonly inLoop: boolean;
  /** Blocks inside one another that may still follow. */
  readonly levels: number;
}

/** Statements, and the names known after them. */
interface Written {
  readonly statements: readonly Statement[];
  readonly scope: Place;
}

const LOCALS: readonly PythonType[] = [
  "int",
  "int",
  "int",
  "ints",
  "ints",
  "str",
  "str",
  "bool",
  "float",
  "strs",
  "counts",
  "table",
  "numbers",
  "grid",
  "pair",
];

/** Makes bodies of Python functions that end: loops are bounded, and each path returns. */
export class PythonStatements {
  readonly #random: Random;
  readonly #expressions: PythonExpressions;
  /** How often statements are about objects with more than one name; in some programs most of them are. */
  readonly #sharing: number;
  #count = 0;

  /** Draws from that source alone. */
  constructor(random: Random) {
    this.#random = random;
    this.#expressions = new PythonExpressions(random);
    this.#sharing = random.chance(0.25) ? 0.5 : 0.05;
  }

  /** The body of a function with these parameters. */
  body(
    params: readonly Name[],
    callables: readonly Callable[],
    result: PythonType,
    size: number,
  ): readonly Statement[] {
    const start: Place = { names: params, callables, result, inLoop: false, levels: 2 };
    const rows: Name = { name: this.fresh("x"), type: "grid" };
    const hasRows = this.#sharing > 0.1;
    const made: readonly Statement[] = hasRows
      ? [{ text: `${rows.name} = [[1], [${this.#expression("int", start, 1)}, 2]]` }]
      : [];
    const { statements, scope } = this.#block(hasRows ? known(start, rows) : start, size);
    return [...made, ...statements, { text: `return ${this.#answer(scope)}` }];
  }

  /** A name that no other has. */
  fresh(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  #expression(type: PythonType, scope: Scope, depth = 2): string {
    return this.#expressions.make(type, scope, this.#random.chance(0.7) ? depth : 1);
  }

  /** What is returned: most often a local, so that what the statements did is seen. */
  #answer(scope: Place): string {
    const known = scope.names.filter((one) => one.type === scope.result);
    const last = known.at(-1);
    return last !== undefined && this.#random.chance(0.6) ? last.name : this.#expression(scope.result, scope);
  }

  #block(place: Place, size: number): Written {
    const statements: Statement[] = [];
    let scope = place;
    for (let count = 0; count < size; count++) {
      const made = this.#statement(scope);
      statements.push(...made.statements);
      scope = made.scope;
    }
    return { statements, scope };
  }

  #statement(place: Place): Written {
    const random = this.#random;
    const roll = random.next();
    if (place.levels > 0 && roll < 0.2) return this.#loop(place);
    if (place.levels > 0 && roll < 0.36) return { statements: this.#branches(place), scope: place };
    if (roll < 0.44) return this.#exit(place);
    if (random.chance(this.#sharing)) return this.#share(place) ?? this.#declare(place);
    if (roll < 0.6) return this.#declare(place);
    const change = this.#change(place);
    return change === undefined ? this.#declare(place) : { statements: change, scope: place };
  }

  #declare(place: Place): Written {
    const random = this.#random;
    if (random.chance(0.15)) return this.#unpack(place);
    if (random.chance(0.06)) return this.#lambda(place);
    const type = random.chance(0.25) ? place.result : random.pick(LOCALS);
    const name = this.fresh("x");
    const hint = random.chance(0.25) || type === "maybe" ? `: ${PYTHON_TYPES[type]}` : "";
    return {
      statements: [{ text: `${name}${hint} = ${this.#expression(type, place)}` }],
      scope: known(place, { name, type }),
    };
  }

  /** A second name or place for what a name holds, and most often a change through one of the two. */
  #share(place: Place): Written | undefined {
    const random = this.#random;
    const free = place.names.filter((one) => !one.isFixed && isObject(one.type));
    if (free.length === 0) return undefined;
    const one = random.pick(free);
    const name = this.fresh("x");
    const rows = free.filter((other) => other.type === "ints");
    const row = rows.length === 0 ? "[7]" : random.pick(rows).name;
    const isGrid = one.type === "grid";
    const made: readonly (readonly [text: string, declared?: PythonType])[] = [
      [`${name} = ${one.name}`, one.type],
      [
        `${name} = ${one.name} if ${this.#expression("bool", place, 1)} else ${random.pick(free.filter((two) => two.type === one.type)).name}`,
        one.type,
      ],
      ...(isGrid
        ? ([
            [`${name} = ${one.name}[${random.pick(["0", "-1"])}]`, "ints"],
            [`${one.name}[0] = ${row}`],
            [`${one.name}[-1] = ${one.name}[0]`],
            [`${one.name}.append(${row})`],
            [
              `${name} = ${random.pick([`${one.name}[:]`, `list(${one.name})`, `[q for q in ${one.name}]`, `sorted(${one.name})`, `[q for q in ${one.name} if q]`, `list(map(lambda q: q, ${one.name}))`, `${one.name} + ${one.name}`])}`,
              "grid",
            ],
            [`${name} = ${random.pick(["max", "min"])}(${one.name})`, "ints"],
          ] as const)
        : []),
      ...(one.type === "ints" ? ([[`${name} = [${one.name}, ${row}]`, "grid"]] as const) : []),
    ];
    const [text, declared] = random.pick(made);
    const scope = declared === undefined ? place : known(place, { name, type: declared });
    const touched = declared !== undefined && random.chance(0.5) ? { name, type: declared } : one;
    const change = random.chance(0.7)
      ? this.#update(touched, scope, (type) => this.#expression(type, scope))
      : [];
    return { statements: [{ text }, ...change], scope };
  }

  #unpack(place: Place): Written {
    const [a, b] = [this.fresh("x"), this.fresh("x")];
    const pair = place.names.find((one) => one.type === "pair");
    if (pair !== undefined && this.#random.chance(0.5)) {
      const scope = known(known(place, { name: a, type: "int" }), { name: b, type: "str" });
      return { statements: [{ text: `${a}, ${b} = ${pair.name}` }], scope };
    }
    const types = [this.#random.pick(LOCALS), this.#random.pick(LOCALS)] as const;
    const [left, right] = [this.#expression(types[0], place), this.#expression(types[1], place)];
    const scope = known(known(place, { name: a, type: types[0] }), { name: b, type: types[1] });
    return { statements: [{ text: `${a}, ${b} = ${left}, ${right}` }], scope };
  }

  #lambda(place: Place): Written {
    const name = this.fresh("f");
    const inner = known(place, { name: "p", type: "int", isFixed: true });
    const text = `${name} = lambda p: ${this.#expression("int", { ...inner, callables: [] }, 1)}`;
    const callable: Callable = { name, params: ["int"], result: "int" };
    // A closure sees later writes to what it reads; those names stay as they are from here on.
    const fixed = place.names.map((one) => (mentions(text, one.name) ? { ...one, isFixed: true } : one));
    return {
      statements: [{ text }],
      scope: { ...place, names: fixed, callables: [...place.callables, callable] },
    };
  }

  #exit(place: Place): Written {
    const random = this.#random;
    const roll = random.next();
    const leave =
      place.inLoop && roll < 0.6 ? random.pick(["break", "continue"]) : `return ${this.#answer(place)}`;
    const text = random.chance(0.12) ? `raise ValueError(${random.pick(['"no"', 'f"bad {1}"'])})` : leave;
    return {
      statements: [{ text: `if ${this.#expression("bool", place)}:`, body: [{ text }] }],
      scope: place,
    };
  }

  #branches(place: Place): readonly Statement[] {
    const random = this.#random;
    const body = (): readonly Statement[] =>
      this.#block({ ...place, levels: place.levels - 1 }, 1 + random.below(2)).statements;
    const made: Statement[] = [{ text: `if ${this.#expression("bool", place)}:`, body: body() }];
    if (random.chance(0.3)) made.push({ text: `elif ${this.#expression("bool", place)}:`, body: body() });
    if (random.chance(0.5)) made.push({ text: "else:", body: random.chance(0.1) ? [] : body() });
    return made;
  }

  #loop(place: Place): Written {
    const random = this.#random;
    if (random.chance(0.25)) return this.#while(place);
    const before = random.chance(0.6) ? this.#declare(place) : { statements: [], scope: place };
    const { head, names, lasting } = this.#walk(before.scope);
    // What is walked may not be changed on the way: Python allows it, and the importer refuses it.
    const inner: Place = {
      ...before.scope,
      names: [
        ...before.scope.names.map((one) => (mentions(head, one.name) ? { ...one, isFixed: true } : one)),
        ...names,
      ],
      inLoop: true,
      levels: place.levels - 1,
    };
    const loop: Statement = { text: head, body: this.#block(inner, 1 + random.below(2)).statements };
    const after = random.chance(0.08)
      ? [{ text: "else:", body: this.#block({ ...before.scope, levels: 0 }, 1).statements }]
      : [];
    return { statements: [...before.statements, loop, ...after], scope: lasting ?? before.scope };
  }

  #walk(place: Place): { head: string; names: readonly Name[]; lasting?: Place } {
    const random = this.#random;
    const [a, b] = [this.fresh("i"), this.fresh("i")];
    const one = (name: string, type: PythonType): Name => ({ name, type, isFixed: true });
    const of = (type: PythonType): string => this.#expression(type, place, 1);
    const mine = (type: PythonType): string | undefined =>
      place.names.find((name) => name.type === type)?.name;
    switch (random.below(10)) {
      case 0:
        return { head: `for ${a}, ${b} in enumerate(${of("ints")}):`, names: [one(a, "int"), one(b, "int")] };
      case 1:
        return {
          head: `for ${a}, ${b} in zip(${of("ints")}, ${of("strs")}):`,
          names: [one(a, "int"), one(b, "str")],
        };
      case 2:
        return { head: `for ${a} in ${of("str")}:`, names: [one(a, "str")] };
      case 3: {
        const counts = mine("counts") ?? of("counts");
        const head = random.chance(0.5) ? `sorted(${counts}.items())` : `${counts}.items()`;
        return { head: `for ${a}, ${b} in ${head}:`, names: [one(a, "str"), one(b, "int")] };
      }
      case 4:
        return { head: `for ${a} in ${of("strs")}:`, names: [one(a, "str")] };
      case 5: {
        const ints = mine("ints");
        const head = ints === undefined ? `range(${random.below(5)})` : `range(len(${ints}))`;
        return { head: `for ${a} in ${head}:`, names: [one(a, "int")] };
      }
      case 6:
        return {
          head: `for ${a} in range(${random.below(6)}, ${-random.below(3)}, -1):`,
          names: [one(a, "int")],
        };
      case 7: {
        const grid = mine("grid");
        // A row may be changed while the grid is walked.
        if (grid !== undefined) return { head: `for ${a} in ${grid}:`, names: [{ name: a, type: "ints" }] };
        return { head: `for ${a} in ${of("ints")}:`, names: [one(a, "int")] };
      }
      case 8:
        return { head: `for ${a} in range(${random.below(3)}, ${random.below(8)}):`, names: [one(a, "int")] };
      default:
        return { head: `for ${a} in ${of("ints")}:`, names: [one(a, "int")] };
    }
  }

  #while(place: Place): Written {
    const random = this.#random;
    const name = this.fresh("k");
    const counter: Name = { name, type: "int", isFixed: true };
    const bound = String(1 + random.below(6));
    const condition = random.chance(0.5)
      ? `${name} < ${bound}`
      : `${name} < ${bound} and ${this.#expression("bool", place, 1)}`;
    const inner: Place = { ...known(place, counter), inLoop: true, levels: place.levels - 1 };
    const body = this.#block(inner, 1 + random.below(3)).statements;
    const isOpen = random.chance(0.2);
    const loop: Statement = isOpen
      ? {
          text: "while True:",
          body: [
            { text: `if not (${condition}):`, body: [{ text: "break" }] },
            { text: `${name} += 1` },
            ...body,
          ],
        }
      : { text: `while ${condition}:`, body: [{ text: `${name} += 1` }, ...body] };
    return { statements: [{ text: `${name} = 0` }, loop], scope: known(place, counter) };
  }

  /** A write to a name or into what it holds; undefined where there is nothing to change. */
  #change(place: Place): readonly Statement[] | undefined {
    const free = place.names.filter((one) => !one.isFixed);
    if (free.length === 0) return undefined;
    const one = this.#random.pick(free);
    const write = (type: PythonType): string => this.#expression(type, place);
    const other = free.find((two) => two.type === one.type && two.name !== one.name);
    if (other !== undefined && this.#random.chance(0.08)) {
      return [{ text: `${one.name}, ${other.name} = ${other.name}, ${one.name}` }];
    }
    // Two names for one list: whoever writes afterwards has to be refused.
    if (other !== undefined && this.#random.chance(0.03)) return [{ text: `${one.name} = ${other.name}` }];
    if (this.#random.chance(0.2)) {
      const value = write(one.type);
      return value === one.name ? undefined : [{ text: `${one.name} = ${value}` }];
    }
    return this.#update(one, place, write);
  }

  #update({ name, type }: Name, place: Place, write: (type: PythonType) => string): readonly Statement[] {
    const random = this.#random;
    const plain = (text: string): readonly Statement[] => [{ text }];
    const guarded = (condition: string, text: string): readonly Statement[] => [
      { text: `if ${condition}:`, body: plain(text) },
    ];
    const pick = (...made: readonly (() => readonly Statement[])[]): readonly Statement[] =>
      random.pick(made)();
    switch (type) {
      case "int":
        return plain(`${name} ${random.pick(["+=", "-=", "+=", "*=", "^=", "|="])} ${write("int")}`);
      case "float":
        return plain(`${name} ${random.pick(["+=", "-=", "*="])} ${write(random.pick(["float", "int"]))}`);
      case "str":
        return plain(`${name} += ${write("str")}`);
      case "ints":
        return pick(
          () => plain(`${name}.append(${write("int")})`),
          () => plain(`${name}.append(${write("int")})`),
          () =>
            guarded(
              name,
              `${name}[${write("int")} % len(${name})] ${random.pick(["=", "+=", "-="])} ${write("int")}`,
            ),
          () => guarded(`len(${name}) > 1`, `${name}[0], ${name}[-1] = ${name}[-1], ${name}[0]`),
          () => plain(`${name}[${random.pick(["0", "-1", write("int")])}] = ${write("int")}`),
          () => plain(`${name}.extend(${write("ints")})`),
          () => plain(`${name} += ${write("ints")}`),
          () => plain(`${name}.insert(${random.pick(["0", "-1", "1", "100"])}, ${write("int")})`),
          () => guarded(name, `${name}.pop(${random.pick(["", "0", "-1"])})`),
          () => guarded(name, `${this.fresh("x")} = ${name}.pop()`),
          () =>
            plain(
              `${name}.${random.pick(["sort()", "reverse()", "sort(reverse=True)", "clear()", "sort(key=abs)"])}`,
            ),
          () => guarded(`2 in ${name}`, `${name}.remove(2)`),
          () => guarded(`len(${name}) > 2`, `del ${name}[1]`),
          () => plain(`heapq.heapify(${name})`),
        );
      case "strs":
        return plain(`${name}.append(${write("str")})`);
      case "grid":
        return pick(
          () => plain(`${name}[0][${random.pick(["0", "-1"])}] = ${write("int")}`),
          () => plain(`${name}.append(${write("ints")})`),
          () => guarded(`${name} and ${name}[-1]`, `${name}[-1][0] += ${write("int")}`),
        );
      case "counts":
        return pick(
          () => plain(`${name}[${write("str")}] = ${write("int")}`),
          () => {
            const key = place.names.find((one) => one.type === "str")?.name ?? '"k"';
            return plain(`${name}[${key}] = ${name}.get(${key}, 0) + ${write("int")}`);
          },
          () => plain(`${name}.pop(${write("str")}, None)`),
        );
      case "table":
        return pick(
          () => plain(`${name}[${write("int")}] = ${write("int")}`),
          () => plain(`${name}.setdefault(${write("int")}, ${write("int")})`),
          () => plain(`${name}.update(${write("table")})`),
        );
      case "numbers":
        return plain(`${name}.${random.pick(["add", "discard", "add"])}(${write("int")})`);
      case "bool":
      case "pair":
      case "maybe":
        return plain(`${name} = ${write(type)}`);
      default:
        throw new Error(`unreachable: ${type satisfies never}`);
    }
  }
}

function known(place: Place, one: Name): Place {
  return { ...place, names: [...place.names, one] };
}

/** Types whose values can be changed in place. */
function isObject(type: PythonType): boolean {
  return ["ints", "strs", "grid", "counts", "table", "numbers"].includes(type);
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text);
}
