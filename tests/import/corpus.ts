import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One function of the importer's own corpus, with all that it needs. */
export interface Subject {
  /** Of the function that is imported. */
  readonly name: string;
  /** The file, such as `lists.py`. */
  readonly file: string;
  readonly source: string;
  /** Why it has to be refused; absent where it should be accepted. */
  readonly refused?: string;
}

const CORPUS = join(import.meta.dirname, "../../anrf/import/testdata");
const MARK = /^(?:#|\/\/) case: (\w+)(?:; refused: (.+))?\n/gm;

/**
 * The functions of one language, in the order of their files. A file holds many: each begins with a line
 * `# case: name` (`// case: name`), with `; refused: why` where the importer has to refuse it.
 */
export function readCorpus(language: "python" | "typescript"): readonly Subject[] {
  const folder = join(CORPUS, language);
  return readdirSync(folder)
    .sort()
    .flatMap((file) => subjectsOf(file, readFileSync(join(folder, file), "utf8")));
}

function subjectsOf(file: string, text: string): readonly Subject[] {
  const marks = [...text.matchAll(MARK)];
  return marks.map((mark, index) => {
    const [line, name = "", refused] = mark;
    const source = text.slice(mark.index + line.length, marks[index + 1]?.index);
    return { name, file, source: `${source.trimEnd()}\n`, ...(refused === undefined ? {} : { refused }) };
  });
}
