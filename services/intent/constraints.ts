import type { Type } from "#anrf/program/type.ts";
import { type Literal, readLiteral } from "./literals.ts";
import type { Place } from "./phrases/tokens.ts";

/** What must or should hold, as the words say it. */
export interface Rule extends Place {
  readonly kind: "PRECONDITION" | "POSTCONDITION" | "CASE" | "STYLE";
  readonly text: string;
  /** ANRF expressions over parameters and `result`; none where the words cannot be read. */
  readonly clauses: readonly string[];
  readonly certainty: number;
  readonly enforced: "CHECKED" | "SOFT" | "UNSUPPORTED";
  /** Whether one example obeys it: undefined where that cannot be told. Examples outrank words. */
  readonly holds?: (inputs: readonly Literal[], output: Literal | undefined) => boolean | undefined;
}

/** The names and types that clauses may use. */
export interface Scope {
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly returns: Type;
}

/** The constraints in the text, by place. `hidden` covers the examples. */
export function constraints(text: string, scope: Scope, hidden: readonly Place[]): Rule[] {
  const found: Rule[] = [];
  for (const pass of [preconditions, postconditions, cases, styles]) {
    for (const rule of pass(text, scope)) {
      const covered = hidden.some((place) => rule.start < place.end && place.start < rule.end);
      const again = found.some(
        (other) =>
          other.kind === rule.kind &&
          other.clauses.join() === rule.clauses.join() &&
          other.text === rule.text,
      );
      if (!covered && !again && found.length < 100) found.push(rule);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

type Pass = (text: string, scope: Scope) => Iterable<Rule>;

function rule(
  match: RegExpExecArray,
  kind: Rule["kind"],
  clauses: readonly string[],
  certainty: number,
  holds?: Rule["holds"],
): Rule {
  const start = match.index + Math.max(match[0].search(/\S/u), 0);
  const text = match[0].trim();
  return {
    kind,
    text,
    clauses,
    certainty,
    enforced: clauses.length > 0 && certainty >= 0.8 ? "CHECKED" : "SOFT",
    start,
    end: start + text.length,
    ...(holds === undefined ? {} : { holds }),
  };
}

/** A reserved name stands in backticks in clauses, not in the words. */
const bare = (param: { readonly name: string }): string => param.name.replaceAll("`", "");
const size = (value: Literal | undefined): number | undefined => {
  if (value?.kind === "string") return [...value.value].length;
  if (value?.kind === "map") return value.entries.length;
  return value !== undefined && "items" in value ? value.items.length : undefined;
};
const num = (value: Literal | undefined): number | undefined =>
  value?.kind === "number" ? Number(value.text) : undefined;

function numbersOf(value: Literal | undefined): number[] | undefined {
  if (value === undefined || !("items" in value)) return undefined;
  const found = value.items.map(num);
  return found.every((one) => one !== undefined) ? found : undefined;
}

/** `xs.length()` of lists, strings; `m.size()` of maps. */
function lengthOf(name: string, type: Type): string | undefined {
  if (type.kind === "list" || type.kind === "string") return `${name}.length()`;
  return type.kind === "map" ? `${name}.size()` : undefined;
}

const SORT_WORD = "(?:list|array|string|text|word|sentence|sequence|dictionary|map)s?";

const preconditions: Pass = function* (text, scope) {
  for (const match of text.matchAll(new RegExp(String.raw`\bnon-?\s?empty (?:\w+ )?${SORT_WORD}\b`, "giu"))) {
    const at = scope.params.findIndex(
      (param) => lengthOf(param.name, param.type) !== undefined && nounFits(match[0], param.type),
    );
    const param = scope.params[at];
    const length = param === undefined ? undefined : lengthOf(param.name, param.type);
    if (length === undefined || returned(text, match.index)) continue;
    yield rule(match, "PRECONDITION", [`${length} > 0`], 0.9, (inputs) => (size(inputs[at]) ?? 1) > 0);
  }
  for (const match of text.matchAll(
    /\b(positive|non-?negative|negative) (?:integers?|numbers?|ints?|whole numbers?|values?)(?: (?:called )?`?([a-zA-Z]\w*)`?)?/giu,
  )) {
    yield* signRule(match, text, scope);
  }
  for (const match of text.matchAll(/`?\b([a-zA-Z]\w*)`?\s*(>=|<=|>|<|≥|≤)\s*(-?\d+)\b/gu)) {
    const at = scope.params.findIndex(
      (param) => bare(param) === match[1] && (param.type.kind === "int" || param.type.kind === "float"),
    );
    if (at < 0) continue;
    const operator = (match[2] ?? "").replace("≥", ">=").replace("≤", "<=");
    const bound = Number(match[3]);
    yield rule(
      match,
      "PRECONDITION",
      [`${scope.params[at]?.name ?? ""} ${operator} ${bound}`],
      0.85,
      (inputs) => compared(num(inputs[at]), operator, bound),
    );
  }
  for (const match of text.matchAll(
    /\b(?:given|takes?|accepts?|of|in|from|with|two|input is) (?:a |an |the |two )?(?:already )?sorted (?:\w+ )?(?:list|array|sequence)s?\b/giu,
  )) {
    for (const [at, param] of scope.params.entries()) {
      if (param.type.kind !== "list" || returned(text, match.index)) continue;
      yield rule(match, "PRECONDITION", [`${param.name} == ${param.name}.sort()`], 0.8, (inputs) =>
        ordered(numbersOf(inputs[at]), 1),
      );
      if (!/s$/iu.test(match[0])) break;
    }
  }
  yield* equalLengths(text, scope);
};

function* equalLengths(text: string, scope: Scope): Iterable<Rule> {
  for (const match of text.matchAll(
    /\b(?:two|both) (?:\w+ )?(?:lists|arrays|strings) (?:of \w+ )?of (?:the same|equal) (?:length|size)\b/giu,
  )) {
    const [a, b] = scope.params.filter((param) => lengthOf(param.name, param.type) !== undefined);
    const [left, right] = [
      a === undefined ? undefined : lengthOf(a.name, a.type),
      b === undefined ? undefined : lengthOf(b.name, b.type),
    ];
    if (left === undefined || right === undefined) continue;
    yield rule(
      match,
      "PRECONDITION",
      [`${left} == ${right}`],
      0.85,
      (inputs) => size(inputs[0]) === size(inputs[1]),
    );
  }
}

function* signRule(match: RegExpExecArray, text: string, scope: Scope): Iterable<Rule> {
  const before = text.slice(Math.max(0, match.index - 40), match.index).toLowerCase();
  // "count the positive numbers" selects some; only what is given is bounded.
  if (
    !/\b(?:given|takes?|accepts?|for|of|a|an|two|three|is|are|list of|array of|input)\s(?:\w+\s)?$/u.test(
      before,
    ) ||
    /\b(?:the|all|only|sum of|number of|count of|how many|any|every)\s(?:the\s)?$/u.test(before)
  )
    return;
  if (returned(text, match.index)) return;
  const word = (match[1] ?? "").toLowerCase().replace("-", "");
  const operator = word === "positive" ? ">" : word === "negative" ? "<" : ">=";
  const inList = /\b(?:list|array|sequence|collection)s? of\s(?:\w+\s)?$/u.test(before);
  const several = /s\b/u.test(match[0].split(" ")[1] ?? "");
  for (const [at, param] of scope.params.entries()) {
    if (
      match[2] !== undefined &&
      scope.params.some((other) => bare(other) === match[2]) &&
      bare(param) !== match[2]
    )
      continue;
    const item = param.type.kind === "list" ? param.type.item.kind : param.type.kind;
    if ((item !== "int" && item !== "float") || (param.type.kind === "list") !== inList) continue;
    if (inList) {
      const all = (inputs: readonly Literal[]): boolean =>
        numbersOf(inputs[at])?.every((value) => compared(value, operator, 0) !== false) ?? true;
      yield rule(match, "PRECONDITION", [`${param.name}.all((x) => x ${operator} 0)`], 0.8, all);
    } else
      yield rule(match, "PRECONDITION", [`${param.name} ${operator} 0`], 0.85, (inputs) =>
        compared(num(inputs[at]), operator, 0),
      );
    if (!several) return;
  }
}

function compared(value: number | undefined, operator: string, bound: number): boolean | undefined {
  if (value === undefined) return undefined;
  if (operator === ">") return value > bound;
  if (operator === ">=") return value >= bound;
  if (operator === "<") return value < bound;
  return operator === "<=" ? value <= bound : value === bound;
}

function ordered(values: readonly number[] | undefined, direction: 1 | -1): boolean | undefined {
  return values?.every((value, at) => at === 0 || direction * (value - (values[at - 1] ?? value)) >= 0);
}

/** True where the phrase speaks of what comes back. */
function returned(text: string, at: number): boolean {
  return /\b(?:returns?|returning|output|produces?|gives?|get|result(?:ing)?(?: (?:is|in))?)\s(?:(?:the|a|an|all|new)\s)*(?:\w+\s)?$/iu.test(
    text.slice(Math.max(0, at - 40), at),
  );
}

function nounFits(phrase: string, type: Type): boolean {
  if (/string|text|word|sentence/iu.test(phrase)) return type.kind === "string";
  return /dictionary|map/iu.test(phrase) ? type.kind === "map" : type.kind === "list";
}

const postconditions: Pass = function* (text, scope) {
  if (scope.returns.kind === "list") yield* listResults(text, scope);
  if (scope.returns.kind !== "list" && scope.returns.kind !== "string") return;
  for (const match of text.matchAll(
    /\b(?:returns?|result|output|list|string) (?:\w+ ){0,4}(?:of |has |with )(?:the )?same (?:length|size)(?: as (?:the )?(?:input|original))?\b/giu,
  )) {
    const first = scope.params[0];
    const length = first === undefined ? undefined : lengthOf(first.name, first.type);
    if (length !== undefined)
      yield rule(
        match,
        "POSTCONDITION",
        [`result.length() == ${length}`],
        0.75,
        (inputs, output) => size(inputs[0]) === size(output),
      );
  }
};

function* listResults(text: string, scope: Scope): Iterable<Rule> {
  const sorted =
    /\b(?:sorted|sort(?:s|ing)?(?: them| it| the \w+| a \w+)?|ordered|arranged?)?\s?(?:\w+ )?(?:in|into) (ascending|increasing|descending|decreasing|alphabetical|numerical|non-decreasing) order\b(?! (?:of|by))/giu;
  for (const match of text.matchAll(sorted)) {
    const down = /^de/iu.test(match[1] ?? "");
    const by = /^[^.;\n]{0,40}\bby\b/iu.test(text.slice(match.index, match.index + match[0].length + 40));
    const scalar =
      scope.returns.kind === "list" && ["int", "float", "string"].includes(scope.returns.item.kind);
    const certain = scalar && !by ? 0.85 : 0.6;
    yield rule(
      match,
      "POSTCONDITION",
      [`result == result.${down ? "sort_desc" : "sort"}()`],
      certain,
      (_, output) => ordered(numbersOf(output), down ? -1 : 1),
    );
  }
  for (const match of text.matchAll(
    /\b(?:without (?:any )?(?:duplicates|repeats|repetitions)|no duplicates|(?:return|list|set|array) (?:of )?(?:the |all )?(?:unique|distinct) (?:\w+)|remove (?:all |the )?duplicates|duplicates removed)\b/giu,
  )) {
    yield rule(match, "POSTCONDITION", ["result == result.distinct()"], 0.85, (_, output) => {
      return output !== undefined && "items" in output
        ? new Set(output.items.map((item) => JSON.stringify(item))).size === output.items.length
        : undefined;
    });
  }
  for (const match of text.matchAll(
    /\b(?:returns?|list|result|output|with|contains?|holds?) (?:of |has |have |is )?(?:at most|up to|no more than) (\d+|[a-z]) (?:elements|items|words|values|entries|numbers)\b/giu,
  )) {
    const bound = match[1] ?? "";
    const known =
      /^\d+$/u.test(bound) ||
      scope.params.some((param) => bare(param) === bound && param.type.kind === "int");
    if (known)
      yield rule(match, "POSTCONDITION", [`result.length() <= ${bound}`], 0.8, (_, output) =>
        /^\d+$/u.test(bound) ? (size(output) ?? 0) <= Number(bound) : undefined,
      );
  }
  for (const match of text.matchAll(
    /\b(?:in (?:the |their )?(?:original|same|input) order|(?:keep|preserv)(?:e|ing) (?:the )?(?:original )?order|order of (?:first )?appearance)\b/giu,
  )) {
    yield rule(match, "POSTCONDITION", [], 0.7);
  }
}

const VALUE = String.raw`(?:an? |the )?(?<value>empty (?:list|array|string|text|dictionary|map)|"[^"\n]*"|'[^'\n]*'|\[\]|\{\}|\[[^\]\n]*\]|-?\d+(?:\.\d+)?|minus one|zero|one|true|false|none|null|nothing)(?:\b|(?=[\s,.;]|$))`;
const CONDITION = String.raw`(?<condition>[^,.;:\n]{3,80})`;
const CASES = [
  new RegExp(
    String.raw`\b(?:return|returns|returning|give|gives|output|yield|result is|answer is)\s${VALUE}\s(?:if|when|whenever|for|in case|where)\s${CONDITION}`,
    "giu",
  ),
  new RegExp(
    String.raw`\b(?:if|when|whenever|in case|for|where)\s${CONDITION},?\s(?:then\s|it\s|we\s|the (?:function|result|answer|output)\s)*(?:should\s|must\s|will\s)?(?:just\s)?(?:be|is|return|returns|give|gives|output|yield)\s${VALUE}`,
    "giu",
  ),
  new RegExp(
    String.raw`\b${VALUE} (?:if|when|for) (?<condition>(?:it|the (?:list|string|input|text|array)) is empty|an empty \w+|\w+ is empty)`,
    "giu",
  ),
];

const cases: Pass = function* (text, scope) {
  for (const pattern of CASES) {
    for (const match of text.matchAll(pattern)) {
      const value = valueText(match.groups?.["value"] ?? "", scope.returns);
      if (value === undefined) continue;
      const words = match.groups?.["condition"] ?? "";
      const condition = conditionOf(words.trim(), scope);
      if (condition === undefined) {
        yield rule(match, "CASE", [], 0.6);
        continue;
      }
      const { clause, holds } = condition;
      yield rule(
        match,
        "CASE",
        [`not (${clause}) or ${value.clause}`],
        condition.certainty,
        (inputs, output) => {
          const applies = holds(inputs);
          return applies === true ? value.equals(output) : applies === false ? true : undefined;
        },
      );
    }
  }
};

interface ResultValue {
  readonly clause: string;
  readonly equals: (output: Literal | undefined) => boolean | undefined;
}

const EMPTY = new Map<string, string>([
  ["list", "[]"],
  ["string", '""'],
  ["map", "{}"],
]);

/** `result == 0` for words that name a value of the result's type. */
function valueText(words: string, returns: Type): ResultValue | undefined {
  const lower = words.toLowerCase();
  if (/^(?:none|null|nothing)$/u.test(lower)) {
    return returns.kind === "option"
      ? { clause: "not result.is_some()", equals: (output) => output?.kind === "null" }
      : undefined;
  }
  const type = returns.kind === "option" ? returns.item : returns;
  const same = (text: string): string =>
    returns.kind === "option" ? `result == some(${text})` : `result == ${text}`;
  if (lower.startsWith("empty") || lower === "[]" || lower === "{}") {
    const text = EMPTY.get(type.kind);
    if (text === undefined) return undefined;
    const equals = (output: Literal | undefined): boolean => size(output) === 0;
    return type.kind === "map"
      ? { clause: "result.size() == 0", equals }
      : { clause: returns.kind === "option" ? same(text) : `result.length() == 0`, equals };
  }
  const number = /^-?\d/u.test(lower) ? Number(lower) : { zero: 0, one: 1, "minus one": -1 }[lower];
  if (number !== undefined) {
    if (type.kind !== "int" && type.kind !== "float") return undefined;
    if (type.kind === "int" && !Number.isSafeInteger(number)) return undefined;
    return {
      clause: same(type.kind === "float" && Number.isInteger(number) ? `${number}.0` : `${number}`),
      equals: (output) => num(output) === number,
    };
  }
  if (lower === "true" || lower === "false") {
    return type.kind === "bool"
      ? {
          clause: same(lower),
          equals: (output) => output?.kind === "bool" && output.value === (lower === "true"),
        }
      : undefined;
  }
  const read = readLiteral(words, 0)?.value;
  if (read?.kind !== "string" || type.kind !== "string") return undefined;
  return {
    clause: same(JSON.stringify(read.value)),
    equals: (output) => output?.kind === "string" && output.value === read.value,
  };
}

interface Condition {
  readonly clause: string;
  readonly certainty: number;
  readonly holds: (inputs: readonly Literal[]) => boolean | undefined;
}

/** A condition over one parameter: "the list is empty", "n is negative", "n is less than 2", "n is 0". */
function conditionOf(words: string, scope: Scope): Condition | undefined {
  const lower = words.toLowerCase().replaceAll("`", "");
  const empty =
    /^(?:an )?empty (?:list|array|string|text|input|dictionary|map)s?$|^(?:(?:the |an? )?(?:given |input )?(\w+)|it) (?:is|are|was) (?:empty|blank)$|^there are no (?:elements|items|words|numbers|values)(?: in the \w+)?$/u.exec(
      lower,
    );
  if (empty !== null) return emptyCondition(empty[1] ?? "", lower, scope);
  const subject = /^(?:the )?(?:given |input )?`?(\w+)`? (?:is |equals )?(.*)$/u.exec(
    words.replaceAll("`", ""),
  );
  const at = scope.params.findIndex(
    (param) =>
      bare(param) === subject?.[1] ||
      (isNumber(param.type) &&
        /^(?:it|number|integer|value|input)$/iu.test(subject?.[1] ?? "") &&
        scope.params.length === 1),
  );
  const param = scope.params[at];
  if (param === undefined || !isNumber(param.type)) return undefined;
  const test = numberTest((subject?.[2] ?? "").toLowerCase().trim());
  if (test === undefined) return undefined;
  const zero =
    param.type.kind === "float" && Number.isInteger(test.bound) ? `${test.bound}.0` : `${test.bound}`;
  if (test.modulus !== undefined) {
    if (param.type.kind !== "int") return undefined;
    const { modulus, bound } = test;
    return {
      clause: `${param.name} % ${modulus} == ${bound}`,
      certainty: 0.85,
      holds: (inputs) => compared(remainder(num(inputs[at]), modulus), "==", bound),
    };
  }
  return {
    clause: `${param.name} ${test.operator} ${zero}`,
    certainty: 0.85,
    holds: (inputs) => compared(num(inputs[at]), test.operator, test.bound),
  };
}

const isNumber = (type: Type): boolean => type.kind === "int" || type.kind === "float";
const remainder = (value: number | undefined, by: number): number | undefined =>
  value === undefined ? undefined : ((value % by) + by) % by;

function emptyCondition(name: string, lower: string, scope: Scope): Condition | undefined {
  const fits = (type: Type): boolean => lengthOf("x", type) !== undefined;
  const named = scope.params.findIndex((param) => bare(param).toLowerCase() === name && fits(param.type));
  const noun = scope.params.findIndex(
    (param) =>
      fits(param.type) &&
      (/\b(?:it|input|elements|items|words|numbers|values)\b/u.test(lower) || nounFits(lower, param.type)),
  );
  const at = named >= 0 ? named : noun;
  const param = scope.params[at];
  const length = param === undefined ? undefined : lengthOf(param.name, param.type);
  if (length === undefined) return undefined;
  return {
    clause: `${length} == 0`,
    certainty: 0.9,
    holds: (inputs) => (size(inputs[at]) === undefined ? undefined : size(inputs[at]) === 0),
  };
}

interface NumberTest {
  readonly operator: string;
  readonly bound: number;
  readonly modulus?: number;
}

function numberTest(words: string): NumberTest | undefined {
  if (words === "zero" || words === "0") return { operator: "==", bound: 0 };
  if (words === "negative") return { operator: "<", bound: 0 };
  if (words === "positive") return { operator: ">", bound: 0 };
  if (words === "even") return { operator: "==", bound: 0, modulus: 2 };
  if (words === "odd") return { operator: "==", bound: 1, modulus: 2 };
  const divisible = /^(?:divisible by|a multiple of) (\d+)$/u.exec(words);
  if (divisible !== null && Number(divisible[1]) > 0)
    return { operator: "==", bound: 0, modulus: Number(divisible[1]) };
  const match =
    /^(less than or equal to|greater than or equal to|less than|smaller than|below|under|greater than|more than|larger than|above|over|at least|at most|equal to|<=|>=|<|>|==?)?\s*(-?\d+|zero|one)$/u.exec(
      words,
    );
  if (match === null) return undefined;
  const bound = { zero: 0, one: 1 }[match[2] ?? ""] ?? Number(match[2]);
  const said = match[1] ?? "==";
  if (/^(?:less than or equal to|at most|<=)$/u.test(said)) return { operator: "<=", bound };
  if (/^(?:greater than or equal to|at least|>=)$/u.test(said)) return { operator: ">=", bound };
  if (/^(?:less|smaller|below|under|<)/u.test(said)) return { operator: "<", bound };
  return { operator: /^(?:greater|more|larger|above|over|>)/u.test(said) ? ">" : "==", bound };
}

const STYLES: readonly (readonly [RegExp, Rule["enforced"]])[] = [
  [
    /\b(?:in|with|using) (?:only )?(?:O|Θ)\([^)]*\)(?: (?:time|space|memory|extra space))?|\b(?:in|with) (?:linear|constant|logarithmic) (?:time|space)\b|\bin[- ]place\b|\bas (?:fast|efficiently) as possible\b/giu,
    "UNSUPPORTED",
  ],
  [
    /\b(?:without using|without|do not use|don't use|avoid) (?:the |any |a )?(?:built-?in|sort|sum|max|min|regex|regular expressions?|loops?|recursion|slicing|len|reverse|multiplication|division)\w*(?: \w+)?/giu,
    "SOFT",
  ],
  [
    /\busing (?:the |a |an )?(?:lambda|recursion|loops?|regex|regular expressions?|list comprehension|map|filter|reduce|heapq?|binary search|dynamic programming|bitwise|stack|queue|counter|collections|zip|sets?|itertools|builtins?)(?: (?:function|functions|module|operators?|expression|algorithm|object|method|queue))*\b/giu,
    "SOFT",
  ],
  [
    /\b(?:ignor(?:e|es|ing) (?:the )?(?:upper |lower )?case|case[- ]insensitive(?:ly)?|regardless of case)\b/giu,
    "SOFT",
  ],
  [
    /\b(?:round(?:ed)?|correct) (?:it |off |down |up )?to (?:the )?(?:nearest )?(?:\w+ )?(?:decimals?(?: places?)?|digits?|cents?|integer|whole number)\b/giu,
    "SOFT",
  ],
];

const styles: Pass = function* (text) {
  for (const [pattern, enforced] of STYLES) {
    for (const match of text.matchAll(pattern)) yield { ...rule(match, "STYLE", [], 0.8), enforced };
  }
};
