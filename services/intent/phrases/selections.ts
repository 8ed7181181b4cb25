import { BOOL, FLOAT, INT, listOf, type Type } from "#anrf/program/type.ts";
import { amountsOf, numbersAs } from "./amounts.ts";
import { conditionsOf } from "./conditions.ts";
import { decisionsOf } from "./decisions.ts";
import { joined } from "./logic.ts";
import { extremesOf, frontsOf, ordersOf } from "./orders.ts";
import { comparative } from "./subjects.ts";
import { isNumber, nearest, nearness, negation, operand, type Term, truth } from "./terms.ts";
import type { Token } from "./tokens.ts";
import type { Row, Target } from "./views.ts";

const MOST_FILTERS = 6;

/** What the words say about the items of a collection: which are meant, how many, in which order, what each becomes. */
export function selectionsOf(words: readonly Token[], row: Row, target: Target): readonly Term[] {
  const filters = filtersOf(words, row);
  const all: Term = { text: row.list, type: listOf(row.item), bits: 0 };
  const chosen = filters.map((test): Term => filtered(row, test));
  const found: Term[] = [...chosen];
  for (const [at, test] of filters.entries()) {
    const bits = test.bits + 0.5 + at * 0.1;
    found.push({ text: `${row.list}.count((${row.binder}) => ${test.text})`, type: INT, bits });
    if (target.returns.kind !== "bool") continue;
    found.push({ text: `${row.list}.all((${row.binder}) => ${test.text})`, type: BOOL, bits });
    found.push({ text: `${row.list}.any((${row.binder}) => ${test.text})`, type: BOOL, bits: bits + 0.5 });
  }
  const ordered = ordersOf(words, row, [...chosen.slice(0, 2), all]);
  const fronts = frontsOf(words, row, ordered);
  found.push(...ordered, ...fronts);
  for (const list of [...chosen.slice(0, 3), ...ordered.slice(0, 8), ...fronts.slice(0, 3), all])
    found.push(...columnsOf(words, row, list));
  for (const list of [...chosen.slice(0, 2), { ...all, bits: filters.length > 0 ? 1.5 : 0.2 }])
    found.push(...aggregatesOf(words, row, list));
  found.push(
    ...extremesOf(words, row, [...chosen.slice(0, 2), { ...all, bits: filters.length > 0 ? 1 : 0 }]),
  );
  found.push(...guardsOf(chosen), ...sharesOf(words, row, filters), ...neighboursOf(words, row, target));
  if (target.returns.kind === "bool")
    found.push(...quantified(words, row, filters), ...distinctnessOf(words, row));
  found.push(...changesOf(words, row, target), ...paymentsOf(words, row, target));
  for (const list of [all, ...chosen.slice(0, 2)]) found.push(...pairsOf(row, list, target));
  return found;
}

function filtersOf(words: readonly Token[], row: Row): readonly Term[] {
  const { view } = row;
  const conditions = conditionsOf(words, view).filter((one) => one.read(view).length > 0);
  const found: Term[] = [];
  if (conditions.length > 1) found.push(...joined(conditions, words, view));
  for (const one of conditions)
    found.push(
      ...one.read(view).map((term) => ({ ...term, bits: term.bits + (conditions.length > 1 ? 1 : 0) })),
    );
  for (let at = 0; at + 1 < conditions.length && conditions.length > 2; at++) {
    found.push(
      ...joined(conditions.slice(at, at + 2), words, view)
        .slice(0, 2)
        .map((term) => ({ ...term, bits: term.bits + 0.7 })),
    );
  }
  for (const term of foundMissing(words, row, found)) found.push(term);
  const isDropping = words.some((word) => DROPS.test(word.lower));
  if (isDropping) found.push(...found.map((term) => ({ ...negation(term), bits: term.bits - 0.2 })));
  return nearest(found, MOST_FILTERS);
}

const DROPS =
  /^(?:drops?|removes?|removing|deletes?|discards?|excludes?|excluding|skips?|ignores?|omits?|except|out|without|rid)$/u;

/** A number of each item against a parameter that no condition speaks of: the words may say it by a word of their own, "overdue". */
function foundMissing(words: readonly Token[], { view }: Row, found: readonly Term[]): readonly Term[] {
  return view.given
    .filter(({ type, text }) => isNumber(type) && !found.some((term) => term.text.includes(text)))
    .flatMap((given) =>
      view.variables
        .filter(({ type }) => type.text === given.type.text)
        .flatMap(({ text }) =>
          (isLimit(words) ? ["<=", "<", ">=", ">"] : ["<", ">", "<=", ">="]).map((sign, at) =>
            truth(`${text} ${sign} ${given.text}`, 2 + 0.2 * at),
          ),
        ),
    );
}

/** Words of a bound that may be reached. */
function isLimit(words: readonly Token[]): boolean {
  return words.some((word) =>
    /^(?:afford|afforded|within|budget|capacity|allowed|allowance|fit|fits|most)$/u.test(word.lower),
  );
}

function filtered({ list, binder, item }: Row, test: Term): Term {
  return { text: `${list}.filter((${binder}) => ${test.text})`, type: listOf(item), bits: test.bits };
}

/** One part of each item: "only the names". */
function columnsOf(words: readonly Token[], { view, binder }: Row, list: Term): readonly Term[] {
  if (view.variables.length < 2) return [];
  return view.variables.map(({ text, type, names }) => {
    const isSaid = words.some((word) => nearness(names, word.stem) !== undefined);
    return {
      text: `${list.text}.map((${binder}) => ${text})`,
      type: listOf(type),
      bits: list.bits + (isSaid ? 1 : 1.6),
    };
  });
}

/** "the average of …", "the sum of …": of items that are numbers, or of their parts that are. */
function aggregatesOf(words: readonly Token[], row: Row, list: Term): readonly Term[] {
  const columns =
    row.view.variables.length > 1
      ? columnsOf(words, row, list).map((column, at) => ({ column, names: row.view.variables[at]?.names }))
      : [{ column: list, names: undefined }];
  const isMean = words.some(({ lower }) => MEAN.test(lower));
  const exact = isMean ? columns.flatMap(({ column }) => exactMeansOf(column)) : [];
  const found = columns.flatMap(({ column, names }): Term[] => {
    if (!isNumberList(column) || column.type.kind !== "list") return [];
    const { item } = column.type;
    return AGGREGATES.flatMap(({ said, text }): Term[] => {
      const places = words.flatMap(({ lower }, at) => (said.test(lower) ? [at] : []));
      if (places.length === 0) return [];
      // "the smallest x": the word stands by the name of what it is asked of.
      const isNamed = places.some((at) =>
        words.slice(at + 1, at + 4).some(({ stem }) => names?.has(stem) === true),
      );
      return [
        { text: text(column.text, item), type: item, bits: isNamed ? list.bits + 0.4 : column.bits + 1 },
      ];
    });
  });
  return [...found, ...exact];
}

/** The mean of whole numbers without rounding. */
function exactMeansOf({ text, type, bits }: Term): readonly Term[] {
  if (type.kind !== "list" || type.item.kind !== "int") return [];
  const mean = `${text}.sum().to_float() / ${text}.length().to_float()`;
  return [{ text: `if ${text}.is_empty() { 0.0 } else { ${mean} }`, type: FLOAT, bits: bits + 1 }];
}

const MEAN = /^(?:average|mean)$/u;

const AGGREGATES: readonly { readonly said: RegExp; readonly text: (list: string, item: Type) => string }[] =
  [
    { said: /^(?:sum|total|add|altogether|together)$/u, text: (list) => `${list}.sum()` },
    { said: MEAN, text: meanOf },
    {
      said: /^(?:highest|largest|maximum|biggest|most|greatest|oldest|longest|best)$/u,
      text: (list, item) => `${list}.max() ?? ${zero(item)}`,
    },
    {
      said: /^(?:lowest|smallest|minimum|least|cheapest|youngest|shortest)$/u,
      text: (list, item) => `${list}.min() ?? ${zero(item)}`,
    },
  ];

function isNumberList({ type }: Term): boolean {
  return type.kind === "list" && isNumber(type.item);
}

/** The mean, or zero of nothing. */
function meanOf(list: string, item: Type): string {
  const quotient =
    item.kind === "int" ? `${list}.sum() // ${list}.length()` : `${list}.sum() / ${list}.length().to_float()`;
  return `if ${list}.is_empty() { ${zero(item)} } else { ${quotient} }`;
}

function zero(type: Type): string {
  return type.kind === "float" ? "0.0" : "0";
}

/** "How many percent of the scores are at least 50?": nothing of nothing. */
function sharesOf(words: readonly Token[], { list, binder }: Row, filters: readonly Term[]): readonly Term[] {
  if (!words.some((word) => /^(?:percent|percentage|share|fraction|proportion)$/u.test(word.lower)))
    return [];
  return filters.slice(0, 3).flatMap(({ text, bits }): Term[] => {
    const count = `${list}.count((${binder}) => ${text})`;
    const size = `${list}.length()`;
    const guarded = (quotient: string, none: string): string =>
      `if ${list}.is_empty() { ${none} } else { ${quotient} }`;
    return [
      { text: guarded(`100 * ${count} // ${size}`, "0"), type: INT, bits: bits + 1 },
      {
        text: guarded(`100.0 * ${count}.to_float() / ${size}.to_float()`, "0.0"),
        type: FLOAT,
        bits: bits + 1,
      },
      { text: guarded(`${count}.to_float() / ${size}.to_float()`, "0.0"), type: FLOAT, bits: bits + 1.5 },
    ];
  });
}

/** "warmer than on the day before": items compared with the one before them. */
function neighboursOf(
  words: readonly Token[],
  { list, item, source }: Row,
  { returns }: Target,
): readonly Term[] {
  if (!isNumber(item) || source.type.kind !== "list") return [];
  const found: Term[] = [];
  words.forEach(({ lower }, at) => {
    const lead = comparative(lower);
    const ahead = words.slice(at + 1, at + 8).map((word) => word.lower);
    if (
      lead === undefined ||
      ahead[0] !== "than" ||
      !ahead.some((word) => /^(?:before|previous|preceding|last|predecessor)$/u.test(word))
    )
      return;
    const sign = lead.isLess ? "<" : ">";
    const pairs = `${list}.zip(${list}.drop(1))`;
    const test = `(pair) => pair.1 ${sign} pair.0`;
    if (returns.kind === "int") found.push({ text: `${pairs}.count(${test})`, type: INT, bits: 1 });
    if (returns.kind === "bool") found.push({ text: `${pairs}.all(${test})`, type: BOOL, bits: 1 });
    found.push({ text: `${pairs}.filter(${test}).map((pair) => pair.1)`, type: listOf(item), bits: 1.5 });
  });
  return found;
}

/** "no id is used twice", "all names are different". */
function distinctnessOf(words: readonly Token[], { list, source }: Row): readonly Term[] {
  const says = (pattern: RegExp): boolean => words.some((word) => pattern.test(word.lower));
  const isRepeated = says(/^(?:twice|repeated|repeats?|duplicates?|again|once)$/u);
  if (source.type.kind !== "list" || !(isRepeated || says(/^(?:different|unique|distinct)$/u))) return [];
  const same = `${list}.distinct().length() == ${list}.length()`;
  const isNone = !isRepeated || says(/^(?:no|not|never|without|none|only)$/u);
  return [
    { text: same, type: BOOL, bits: isNone ? 0.5 : 1.5 },
    { text: same.replace("==", "<"), type: BOOL, bits: isNone ? 1.5 : 0.5 },
  ];
}

/** "more than half of the answers are true", "at least two of them are even": how many items pass another condition. */
function quantified(words: readonly Token[], row: Row, filters: readonly Term[]): readonly Term[] {
  const { list, binder } = row;
  const bounds = conditionsOf(words, row.view).flatMap(({ bound }) => (bound === undefined ? [] : [bound]));
  return bounds.flatMap(({ sign, text }) =>
    filters.slice(0, 4).map((test): Term => {
      const count = `${list}.count((${binder}) => ${test.text})`;
      const isHalf = text === "half";
      const half = `2 * ${count} ${sign} ${list}.length()`;
      return {
        text: isHalf ? half : `${count} ${sign} ${text}`,
        type: BOOL,
        bits: test.bits + (isHalf ? 0 : 1),
      };
    }),
  );
}

/** Whether anything was chosen: what "or 0 if there is none" asks. */
function guardsOf(chosen: readonly Term[]): readonly Term[] {
  return chosen
    .slice(0, 2)
    .map(({ text, bits }) => ({ text: `${text}.is_empty()`, type: BOOL, bits: bits + 1.5 }));
}

/** Two parts of each item as a pair, or as key and value: "a map from the thing to its amount". */
function pairsOf({ binder, view, item }: Row, list: Term, { returns }: Target): readonly Term[] {
  const wanted =
    returns.kind === "list" && returns.item.kind === "tuple"
      ? returns.item.items
      : returns.kind === "map"
        ? [returns.key, returns.value]
        : [];
  const [first, second] = wanted;
  if (first === undefined || second === undefined || wanted.length > 2) return [];
  return view.variables.flatMap((one, at) =>
    view.variables.flatMap((other, place): Term[] => {
      const isSame = item.kind === "tuple" && at === 0 && place === 1 && view.variables.length === 2;
      if (one === other || isSame || one.type.text !== first.text || other.type.text !== second.text)
        return [];
      const pairs = `${list.text}.map((${binder}) => (${one.text}, ${other.text}))`;
      const bits = list.bits + 1 + (at < place ? 0 : 0.2);
      return [{ text: returns.kind === "map" ? `Map.from_entries(${pairs})` : pairs, type: returns, bits }];
    }),
  );
}

/** What all items come to, where each has an amount of its own: a price by age, a quantity times a price. */
function paymentsOf(
  words: readonly Token[],
  { list, binder, view }: Row,
  { returns }: Target,
): readonly Term[] {
  if (returns.kind !== "int" && returns.kind !== "float") return [];
  const numbers = numbersAs(view, returns.kind);
  const bases = numbers.map(({ text, type }): Term => ({ text, type, bits: 0.5 }));
  const amounts = numbers.length > 0 ? amountsOf(words, { ...view, variables: numbers }, returns.kind) : [];
  const isOwn = (text: string): boolean => numbers.some((one) => one.text === text);
  const bodies = [
    ...decisionsOf(words, conditionsOf(words, view), view, returns, bases),
    ...amounts.filter(({ text }) => !isOwn(text)),
  ];
  return nearest(bodies, 10).flatMap(({ text, bits }): Term[] => [
    { text: `${list}.map((${binder}) => ${text}).sum()`, type: returns, bits: bits + 1 },
    { text: `${list}.map((${binder}) => ${text})`, type: listOf(returns), bits: bits + 1 },
  ]);
}

/** What each item becomes, where the result is a collection of the same kind: "replace every negative number by 0". */
function changesOf(words: readonly Token[], row: Row, { returns }: Target): readonly Term[] {
  const { list, binder, item, source, view } = row;
  const isMap = source.type.kind === "map" && returns.kind === "map" && isNumber(returns.value);
  const into = returns.kind === "list" ? returns.item : undefined;
  const value =
    view.variables.length === 1 && into !== undefined
      ? into
      : isMap && returns.kind === "map"
        ? returns.value
        : undefined;
  if (value === undefined || (item.kind === "tuple" && !isMap)) return [];
  const variable = view.variables[0];
  if (variable === undefined) return [];
  const one = { ...view, variables: [variable] };
  const base: Term = { text: variable.text, type: variable.type, bits: 0 };
  const bases = variable.type.text === value.text || value.kind === "string" ? [base] : [];
  const bodies = [
    ...decisionsOf(words, conditionsOf(words, one), one, value, bases),
    ...(value.kind === "int" || value.kind === "float" ? amountsOf(words, one, value.kind) : []),
  ].filter(({ text }) => text !== variable.text);
  return nearest(bodies, 12).map(({ text, bits }) =>
    isMap
      ? {
          text: `${operand(source.name)}.map_values((value) => ${text.replaceAll(variable.text, "value")})`,
          type: returns,
          bits: bits + 0.5,
        }
      : { text: `${list}.map((${binder}) => ${text})`, type: returns, bits: bits + 0.5 },
  );
}
