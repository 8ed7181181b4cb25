import type { Type } from "#anrf/program/type.ts";
import { Some, SortedMap, type Value } from "#anrf/program/value.ts";
import type { Case, GivenConstant } from "./constants.ts";

/** A seeded generator of numbers in [0, 1): mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Inputs that tell programs apart: shown inputs changed a little, edges, and values of the words. The same seed gives the same. */
export function probesOf(
  params: readonly Type[],
  examples: readonly Case[],
  constants: readonly GivenConstant[],
  seed: number,
  count: number,
): readonly (readonly Value[])[] {
  const random = randomOf(seed ^ 0x5eed);
  const source: Source = { random, constants, examples };
  return Array.from({ length: count }, (_, round) =>
    params.map((type, position) => {
      const shown =
        examples.length === 0 ? undefined : examples[Math.floor(random() * examples.length)]?.args[position];
      return shown === undefined || (round % 4 === 3 && examples.length > 1)
        ? fresh(type, source, 3)
        : mutate(shown, type, source);
    }),
  );
}

interface Source {
  readonly random: () => number;
  readonly constants: readonly GivenConstant[];
  readonly examples: readonly Case[];
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)];
}

function mutate(value: Value, type: Type, source: Source): Value {
  const { random } = source;
  switch (type.kind) {
    case "bool":
      return random() < 0.5;
    case "int": {
      const n = Number(value);
      const step = pick([1, 2, 3, 5, -1, -2, 7], random) ?? 1;
      return random() < 0.6 ? n + step : Math.floor(n * random() * 2) + 1;
    }
    case "float":
      return Number(value) + Math.round(random() * 40 - 10) / 4;
    case "string":
      return mutateString(String(value), source);
    case "list":
      return mutateList(value as readonly Value[], type.item, source);
    case "tuple":
      return (value as readonly Value[]).map((item, i) => mutate(item, type.items[i] ?? type, source));
    case "option":
      return value instanceof Some && random() < 0.8
        ? new Some(mutate(value.value, type.item, source))
        : random() < 0.5
          ? null
          : new Some(fresh(type.item, source, 2));
    case "map": {
      const { keys, values } = value as SortedMap;
      return SortedMap.fromEntries(
        keys.map(
          (key, i) =>
            [
              random() < 0.2 ? mutate(key, type.key, source) : key,
              mutate(values[i] ?? null, type.value, source),
            ] as const,
        ),
      );
    }
    default:
      return value;
  }
}

/** Words and characters move, so that positions, cases and delimiters differ while the shape stays. */
function mutateString(value: string, { random }: Source): string {
  const chars = [...value];
  const changed = chars.map((char) => {
    if (random() < 0.5) return char;
    if (/[a-z]/.test(char)) return String.fromCharCode(97 + Math.floor(random() * 26));
    if (/[A-Z]/.test(char)) return String.fromCharCode(65 + Math.floor(random() * 26));
    if (/[0-9]/.test(char)) return String.fromCharCode(48 + Math.floor(random() * 10));
    return char;
  });
  const at = Math.floor(random() * (changed.length + 1));
  const extra = pick(chars, random) ?? "a";
  if (random() < 0.5) changed.splice(at, 0, extra);
  else if (changed.length > 2) changed.splice(at, 1);
  return changed.join("");
}

function mutateList(value: readonly Value[], item: Type, source: Source): Value {
  const { random } = source;
  const items = value.map((one) => (random() < 0.5 ? one : mutate(one, item, source)));
  const model = pick(value, random);
  const added = model === undefined ? fresh(item, source, 2) : mutate(model, item, source);
  const at = Math.floor(random() * (items.length + 1));
  if (random() < 0.6) items.splice(at, 0, added);
  else items.splice(at, 1);
  if (items.length > 1 && random() < 0.5) {
    const from = Math.floor(random() * items.length);
    const [moved] = items.splice(from, 1);
    if (moved !== undefined) items.unshift(moved);
  }
  return items;
}

function fresh(type: Type, source: Source, depth: number): Value {
  const { random } = source;
  const given = source.constants.filter((one) => one.type.text === type.text);
  if (given.length > 0 && random() < 0.3) return pick(given, random)?.value ?? null;
  const length = depth <= 0 ? 0 : Math.floor(random() * 5);
  switch (type.kind) {
    case "bool":
      return random() < 0.5;
    case "int":
      return Math.floor(random() * 21) - 4;
    case "float":
      return Math.round(random() * 80 - 20) / 4;
    case "string":
      return Array.from({ length: length + 2 }, () => pick([..."abcdeABC 12-"], random) ?? "a").join("");
    case "list":
      return Array.from({ length }, () => fresh(type.item, source, depth - 1));
    case "tuple":
      return type.items.map((item) => fresh(item, source, depth - 1));
    case "option":
      return random() < 0.3 ? null : new Some(fresh(type.item, source, depth - 1));
    case "map":
      return SortedMap.fromEntries(
        Array.from(
          { length },
          () => [fresh(type.key, source, depth - 1), fresh(type.value, source, depth - 1)] as const,
        ),
      );
    default:
      return null;
  }
}
