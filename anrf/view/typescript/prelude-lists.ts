/** Helpers of the TypeScript view for lists and maps; the form is that of the base. */
export const LISTS: string = `
/** A place moved into 0 to length. */
function $clamp(place: bigint, length: number): number {
  return place <= 0n ? 0 : place < BigInt(length) ? Number(place) : length;
}

function $index(place: bigint, length: number): number {
  return place >= 0n && place < BigInt(length) ? Number(place) : $trap("INDEX", "place " + place + " is outside a list of " + length);
}

function $count(value: bigint, least: bigint): number {
  return value < least ? $trap("INVALID", value + " is less than " + least) : Number(value);
}

function $get<A>(items: readonly A[], place: bigint): A {
  return items[$index(place, items.length)]!;
}

function $at<A>(items: readonly A[], place: bigint): Option<A> {
  return place >= 0n && place < BigInt(items.length) ? { some: items[Number(place)]! } : null;
}

function $set<A>(items: readonly A[], place: bigint, item: A): A[] {
  return items.with($index(place, items.length), item);
}

function $first<A>(items: readonly A[]): Option<A> {
  return items.length === 0 ? null : { some: items[0]! };
}

function $last<A>(items: readonly A[]): Option<A> {
  return items.length === 0 ? null : { some: items[items.length - 1]! };
}

function $insert<A>(items: readonly A[], place: bigint, item: A): A[] {
  return items.toSpliced($index(place, items.length + 1), 0, item);
}

function $removeAt<A>(items: readonly A[], place: bigint): A[] {
  return items.toSpliced($index(place, items.length), 1);
}

/** The items from one place up to another, both moved into the list. */
function $slice<A>(items: readonly A[], from: bigint, to: bigint): readonly A[] {
  return items.slice($clamp(from, items.length), $clamp(to, items.length));
}

function $take<A>(items: readonly A[], count: bigint): readonly A[] {
  return items.slice(0, $clamp(count, items.length));
}

function $drop<A>(items: readonly A[], count: bigint): readonly A[] {
  return items.slice($clamp(count, items.length));
}

function $step<A>(items: readonly A[], start: bigint, step: bigint): A[] {
  if (step === 0n) $trap("INVALID", "the step is 0");
  const taken: A[] = [];
  for (let i = start; i >= 0n && i < BigInt(items.length); i += step) taken.push(items[Number(i)]!);
  return taken;
}

function $swap<A>(items: readonly A[], first: bigint, second: bigint): A[] {
  const [a, b] = [$index(first, items.length), $index(second, items.length)];
  return items.with(a, items[b]!).with(b, items[a]!);
}

function $splice<A>(items: readonly A[], from: bigint, to: bigint, by: readonly A[]): A[] {
  const start = $clamp(from, items.length);
  return [...items.slice(0, start), ...by, ...items.slice(Math.max(start, $clamp(to, items.length)))];
}

function $repeatItem<A>(item: A, count: bigint): A[] {
  return new Array<A>($count(count, 0n)).fill(item);
}

/** The ints from the first up to, but not including, the second. */
function $range(from: bigint, to: bigint): bigint[] {
  return $rangeStep(from, to, 1n);
}

function $rangeStep(from: bigint, to: bigint, step: bigint): bigint[] {
  if (step === 0n) $trap("INVALID", "the step is 0");
  const items: bigint[] = [];
  for (let item = from; step > 0n ? item < to : item > to; item += step) items.push(item);
  return items;
}

function $fold<A, S>(items: readonly A[], start: S, f: (state: S, item: A) => S): S {
  let state = start;
  for (const item of items) state = f(state, item);
  return state;
}

function $foldUntil<A, S>(items: readonly A[], start: S, stop: (state: S) => boolean, f: (state: S, item: A) => S): S {
  let state = start;
  for (const item of items) {
    if (stop(state)) break;
    state = f(state, item);
  }
  return state;
}

function $scan<A, S>(items: readonly A[], start: S, f: (state: S, item: A) => S): S[] {
  let state = start;
  return items.map((item) => (state = f(state, item)));
}

function $mapIndexed<A, B>(items: readonly A[], f: (place: bigint, item: A) => B): B[] {
  return items.map((item, i) => f(BigInt(i), item));
}

function $filterIndexed<A>(items: readonly A[], f: (place: bigint, item: A) => boolean): A[] {
  return items.filter((item, i) => f(BigInt(i), item));
}

function $filterMap<A, B>(items: readonly A[], f: (item: A) => Option<B>): B[] {
  return items.flatMap((item) => $toList(f(item)));
}

function $flatten<A>(lists: readonly (readonly A[])[]): A[] {
  return lists.flatMap((items) => items);
}

function $find<A>(items: readonly A[], f: (item: A) => boolean): Option<A> {
  const place = items.findIndex((item) => f(item));
  return place < 0 ? null : { some: items[place]! };
}

function $place(place: number): Option<bigint> {
  return place < 0 ? null : { some: BigInt(place) };
}

function $findIndex<A>(items: readonly A[], f: (item: A) => boolean): Option<bigint> {
  return $place(items.findIndex((item) => f(item)));
}

function $placeOf<A>(items: readonly A[], item: A): Option<bigint> {
  return $place(items.findIndex((one) => $equal(one, item)));
}

function $contains<A>(items: readonly A[], item: A): boolean {
  return items.some((one) => $equal(one, item));
}

/** How many items at the start the function says true for. */
function $run<A>(items: readonly A[], f: (item: A) => boolean): number {
  const end = items.findIndex((item) => !f(item));
  return end < 0 ? items.length : end;
}

function $takeWhile<A>(items: readonly A[], f: (item: A) => boolean): readonly A[] {
  return items.slice(0, $run(items, f));
}

function $dropWhile<A>(items: readonly A[], f: (item: A) => boolean): readonly A[] {
  return items.slice($run(items, f));
}

function $partition<A>(items: readonly A[], f: (item: A) => boolean): readonly [readonly A[], readonly A[]] {
  const parts: [A[], A[]] = [[], []];
  for (const item of items) parts[f(item) ? 0 : 1].push(item);
  return parts;
}

function $zip<A, B>(a: readonly A[], b: readonly B[]): (readonly [A, B])[] {
  return a.slice(0, b.length).map((item, i) => [item, b[i]!] as const);
}

function $enumerate<A>(items: readonly A[]): (readonly [bigint, A])[] {
  return items.map((item, i) => [BigInt(i), item] as const);
}

function $windows<A>(items: readonly A[], size: bigint): (readonly A[])[] {
  const width = $count(size, 1n);
  return items.flatMap((_, i) => (i + width <= items.length ? [items.slice(i, i + width)] : []));
}

function $chunks<A>(items: readonly A[], size: bigint): (readonly A[])[] {
  const width = $count(size, 1n);
  return items.flatMap((_, i) => (i % width === 0 ? [items.slice(i, i + width)] : []));
}

/** Every choice of so many items, in the order of the list. */
function $combinations<A>(items: readonly A[], size: bigint): (readonly A[])[] {
  const count = $count(size, 0n);
  if (count > items.length) return [];
  if (count === 0) return [[]];
  return items.flatMap((item, i) => $combinations(items.slice(i + 1), size - 1n).map((rest) => [item, ...rest]));
}

function $sort<A>(items: readonly A[]): A[] {
  return items.toSorted($compare);
}

function $sortDesc<A>(items: readonly A[]): A[] {
  return items.toSorted((a, b) => $compare(b, a));
}

function $sortBy<A, K>(items: readonly A[], f: (item: A) => K): A[] {
  const keyed = items.map((item) => [f(item), item] as const);
  return keyed.toSorted((a, b) => $compare(a[0], b[0])).map(([, item]) => item);
}

/** The item whose key is least (sign -1) or greatest (sign 1), the first of equals. */
function $extreme<A, K>(items: readonly A[], f: (item: A) => K, sign: number): Option<A> {
  const keys = items.map((item) => f(item));
  let best = 0;
  keys.forEach((key, i) => {
    if ($compare(key, keys[best]) === sign) best = i;
  });
  return items.length === 0 ? null : { some: items[best]! };
}

function $sum(items: readonly bigint[]): bigint {
  return items.reduce((sum, item) => $int(sum + item), 0n);
}

function $product(items: readonly bigint[]): bigint {
  return items.reduce((product, item) => $int(product * item), 1n);
}

function $distinct<A>(items: readonly A[]): A[] {
  const kept: A[] = [];
  for (const item of items) if (!$contains(kept, item)) kept.push(item);
  return kept;
}

function $remove<A>(items: readonly A[], item: A): readonly A[] {
  const place = items.findIndex((one) => $equal(one, item));
  return place < 0 ? items : items.toSpliced(place, 1);
}

function $intersect<A>(a: readonly A[], b: readonly A[]): A[] {
  return a.filter((item) => $contains(b, item));
}

function $difference<A>(a: readonly A[], b: readonly A[]): A[] {
  return a.filter((item) => !$contains(b, item));
}

/** Where a key stands, or -1 - the place where it would. */
function $key<K, V>(dict: Dict<K, V>, key: K): number {
  let [low, high] = [0, dict.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = $compare(dict[middle]![0], key);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

/** A map of entries in any order; of equal keys the last wins. */
function $dict<K, V>(entries: readonly (readonly [K, V])[]): Dict<K, V> {
  const sorted = entries.toSorted((a, b) => $compare(a[0], b[0]));
  return sorted.filter((entry, i) => i === sorted.length - 1 || $compare(entry[0], sorted[i + 1]![0]) !== 0);
}

function $lookUp<K, V>(dict: Dict<K, V>, key: K): Option<V> {
  const place = $key(dict, key);
  return place < 0 ? null : { some: dict[place]![1] };
}

function $lookUpOr<K, V>(dict: Dict<K, V>, key: K, other: V): V {
  const place = $key(dict, key);
  return place < 0 ? other : dict[place]![1];
}

function $put<K, V>(dict: Dict<K, V>, key: K, value: V): Dict<K, V> {
  const place = $key(dict, key);
  return place < 0 ? dict.toSpliced(-1 - place, 0, [key, value]) : dict.with(place, [dict[place]![0], value]);
}

function $without<K, V>(dict: Dict<K, V>, key: K): Dict<K, V> {
  const place = $key(dict, key);
  return place < 0 ? dict : dict.toSpliced(place, 1);
}

function $update<K, V>(dict: Dict<K, V>, key: K, other: V, f: (value: V) => V): Dict<K, V> {
  return $put(dict, key, f($lookUpOr(dict, key, other)));
}

function $mapValues<K, V, W>(dict: Dict<K, V>, f: (value: V) => W): Dict<K, W> {
  return dict.map(([key, value]) => [key, f(value)] as const);
}

function $filterEntries<K, V>(dict: Dict<K, V>, f: (key: K, value: V) => boolean): Dict<K, V> {
  return dict.filter(([key, value]) => f(key, value));
}

function $groupBy<A, K>(items: readonly A[], f: (item: A) => K): Dict<K, readonly A[]> {
  const groups: [K, A[]][] = [];
  const keyed = items.map((item) => [f(item), item] as const);
  for (const [key, item] of keyed.toSorted((a, b) => $compare(a[0], b[0]))) {
    const last = groups.at(-1);
    if (last !== undefined && $compare(last[0], key) === 0) last[1].push(item);
    else groups.push([key, [item]]);
  }
  return groups;
}

function $tally<K>(items: readonly K[]): Dict<K, bigint> {
  return $groupBy(items, (item) => item).map(([key, group]) => [key, BigInt(group.length)] as const);
}
`;
