import { freeNames } from "#anrf/import/source/live.ts";
import type { ModuleSource } from "#anrf/import/source/source.ts";

const MODULES = "math re collections itertools heapq bisect functools operator string copy sys".split(" ");
/** What is commonly taken from them by name. */
const MEMBERS: Readonly<Record<string, string>> = {
  math: "ceil comb factorial floor gcd isqrt lcm log log10 log2 pi prod sqrt",
  collections: "Counter OrderedDict defaultdict deque",
  itertools:
    "accumulate chain combinations combinations_with_replacement dropwhile groupby islice pairwise permutations product starmap takewhile zip_longest",
  heapq: "heapify heappop heappush heappushpop heapreplace nlargest nsmallest",
  bisect: "bisect bisect_left bisect_right insort",
  functools: "cmp_to_key reduce",
  operator: "itemgetter",
};
const ASSUMED: ReadonlyMap<string, string> = new Map([
  ...MODULES.map((name) => [name, name] as const),
  ...Object.entries(MEMBERS).flatMap(([module, names]) =>
    names.split(" ").map((name) => [name, `${module}.${name}`] as const),
  ),
]);

/** The module with imports of what its functions read and nothing in it names, where well-known modules have it. */
export function withAssumedImports(module: ModuleSource): ModuleSource {
  const named = new Set([
    ...module.imports.keys(),
    ...module.functions.map((fn) => fn.name),
    ...module.constants.flatMap(({ targets }) =>
      targets.flatMap((target) => (target.kind === "name" ? [target.name] : [])),
    ),
  ]);
  const assumed = new Map(module.imports);
  for (const fn of module.functions) {
    for (const name of freeNames(fn)) {
      const full = ASSUMED.get(name);
      if (full !== undefined && !named.has(name)) assumed.set(name, full);
    }
  }
  return { ...module, imports: assumed };
}
