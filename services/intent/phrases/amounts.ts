import { FLOAT } from "#anrf/program/type.ts";
import { stem } from "#platform/words/stem.ts";
import { nounsAround } from "./comparisons.ts";
import { numeralAt, ORDINALS } from "./numerals.ts";
import { percentOf, type Way } from "./outcomes.ts";
import { numbersOf } from "./subjects.ts";
import { isNumber, nearest, numberText, operand, type Term, type Variable, type View } from "./terms.ts";
import type { Token } from "./tokens.ts";

const MOST = 12;

/** Amounts that a text says: parameters, so much for each of them, shares, what goes beyond a bound, caps. Nearest first. */
export function amountsOf(words: readonly Token[], view: View, kind: "int" | "float"): readonly Term[] {
  const variables = numbersAs(view, kind);
  const plain = variables.map(({ text, type, names }): Term => {
    const isSaid = words.some((word) => names.has(word.stem));
    return { text, type, bits: isSaid ? 0.5 : 1 };
  });
  const rates = ratesOf(words, view, variables);
  const products = productsOf(words, variables);
  const sums = [
    ...sumOf(rates),
    ...unitSumsOf(words, variables),
    ...stepsOf(words, variables, [...plain, ...sharesOf(words, plain)]),
  ];
  const bases = nearest([...plain, ...rates, ...products, ...sums], MOST);
  const tiers = tiersOf(words, variables);
  const shares = sharesOf(words, [...bases, ...timesTier(tiers, variables)]);
  const all = nearest([...bases, ...shares, ...tiers, ...timesTier(tiers, variables)], 2 * MOST);
  return nearest([...all, ...cappedOf(words, [...bases, ...shares])], 3 * MOST);
}

/** The numbers of a view as numbers of one kind; whole ones become floats where those are asked for. */
export function numbersAs({ variables }: View, kind: "int" | "float"): readonly Variable[] {
  return variables.flatMap((one): Variable[] => {
    if (one.type.kind === kind) return [one];
    return kind === "float" && one.type.kind === "int"
      ? [{ ...one, text: `${one.text}.to_float()`, type: FLOAT }]
      : [];
  });
}

/** "3 points for each win", "2 euros an hour", "8 cents a bottle". */
export function ratesOf(
  words: readonly Token[],
  view: View,
  variables: readonly Variable[],
): readonly Term[] {
  const found: Term[] = [];
  for (let at = 0; at < words.length; at++) {
    const numeral = numeralAt(words, at);
    if (numeral === undefined) continue;
    const noun = unitAfter(words, numeral.next);
    if (noun !== undefined) {
      const nouns = [noun.stem];
      for (const { text, bits } of numbersOf({ ...view, variables }, nouns, undefined))
        if (numeral.value !== 1) found.push(times(text, numeral.value, variables, bits + 0.3));
        else
          found.push(
            ...variables
              .filter((one) => one.text === text)
              .map((one) => ({ text, type: one.type, bits: bits + 0.3 })),
          );
    } else if (
      /^(?:each|apiece)$/u.test(words[numeral.next]?.lower ?? "") ||
      /^(?:each|every)$/u.test(words[at - 1]?.lower ?? "")
    ) {
      const nouns = nounsAround(words, at, numeral.next);
      for (const { text, bits } of numbersOf({ ...view, variables }, nouns, undefined))
        found.push(times(text, numeral.value, variables, bits + 0.5));
    }
    at = numeral.next - 1;
  }
  return nearest(found, 6);
}

/** The noun of "per hour", "a bottle", "for every win" at most two words after a number. */
function unitAfter(words: readonly Token[], from: number): Token | undefined {
  for (let at = from; at < from + 5; at++) {
    const word = words[at];
    if (word?.kind !== "word" || /^(?:and|or|but|if|to|is|off|plus)$/u.test(word.lower)) return undefined;
    if (!/^(?:per|an?|each|every)$/u.test(word.lower)) continue;
    const next = words[at + 1]?.lower === "further" || words[at + 1]?.lower === "started" ? at + 2 : at + 1;
    const noun = words[next];
    return noun?.kind === "word" ? noun : undefined;
  }
  return undefined;
}

function times(text: string, value: number, variables: readonly Variable[], bits: number): Term {
  const type = variables.find((one) => one.text === text)?.type ?? variables[0]?.type;
  if (type === undefined) throw new Error(`no variable is called ${text}`);
  return { text: `${text} * ${numberText(value, type)}`, type, bits };
}

/** What several rates come to together, each of another variable. */
function sumOf(rates: readonly Term[]): readonly Term[] {
  const byVariable = new Map<string, Term>();
  for (const rate of rates) {
    const name = rate.text.split(" ")[0] ?? "";
    if (!byVariable.has(name)) byVariable.set(name, rate);
  }
  const parts = [...byVariable.values()];
  const [first] = parts;
  if (first === undefined || parts.length < 2 || parts.length > 4) return [];
  const bits = parts.reduce((sum, part) => sum + part.bits, 0.5);
  return [{ text: parts.map((part) => part.text).join(" + "), type: first.type, bits }];
}

const STEPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:subtract|subtracting|minus) /u, "-"],
  [/^(?:add|adding|plus) /u, "+"],
  [/^(?:multiply|multiplied|multiplying) (?:it |them |that )?by /u, "*"],
  [/^times /u, "*"],
  [/^(?:divide|divided|dividing) (?:it |them |that )?by /u, "/"],
];

/** "subtract 32, multiply by 5 and divide by 9": one step after the other, on each parameter. */
function stepsOf(
  words: readonly Token[],
  variables: readonly Variable[],
  bases: readonly Term[],
): readonly Term[] {
  const steps: { readonly sign: string; readonly value: string }[] = [];
  for (let at = 0; at < words.length; at++) {
    const ahead = words
      .slice(at, at + 3)
      .map(({ lower }) => `${lower} `)
      .join("");
    const found = STEPS.find(([pattern]) => pattern.test(ahead));
    const match = found?.[0].exec(ahead);
    if (found === undefined || match == null) continue;
    const from = at + match[0].trim().split(" ").length;
    const numeral = numeralAt(words, from);
    const named = variables.find(({ names }) =>
      words.slice(from, from + 4).some((word) => names.has(word.stem)),
    );
    if (numeral === undefined && named !== undefined) steps.push({ sign: found[1], value: named.text });
    if (numeral !== undefined && !/^(?:%|percent)$/u.test(words[numeral.next]?.lower ?? ""))
      steps.push({ sign: found[1], value: `${numeral.value}` });
  }
  if (steps.length === 0 || steps.length > 5) return [];
  const used = new Set(steps.map((step) => step.value));
  const free = bases.filter(
    ({ text }) => ![...used].some((value) => /\D/u.test(value) && text.includes(value)),
  );
  return free.slice(0, 5).map(({ text, type, bits }) => ({
    text: steps.reduce(
      (sum, { sign, value }) => `${operand(sum)} ${stepSign(sign, type)} ${literalOf(value, type)}`,
      text,
    ),
    type,
    bits: bits + 0.7,
  }));
}

function stepSign(sign: string, type: Term["type"]): string {
  return sign === "/" && type.kind === "int" ? "//" : sign;
}

function literalOf(value: string, type: Term["type"]): string {
  return type.kind === "float" && /^-?\d+$/u.test(value) ? `${value}.0` : value;
}

/** Units of one kind, each by the smallest of them. */
const UNITS: readonly ReadonlyMap<string, number>[] = [
  { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 },
  { cent: 1, euro: 100, dollar: 100 },
  {
    millimetre: 1,
    mm: 1,
    centimetre: 10,
    cm: 10,
    metre: 1000,
    meter: 1000,
    kilometre: 1_000_000,
    km: 1_000_000,
  },
  { gram: 1, kilogram: 1000, kilo: 1000, kg: 1000, ton: 1_000_000 },
  { inch: 1, foot: 12, feet: 12, yard: 36 },
  { month: 1, year: 12 },
].map((units) => new Map(Object.entries(units).map(([name, size]) => [stem(name), size])));

/** "hours, minutes and seconds to seconds": parameters that are called by units, in the last unit that the words name. */
function unitSumsOf(words: readonly Token[], variables: readonly Variable[]): readonly Term[] {
  return UNITS.flatMap((units): Term[] => {
    const measured = variables.flatMap((one) => {
      const unit = [...one.names].find((name) => units.has(name));
      return unit === undefined || one.type.kind !== "int"
        ? []
        : [{ text: one.text, size: units.get(unit) ?? 1 }];
    });
    const target = words.findLast((word) => units.has(word.stem));
    const size = units.get(target?.stem ?? "");
    const first = variables[0];
    if (size === undefined || first === undefined || measured.length === 0) return [];
    if (measured.some((one) => one.size < size) || measured.every((one) => one.size === size)) return [];
    const parts = measured.map((one) => (one.size === size ? one.text : `${one.text} * ${one.size / size}`));
    return [{ text: parts.join(" + "), type: first.type, bits: 0.5 }];
  });
}

function productsOf(words: readonly Token[], variables: readonly Variable[]): readonly Term[] {
  const found: Term[] = [];
  const isPriced = words.some((word) => PRICES.has(word.stem));
  variables.forEach((one, at) => {
    for (const other of variables.slice(at + 1)) {
      found.push({ text: `${one.text} * ${other.text}`, type: one.type, bits: isPriced ? 1.5 : 2.5 });
    }
  });
  return found;
}

const PRICES: ReadonlySet<string> = new Set(
  "price cost pay total product area times multiply earn charge".split(" ").map(stem),
);

/** "N percent of …", of any amount. */
function sharesOf(words: readonly Token[], bases: readonly Term[]): readonly Term[] {
  const found: Term[] = [];
  const isIncluded = words.some((word) =>
    /^(?:included?|includes|including|contains?|already|net)$/u.test(word.lower),
  );
  const isUp = words.some((word) => word.lower === "up" && words.some((one) => one.stem === stem("round")));
  for (let at = 0; at < words.length; at++) {
    if (!/^(?:percent|%)$/u.test(words[at]?.lower ?? "")) continue;
    const before = words[at - 1];
    const value = before?.kind === "number" ? before.text : undefined;
    if (value === undefined || !/^\d+$/u.test(value)) continue;
    for (const base of bases.slice(0, 10)) {
      for (const way of ["share", "off", "more"] as const satisfies readonly Way[]) {
        const share = percentOf(base, value, way);
        const bits = share.bits + (isNearWay(words, at, way) ? 0 : 1);
        found.push({ ...share, bits: bits + (isUp ? 1 : 0) });
        if (way === "more" && isIncluded) found.push({ ...share, text: withinOf(base, value), bits });
        if (isUp && base.type.kind === "int")
          found.push({ ...share, text: `0 - (0 - ${share.text.replace(/ \/\/ 100$/u, "")}) // 100`, bits });
      }
    }
  }
  return nearest(found, 12);
}

/** The amount of which a sum with so many percent on top is made: "with 25 percent tax included". */
function withinOf({ text, type }: Term, percent: string): string {
  const whole = 100 + Number(percent);
  return type.kind === "float"
    ? `${operand(text)} * 100.0 / ${whole}.0`
    : `${operand(text)} * 100 // ${whole}`;
}

function isNearWay(words: readonly Token[], at: number, way: Way): boolean {
  const near = words.slice(Math.max(0, at - 6), at + 6).map((word) => word.lower);
  const isOff = near.some((word) => /^(?:off|less|discount|reduction|cheaper|deducted)$/u.test(word));
  const isMore = near.some((word) =>
    /^(?:more|raise|extra|surcharge|top|add|adds|plus|vat|tax|increase|tip)$/u.test(word),
  );
  return way === "off" ? isOff : way === "more" ? isMore : !isOff && !isMore;
}

/** "the first 100", "beyond 8 hours", "after the first three": what is within a bound, and what goes beyond it. */
function tiersOf(words: readonly Token[], variables: readonly Variable[]): readonly Term[] {
  const found: Term[] = [];
  for (let at = 0; at < words.length; at++) {
    const lower = words[at]?.lower ?? "";
    const isFirst = lower === "first";
    if (!isFirst && !/^(?:after|beyond|over|above|than|exceeding|from)$/u.test(lower)) continue;
    const fromOrdinal = lower === "from" ? ORDINALS.get(words[at + 2]?.lower ?? "") : undefined;
    const numeral =
      fromOrdinal !== undefined && words[at + 1]?.lower === "the"
        ? { value: fromOrdinal - 1, next: at + 3 }
        : numeralAt(words, isFirst || words[at + 1]?.lower !== "the" ? at + 1 : at + 3);
    if (numeral === undefined) continue;
    for (const { text, type } of variables) {
      if (type.kind !== "int") continue;
      found.push({ text: `max(0, ${text} - ${numeral.value})`, type, bits: 1.2 });
      found.push({ text: `min(${text}, ${numeral.value})`, type, bits: isFirst ? 1.2 : 2 });
      if (isFirst) found.push(...progressive(words, at, numeral.next, text, numeral.value, type));
    }
  }
  return nearest(found, 10);
}

/** What goes beyond a bound times another amount: "the daily wage for each day after that". */
function timesTier(tiers: readonly Term[], variables: readonly Variable[]): readonly Term[] {
  return tiers
    .filter(({ text }) => /^m(?:ax|in)\([^()]*\)$/u.test(text))
    .flatMap((tier) =>
      variables
        .filter(({ text, type }) => type.text === tier.type.text && !tier.text.includes(text))
        .map((one) => ({ text: `${one.text} * ${tier.text}`, type: tier.type, bits: tier.bits + 1 })),
    )
    .slice(0, 4);
}

/** "The first 100 units cost 12 cents each, every further unit 20", "4 euros and 2 more for every kilometre after the first 3". */
function progressive(
  words: readonly Token[],
  first: number,
  next: number,
  text: string,
  bound: number,
  type: Term["type"],
): readonly Term[] {
  const numbers: { readonly value: number; readonly at: number }[] = [];
  for (let at = 0; at < words.length; at++) {
    const numeral = at >= first && at < next ? undefined : numeralAt(words, at);
    if (numeral === undefined) continue;
    numbers.push({ value: numeral.value, at });
    at = numeral.next - 1;
  }
  const [a, b] = numbers;
  if (a === undefined || b === undefined || numbers.length > 3) return [];
  const beyond = `max(0, ${text} - ${bound})`;
  return [
    { text: `${a.value} * min(${text}, ${bound}) + ${b.value} * ${beyond}`, type, bits: 2 },
    { text: `${a.value} + ${b.value} * ${beyond}`, type, bits: 2.5 },
  ];
}

/** "never more than 15", "at most 50", "at least 10": an amount held within a bound. */
function cappedOf(words: readonly Token[], bases: readonly Term[]): readonly Term[] {
  const found: Term[] = [];
  for (let at = 0; at < words.length; at++) {
    const ahead = words
      .slice(at, at + 3)
      .map((word) => word.lower)
      .join(" ");
    const cap =
      /^(?:at most|more than|up to|maximum of|not exceed|limited to|capped at|cap of|below|above|over)/u.exec(
        ahead,
      );
    const floor = /^(?:at least|less than|minimum of|fewer than)/u.exec(ahead);
    const match = cap ?? floor;
    if (match === null) continue;
    const numeral = numeralAt(words, at + match[0].split(" ").length);
    if (numeral === undefined) continue;
    const isNever = /^(?:never|not|no)$/u.test(words[at - 1]?.lower ?? "");
    const pick = cap === null ? "max" : "min";
    for (const base of bases.slice(0, 8)) {
      if (!isNumber(base.type)) continue;
      found.push({
        text: `${pick}(${base.text}, ${numeral.value})`,
        type: base.type,
        bits: base.bits + (isNever ? 0.7 : 1.5),
      });
    }
  }
  return nearest([...found, ...clampedOf(words, bases)], 12);
}

/** "between 0 and 100". */
function clampedOf(words: readonly Token[], bases: readonly Term[]): readonly Term[] {
  const at = words.findIndex((word) => word.lower === "between");
  const low = at < 0 ? undefined : numeralAt(words, at + 1);
  const high =
    low === undefined || words[low.next]?.lower !== "and" ? undefined : numeralAt(words, low.next + 1);
  if (low === undefined || high === undefined) return [];
  return bases.slice(0, 4).map((base) => ({
    text: `max(${low.value}, min(${operand(base.text)}, ${high.value}))`,
    type: base.type,
    bits: base.bits + 1,
  }));
}
