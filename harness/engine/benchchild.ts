/**
 * Main file of a measuring process: one job as a JSON line on stdin, one reply as a JSON line on stdout, then the end.
 *
 * When the parent goes away its end of stdin closes and this process stops too, so that no measurement outlives its asker.
 */
import { createInterface } from "node:readline";
import { benchJob } from "./benchmessage.js";
import { runBenchJob } from "./benchmeasure.js";

const lines = createInterface({ input: process.stdin });
let replied = false;

async function answer(line: string): Promise<void> {
  const reply = await runBenchJob(benchJob.parse(JSON.parse(line)));
  replied = true;
  process.stdout.write(`${JSON.stringify(reply)}\n`, () => process.exit(0));
}

lines.once("line", (line) => {
  answer(line).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
});
lines.once("close", () => {
  if (!replied) process.exit(1);
});
