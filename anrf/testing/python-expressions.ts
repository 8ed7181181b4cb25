import type { Name, PythonType } from "./python-source.ts";
import type { Random } from "./random.ts";

/** A function of the program that expressions may call. */
export interface Callable {
  readonly name: string;
  readonly params: readonly PythonType[];
  readonly result: PythonType;
}

/** What an expression may use. */
export interface Scope {
  readonly names: readonly Name[];
  readonly callables: readonly Callable[];
}

/** Makes Python expressions of a wanted type. Each is in brackets where it needs them. */
export class PythonExpressions {
  readonly #random: Random;
  #inner = 0;

  /** Draws from that source alone. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** An expression of the type; `depth` levels of operators at most. */
  make(type: PythonType, scope: Scope, depth: number): string {
    const known = scope.names.filter((one) => one.type === type);
    if (known.length > 0 && this.#random.chance(depth <= 0 ? 0.85 : 0.3) && (depth <= 0 || !isMutable(type)))
      return this.#random.pick(known).name;
    if (depth <= 0) return this.leaf(type);
    const callable = scope.callables.filter((one) => one.result === type);
    if (callable.length > 0 && this.#random.chance(0.15)) {
      const one = this.#random.pick(callable);
      return `${one.name}(${one.params.map((param) => this.make(param, scope, depth - 1)).join(", ")})`;
    }
    const forms = FORMS[type];
    const maker = new Maker(this, this.#random, scope, depth, () => this.#freshName());
    for (let attempt = 0; attempt < 6; attempt++) {
      const made = this.#random.pick(forms)(maker);
      if (made !== undefined) return made;
    }
    return this.leaf(type);
  }

  /** A literal of the type. */
  leaf(type: PythonType): string {
    const random = this.#random;
    const int = (): string => String(random.chance(0.1) ? random.below(300) - 100 : random.below(9) - 2);
    const word = (): string => random.pick(['""', '"a"', '"ab"', '"b c"', '"Xyz"', '"12"', '"é"', '"-"']);
    switch (type) {
      case "int":
        return int();
      case "bool":
        return random.pick(["True", "False"]);
      case "str":
        return word();
      case "float":
        return random.pick(["0.0", "0.5", "-1.25", "2.0", "3.75", "10.0"]);
      case "ints":
        return random.chance(0.1) ? "[]" : `[${[int(), ...random.some(4, int)].join(", ")}]`;
      case "strs":
        return random.chance(0.1) ? "[]" : `[${[word(), ...random.some(4, word)].join(", ")}]`;
      case "grid":
        return `[[${int()}, ${int()}], [${int()}]]`;
      case "pair":
        return `(${int()}, ${word()})`;
      case "counts":
        return `{"a": ${int()}, "b": ${int()}}`;
      case "table":
        return `{1: ${int()}, 2: ${int()}}`;
      case "numbers":
        return `{${int()}, ${int()}}`;
      case "maybe":
        return random.chance(0.3) ? "None" : int();
      default:
        throw new Error(`unreachable: ${type satisfies never}`);
    }
  }

  #freshName(): string {
    return `v${this.#inner++}`;
  }
}

function isMutable(type: PythonType): boolean {
  return ["ints", "strs", "grid", "counts", "table", "numbers"].includes(type);
}

/** What the forms below write with. */
class Maker {
  readonly scope: Scope;
  readonly depth: number;
  readonly random: Random;
  readonly fresh: () => string;
  readonly #expressions: PythonExpressions;

  constructor(
    expressions: PythonExpressions,
    random: Random,
    scope: Scope,
    depth: number,
    fresh: () => string,
  ) {
    this.#expressions = expressions;
    this.random = random;
    this.scope = scope;
    this.depth = depth;
    this.fresh = fresh;
  }

  /** An operand. */
  of(type: PythonType): string {
    return this.#expressions.make(type, this.scope, this.depth - 1);
  }

  /** A name of the type, where there is one. */
  name(type: PythonType): string | undefined {
    const known = this.scope.names.filter((one) => one.type === type);
    return known.length === 0 ? undefined : this.random.pick(known).name;
  }

  /** Text with one more name in scope. */
  binding(type: PythonType, make: (name: string, inner: Maker) => string): string {
    const name = this.fresh();
    const scope = { ...this.scope, names: [...this.scope.names, { name, type, isFixed: true }] };
    return make(name, new Maker(this.#expressions, this.random, scope, this.depth, this.fresh));
  }

  literal(from: number, count: number): string {
    return String(from + this.random.below(count));
  }

  oneOf<T>(...items: readonly T[]): T {
    return this.random.pick(items);
  }
}

type Form = (m: Maker) => string | undefined;

/** `x` in brackets where a unary minus or a postfix would bind otherwise. */
const wrap = (text: string): string => (/^[\w.]+$/.test(text) ? text : `(${text})`);

const withName =
  (type: PythonType, make: (name: string, m: Maker) => string): Form =>
  (m) => {
    const name = m.name(type);
    return name === undefined ? undefined : make(name, m);
  };

const conditional =
  (type: PythonType): Form =>
  (m) =>
    `(${m.of(type)} if ${m.of("bool")} else ${m.of(type)})`;

/** A filter of a comprehension, often none. */
const filter = (inner: Maker): string => (inner.random.chance(0.4) ? ` if ${inner.of("bool")}` : "");

const INT: readonly Form[] = [
  (m) => `(${m.of("int")} ${m.oneOf("+", "-", "+", "-", "*")} ${m.of("int")})`,
  (m) => `(${m.of("int")} ${m.oneOf("//", "%")} ${m.literal(2, 7)})`,
  (m) => `(${m.of("int")} ${m.oneOf("//", "%")} ${m.literal(-7, 6)})`,
  (m) => `(${m.of("int")} ${m.oneOf("//", "%")} ${m.of("int")})`,
  (m) => `(${m.of("int")} ${m.oneOf("&", "|", "^")} ${m.of("int")})`,
  (m) => `(${m.of("int")} ${m.oneOf("<<", ">>")} ${m.literal(0, 5)})`,
  (m) => `(${wrap(m.of("int"))} ** ${m.oneOf("2", "3")})`,
  (m) => `(-${wrap(m.of("int"))})`,
  (m) => `abs(${m.of("int")})`,
  (m) => `len(${m.of(m.oneOf("ints", "strs", "str", "counts", "numbers"))})`,
  (m) => `sum(${m.of("ints")})`,
  (m) => `${m.oneOf("min", "max")}(${m.of("int")}, ${m.of("int")})`,
  (m) => `${m.oneOf("min", "max")}(${m.of("ints")}, default=${m.literal(-1, 3)})`,
  (m) => `${m.oneOf("min", "max")}(${m.of("ints")})`,
  withName("ints", (name, m) => `(${name}[${m.of("int")} % len(${name})] if ${name} else ${m.of("int")})`),
  withName("ints", (name, m) => `${name}[${m.oneOf("0", "-1", "1", "-2", m.of("int"))}]`),
  withName("table", (name, m) => `${name}.get(${m.of("int")}, ${m.of("int")})`),
  withName("counts", (name, m) => `${name}.get(${m.of("str")}, 0)`),
  withName("counts", (name, m) => `${name}[${m.of("str")}]`),
  withName("pair", (name) => `${name}[0]`),
  withName("maybe", (name, m) => `(${m.of("int")} if ${name} is None else ${name})`),
  withName("strs", (name, m) => `${name}.count(${m.of("str")})`),
  withName("ints", (name, m) => `${name}.index(${m.of("int")})`),
  (m) => `${wrap(m.of("str"))}.${m.oneOf("find", "count", "rfind")}(${m.of("str")})`,
  (m) =>
    `sum(${m.binding("int", (v, inner) => `${inner.of("int")} for ${v} in ${m.of("ints")}${filter(inner)}`)})`,
  (m) => m.binding("str", (v, inner) => `sum(1 for ${v} in ${m.of("str")} if ${inner.of("bool")})`),
  (m) => `sum(${m.of("bool")} for _ in range(${m.literal(0, 5)}))`,
  (m) => `divmod(${m.of("int")}, ${m.literal(2, 6)})[${m.oneOf("0", "1")}]`,
  (m) => `pow(${m.of("int")}, ${m.literal(0, 5)}, ${m.literal(2, 9)})`,
  (m) => `${m.oneOf("int", "round", "math.floor", "math.ceil")}(${m.of("float")})`,
  (m) => `int(${m.of("bool")})`,
  (m) => `math.gcd(${m.of("int")}, ${m.of("int")})`,
  (m) => `bin(abs(${m.of("int")})).count("1")`,
  (m) => `reduce(lambda p, q: p ${m.oneOf("+", "^", "|")} q, ${m.of("ints")}, ${m.of("int")})`,
  (m) => `heapq.nsmallest(1, ${m.of("ints")} + [${m.of("int")}])[0]`,
  (m) => `bisect_left(sorted(${m.of("ints")}), ${m.of("int")})`,
  (m) => `len(set(${m.of("ints")}) ${m.oneOf("&", "|", "-", "^")} set(${m.of("ints")}))`,
  (m) => `Counter(${m.of("ints")})[${m.of("int")}]`,
  (m) => `(ord(${m.oneOf('"a"', '"Z"', '"0"')}) + ${m.of("int")})`,
  conditional("int"),
];

const BOOL: readonly Form[] = [
  (m) => `${m.of("int")} ${m.oneOf("<", "<=", ">", ">=", "==", "!=")} ${m.of("int")}`,
  (m) => `${m.of("int")} % ${m.literal(2, 4)} == ${m.literal(0, 2)}`,
  (m) => `${m.literal(-3, 5)} ${m.oneOf("<", "<=")} ${m.of("int")} ${m.oneOf("<", "<=")} ${m.of("int")}`,
  (m) => `(${m.of("bool")} ${m.oneOf("and", "or")} ${m.of("bool")})`,
  (m) => `(not ${m.of("bool")})`,
  (m) => `(${m.of("int")} ${m.oneOf("in", "not in")} ${m.of("ints")})`,
  (m) => `(${m.of("str")} in ${m.of(m.oneOf("str", "strs"))})`,
  withName("counts", (name, m) => `(${m.of("str")} in ${name})`),
  withName("numbers", (name, m) => `(${m.of("int")} in ${name})`),
  withName("maybe", (name, m) => `(${name} is ${m.oneOf("None", "not None")})`),
  (m) => `${m.of("str")} ${m.oneOf("==", "<", "!=")} ${m.of("str")}`,
  (m) => `${m.of("ints")} ${m.oneOf("==", "!=", "<")} ${m.of("ints")}`,
  (m) => `${wrap(m.of("str"))}.${m.oneOf("isdigit", "isalpha", "isupper", "isspace", "isalnum")}()`,
  (m) => `${wrap(m.of("str"))}.${m.oneOf("startswith", "endswith")}(${m.of("str")})`,
  (m) => `bool(${m.of(m.oneOf("int", "str", "ints", "counts", "float"))})`,
  (m) =>
    m.binding(
      "int",
      (v, inner) => `${m.oneOf("any", "all")}(${inner.of("bool")} for ${v} in ${m.of("ints")})`,
    ),
  (m) => `${m.of("float")} ${m.oneOf("<", ">=")} ${m.of("float")}`,
  (m) => `set(${m.of("ints")}) ${m.oneOf("<=", "==")} set(${m.of("ints")})`,
  (m) => `(re.search(r"[0-9]", ${m.of("str")}) is not None)`,
];

const STR: readonly Form[] = [
  (m) => `(${m.of("str")} + ${m.of("str")})`,
  (m) =>
    `${wrap(m.of("str"))}[${m.oneOf(":", "1:", ":-1", "::-1", "::2", "-2:", `${m.literal(-3, 6)}:${m.literal(-3, 6)}`)}]`,
  withName("str", (name, m) => `(${name}[${m.of("int")} % len(${name})] if ${name} else "")`),
  (m) => `${wrap(m.of("str"))}.${m.oneOf("upper", "lower", "strip", "swapcase", "title", "capitalize")}()`,
  (m) => `${wrap(m.of("str"))}.replace(${m.of("str")}, ${m.of("str")})`,
  (m) => `${m.oneOf('""', '","', '"-"')}.join(${m.of("strs")})`,
  (m) =>
    m.binding("str", (v, inner) => `"".join(${inner.of("str")} for ${v} in ${m.of("str")}${filter(inner)})`),
  (m) => `str(${m.of(m.oneOf("int", "bool", "float", "ints"))})`,
  (m) => `f"{${m.name("int") ?? "1"}}${m.oneOf("", "-", " of ")}{${m.name("str") ?? "2"}}"`,
  (m) => `f"{${m.name("int") ?? "7"}:${m.oneOf("3d", "03d", "<4", ">5", "^5", "+d", ",", "x", "b")}}"`,
  (m) => `f"{${m.name("float") ?? "0.5"}:${m.oneOf(".1f", ".2f", ".0f")}}"`,
  (m) => `"${m.oneOf("{}-{}", "{0}/{1}", "{1}{0}")}".format(${m.of("int")}, ${m.of("str")})`,
  (m) => `"%s:%d" % (${m.of("str")}, ${m.of("int")})`,
  (m) => `(${m.of("str")} * ${m.literal(0, 4)})`,
  (m) => `chr(97 + ${m.of("int")} % 26)`,
  (m) => `"".join(sorted(${m.of("str")}))`,
  (m) => `${wrap(m.of("str"))}.${m.oneOf("rjust", "ljust", "center", "zfill")}(${m.literal(0, 7)})`,
  (m) => `re.sub(r"[a-c]+", "_", ${m.of("str")})`,
  (m) => `max(${m.of("strs")}, key=len, default="")`,
  withName("pair", (name) => `${name}[1]`),
  conditional("str"),
];

const FLOAT: readonly Form[] = [
  (m) => `(${m.of("float")} ${m.oneOf("+", "-", "*")} ${m.of("float")})`,
  (m) => `(${m.of("float")} ${m.oneOf("+", "-", "*")} ${m.of("int")})`,
  (m) => `(${m.of("int")} / ${m.literal(1, 8)})`,
  (m) => `(${m.of("float")} / ${m.of("float")})`,
  (m) => `(${m.of("float")} ${m.oneOf("//", "%")} ${m.oneOf("2", "0.5", "-3.0")})`,
  (m) => `float(${m.of("int")})`,
  (m) => `round(${m.of("float")}, ${m.literal(0, 4)})`,
  (m) => `abs(${m.of("float")})`,
  (m) => `math.sqrt(abs(${m.of("float")}))`,
  (m) => `${m.oneOf("min", "max")}(${m.of("float")}, ${m.of("float")})`,
  withName("ints", (name) => `(sum(${name}) / len(${name}) if ${name} else 0.0)`),
  (m) => m.binding("int", (v, inner) => `sum(${inner.of("float")} for ${v} in ${m.of("ints")})`),
  conditional("float"),
];

const INTS: readonly Form[] = [
  (m) => `[${m.random.some(4, () => m.of("int")).join(", ")}]`,
  (m) => `(${m.of("ints")} + ${m.of("ints")})`,
  (m) => `([${m.of("int")}] * ${m.literal(0, 5)})`,
  (m) => `list(range(${m.literal(0, 3)}, ${m.literal(0, 9)}))`,
  (m) => `list(range(${m.literal(5, 5)}, ${m.literal(-3, 5)}, -${m.literal(1, 3)}))`,
  (m) => m.binding("int", (v, inner) => `[${inner.of("int")} for ${v} in ${m.of("ints")}${filter(inner)}]`),
  (m) => m.binding("int", (v, inner) => `[${inner.of("int")} for ${v} in range(${m.literal(0, 6)})]`),
  (m) => m.binding("str", (v, inner) => `[${inner.of("int")} for ${v} in ${m.of(m.oneOf("str", "strs"))}]`),
  (m) =>
    m.binding("int", (i, outer) =>
      outer.binding("int", (v, inner) => `[${inner.of("int")} for ${i}, ${v} in enumerate(${m.of("ints")})]`),
    ),
  (m) =>
    m.binding("int", (a, outer) =>
      outer.binding(
        "int",
        (b, inner) => `[${inner.of("int")} for ${a}, ${b} in zip(${m.of("ints")}, ${m.of("ints")})]`,
      ),
    ),
  (m) =>
    `sorted(${m.of("ints")}${m.oneOf("", ", reverse=True", ", key=abs", ", key=lambda p: -p", ", key=lambda p: (p % 3, p)")})`,
  (m) => `list(reversed(${m.of("ints")}))`,
  (m) => `sorted(${m.of("numbers")})`,
  withName(
    "ints",
    (name, m) =>
      `${name}[${m.oneOf(":", "1:", ":-1", "::-1", "::2", "-2:", ":3", "1:-1", `${m.of("int")}:`)}]`,
  ),
  withName("ints", (name, m) => m.oneOf(`list(${name})`, `${name}.copy()`, `${name}[:]`)),
  (m) => m.binding("int", (v, inner) => `list(map(lambda ${v}: ${inner.of("int")}, ${m.of("ints")}))`),
  (m) => m.binding("int", (v, inner) => `list(filter(lambda ${v}: ${inner.of("bool")}, ${m.of("ints")}))`),
  (m) => `list(map(len, ${m.of("strs")}))`,
  (m) => `list(accumulate(${m.of("ints")}))`,
  withName("counts", (name) => `list(${name}.values())`),
  withName("table", (name) => `sorted(${name}.keys())`),
  withName("grid", (name, m) => m.binding("ints", (v, inner) => `[${inner.of("int")} for ${v} in ${name}]`)),
  withName("grid", (name) => `[q for p in ${name} for q in p]`),
  conditional("ints"),
];

const STRS: readonly Form[] = [
  (m) => `${wrap(m.of("str"))}.split(${m.oneOf("", '" "', '","')})`,
  (m) => `list(${m.of("str")})`,
  (m) =>
    m.binding(
      "str",
      (v, inner) => `[${inner.of("str")} for ${v} in ${m.of(m.oneOf("strs", "str"))}${filter(inner)}]`,
    ),
  (m) => m.binding("int", (v, inner) => `[${inner.of("str")} for ${v} in ${m.of("ints")}]`),
  (m) =>
    `sorted(${m.of("strs")}${m.oneOf("", ", key=len", ", key=lambda p: (len(p), p)", ", reverse=True")})`,
  (m) => `list(map(str, ${m.of("ints")}))`,
  (m) => `(${m.of("strs")} + [${m.of("str")}])`,
  (m) => `re.findall(r"[a-z]+", ${m.of("str")})`,
  withName("counts", (name, m) => m.oneOf(`sorted(${name})`, `list(${name}.keys())`)),
  withName("strs", (name, m) => `${name}[${m.oneOf("1:", "::-1", ":2")}]`),
];

const OTHERS = {
  grid: [
    (m) => `[${m.of("ints")}, ${m.of("ints")}]`,
    (m) =>
      m.binding(
        "int",
        (v, inner) => `[[${inner.of("int")}] * ${m.literal(1, 3)} for ${v} in range(${m.literal(1, 4)})]`,
      ),
    (m) => `[[0 for _ in range(${m.literal(1, 3)})] for _ in range(${m.literal(1, 3)})]`,
  ],
  pair: [(m) => `(${m.of("int")}, ${m.of("str")})`],
  counts: [
    (m) =>
      m.binding(
        "str",
        (v, inner) => `{${v}: ${inner.of("int")} for ${v} in ${m.of(m.oneOf("str", "strs"))}}`,
      ),
    (m) => `dict(zip(${m.of("strs")}, ${m.of("ints")}))`,
    (m) => `dict(Counter(${m.of("str")}))`,
    (m) => `{${m.of("str")}: ${m.of("int")}}`,
  ],
  table: [
    (m) =>
      m.binding("int", (v, inner) => `{${inner.of("int")}: ${inner.of("int")} for ${v} in ${m.of("ints")}}`),
    (m) => m.binding("int", (v, inner) => `{${v}: ${inner.of("int")} for ${v} in range(${m.literal(0, 5)})}`),
  ],
  numbers: [
    (m) => `set(${m.of("ints")})`,
    (m) => m.binding("int", (v, inner) => `{${inner.of("int")} for ${v} in ${m.of("ints")}${filter(inner)}}`),
    (m) => `(${m.of("numbers")} ${m.oneOf("|", "&", "-", "^")} ${m.of("numbers")})`,
  ],
  maybe: [(m) => m.of("int"), () => "None"],
} as const satisfies Partial<Record<PythonType, readonly Form[]>>;

const FORMS: Readonly<Record<PythonType, readonly Form[]>> = {
  int: INT,
  bool: BOOL,
  str: STR,
  float: FLOAT,
  ints: INTS,
  strs: STRS,
  ...OTHERS,
};
