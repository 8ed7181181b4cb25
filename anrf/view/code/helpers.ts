/**
 * Takes the helpers of a language apart and gives a function that picks those which a text names, and those which they
 * name, in the order of the source. Two empty lines, or one in front of a line that is not indented, end a helper.
 */
export function helperFinder(
  sources: readonly string[],
  naming: RegExp,
  word: RegExp,
): { readonly names: readonly string[]; readonly of: (text: string) => readonly string[] } {
  const chunks = sources.flatMap((source) =>
    source
      .split(/\n\n+(?=\S)/)
      .map((chunk) => chunk.trim())
      .filter((chunk) => chunk !== ""),
  );
  const byName = new Map<string, string>();
  for (const chunk of chunks) {
    const name = naming.exec(chunk)?.[1];
    if (name === undefined) throw new Error(`a helper has no name: ${chunk.slice(0, 60)}`);
    if (byName.has(name)) throw new Error(`two helpers are called ${name}`);
    byName.set(name, chunk);
  }
  const words = (text: string): readonly string[] => text.match(word) ?? [];
  const pick = (text: string): readonly string[] => {
    const used = new Set<string>();
    const pending = [text];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const name of words(next)) {
        const chunk = byName.get(name);
        if (chunk === undefined || used.has(name)) continue;
        used.add(name);
        pending.push(chunk);
      }
    }
    return [...byName].flatMap(([name, chunk]) => (used.has(name) ? [chunk] : []));
  };
  return { names: [...byName.keys()], of: pick };
}
