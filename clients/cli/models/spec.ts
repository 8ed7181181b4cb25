import type { Argument, Flag, Verb } from "../spec.ts";
import { KNOWN_MODELS } from "./known.ts";

const PAGES: readonly Flag[] = [
  { name: "limit", short: "n", value: "N", help: "how many; 50 by default" },
  { name: "page-token", value: "TOKEN", help: "go on after an earlier page" },
];
const VERSION: Argument = { name: "NAME@VERSION", help: "the model and its version" };
const SIGN: Flag = { name: "sign", value: "FILE", help: "sign it with this private key, see model keygen" };
const REPORT: Flag = { name: "report", value: "JSON", help: "its report card; @FILE reads a file" };

/** Verbs of the registry of models. */
export const MODEL_VERBS: readonly Verb[] = [
  {
    name: "model import",
    group: "resources",
    summary: "store a model of yours: upload its files, make a version",
    args: [
      {
        name: "PATH",
        optional: true,
        help: "a .gguf file (one part of a split one), a folder, a folder of the Hugging Face cache, or a URL",
      },
    ],
    flags: [
      { name: "name", value: "NAME", help: "what it is called here; from the file's name if absent" },
      { name: "description", value: "TEXT", help: "what it is, in a sentence" },
      { name: "license", value: "NAME", help: "as SPDX names it; from the file if absent" },
      { name: "attribution", value: "TEXT", help: "whom to name" },
      {
        name: "notation",
        value: "NAME",
        choices: ["python", "anrf"],
        help: "what it writes; python by default",
      },
      {
        name: "chat-format",
        value: "NAME",
        choices: ["chatml", "llama3", "gemma", "mistral", "plain"],
        help: "the marks between messages; from the file if absent",
      },
      { name: "remote", value: "MODEL", help: "no files: another server runs it, and calls it so" },
      REPORT,
      SIGN,
    ],
    calls: true,
    exits: [],
    samples: [
      {
        command: "anrf model import ./qwen.gguf --name qwen --license Apache-2.0",
        does: "prints name and digest",
      },
      {
        command: "anrf model import --remote qwen2.5-coder:7b --name ollama-qwen",
        does: "a model of another server",
      },
    ],
  },
  {
    name: "model add",
    group: "resources",
    summary: "store a well-known model from your copy or an address; a wrong digest is refused",
    args: [{ name: "NAME", help: KNOWN_MODELS.map(({ name }) => name).join(", ") }],
    flags: [{ name: "from", value: "FILE|URL", help: "its publisher's file, wherever you have it" }, SIGN],
    calls: true,
    exits: [],
    samples: [
      {
        command:
          "anrf model add qwen2.5-coder-0.5b-instruct --from ./qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        does: "checks size and SHA-256, then stores it with its card",
      },
    ],
  },
  {
    name: "model list",
    group: "resources",
    summary: "models, the last made first",
    args: [],
    flags: PAGES,
    calls: true,
    exits: [],
    samples: [{ command: "anrf model list", does: "names, versions, sizes, licences, aliases" }],
  },
  {
    name: "model show",
    group: "resources",
    summary: "what is known of a model, with its versions",
    args: [{ name: "NAME[@VERSION]", help: "the model" }],
    flags: [],
    calls: true,
    exits: [],
    samples: [{ command: "anrf model show qwen@1", does: "digest, files, card, signature, report card" }],
  },
  {
    name: "model alias",
    group: "resources",
    summary: "let an alias point to a version; champion only past its bars",
    args: [
      { name: "ALIAS", help: "such as champion or canary" },
      { name: "NAME[@VERSION]", help: "the model and its version" },
    ],
    flags: [
      { name: "remove", help: "remove the alias instead" },
      { name: "etag", value: "TEXT", help: "refuse if it has moved since" },
    ],
    calls: true,
    exits: [],
    samples: [
      { command: "anrf model alias champion qwen@3", does: "moves it, or lists the bars that are missing" },
    ],
  },
  {
    name: "model keygen",
    group: "resources",
    summary: "make a P-256 key pair for signing models",
    args: [{ name: "FILE", help: "gets the private key (mode 0600); FILE.pub gets the public one" }],
    flags: [],
    calls: false,
    exits: [],
    samples: [
      { command: "anrf model keygen ~/model-key.pem", does: "writes both files, and overwrites none" },
    ],
  },
  {
    name: "model sign",
    group: "resources",
    summary: "sign a version that is stored",
    args: [VERSION],
    flags: [{ name: "key", value: "FILE", help: "the private key" }],
    calls: true,
    exits: [],
    samples: [
      {
        command: "anrf model sign qwen@1 --key ~/model-key.pem",
        does: "says whether the platform trusts it",
      },
    ],
  },
  {
    name: "model verify",
    group: "resources",
    summary: "check a version's digest and signature here",
    args: [VERSION],
    flags: [{ name: "key", value: "FILE", help: "the public key; without it only the digest is checked" }],
    calls: true,
    exits: [3],
    samples: [
      { command: "anrf model verify qwen@1 --key ~/model-key.pem.pub", does: "exits 3 if it is not right" },
    ],
  },
  {
    name: "model remove",
    group: "resources",
    summary: "hide a version; its files go later",
    args: [VERSION],
    flags: [],
    calls: true,
    exits: [],
    samples: [{ command: "anrf model remove qwen@1", does: "refused while an alias points at it" }],
  },
];
