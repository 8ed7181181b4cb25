/**
 * The key by which words of English are compared: plural, -ing, -ed and a last e are taken off. It need not be a word of the
 * language; it only has to be the same for "remove", "removes", "removing" and "removed".
 */
export function stem(word: string): string {
  const known = IRREGULAR.get(word);
  if (known !== undefined) return known;
  let base = word.replace(/['’]s$/u, "");
  if (base.length > 3 && base.endsWith("s") && !/(?:ss|us|is)$/u.test(base)) base = singular(base);
  const cut = IRREGULAR.get(base) ?? base.replace(/(?:ied)$/u, "y").replace(/(?:ing|ed)$/u, "");
  if (cut !== base && cut.length >= 3 && /[aeiouy]/u.test(cut)) base = undouble(cut);
  return base.length > 3 && base.endsWith("e") ? base.slice(0, -1) : base;
}

const IRREGULAR = new Map<string, string>([
  ["indices", "index"],
  ["indexes", "index"],
  ["matrices", "matrix"],
  ["vertices", "vertex"],
  ["frequencies", "frequency"],
  ["chars", "char"],
  ["character", "char"],
  ["characters", "char"],
  ["numbers", "number"],
  ["nums", "number"],
  ["num", "number"],
  ["ints", "integer"],
  ["int", "integer"],
  ["maxima", "maximum"],
  ["minima", "minimum"],
  ["biggest", "largest"],
  ["greatest", "largest"],
  ["split", "split"],
  ["splitting", "split"],
  ["kept", "keep"],
  ["found", "find"],
  ["began", "begin"],
  ["begun", "begin"],
  ["written", "write"],
  ["taken", "take"],
  ["chosen", "choose"],
  ["given", "given"],
  ["children", "child"],
  ["halves", "half"],
  ["this", "this"],
  ["string", "string"],
  ["during", "during"],
  ["nothing", "nothing"],
  ["something", "something"],
  ["anything", "anything"],
  ["everything", "everything"],
  ["being", "being"],
  ["less", "less"],
  ["need", "need"],
  ["speed", "speed"],
  ["seed", "seed"],
  ["red", "red"],
]);

function singular(word: string): string {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:[sxz]|ch|sh)es$/u.test(word) && !/(?:[aeiou]ses|zes)$/u.test(word)) return word.slice(0, -2);
  return word.slice(0, -1);
}

function undouble(word: string): string {
  return /([bdgmnprt])\1$/u.test(word) ? word.slice(0, -1) : word;
}
