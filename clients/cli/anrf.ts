// The command line. bin/anrf runs it under the project's Node.
import { processIo } from "./io.ts";
import { main } from "./main.ts";

// Sockets that are kept alive must not hold the process.
process.exit(await main(process.argv.slice(2), processIo()));
