/** `wafermark info`: the machine, what its JavaScript engine can do, and versions. */
import { EXIT } from "../core/errors.js";
import { defineCommand } from "./context.js";

export const command = defineCommand({
  name: "info",
  summary: "machine, features (SIMD, threads), versions",
  examples: [["wafermark info --json", "the same record that every results file carries"]],
  async run(context) {
    const { machineRecord } = await import("../io/machine.js");
    const { packageVersion } = await import("../io/packagefiles.js");
    const machine = await machineRecord();
    const version = await packageVersion();
    if (context.json) {
      await context.stdout(`${JSON.stringify({ wafermark: version, ...machine }, null, 2)}\n`);
      return EXIT.done;
    }
    const rows = [["wafermark", version], ...Object.entries(machine)].map(
      ([name, value]) => `${name.padEnd(14)}${Array.isArray(value) ? value.join(", ") : String(value)}`,
    );
    await context.stdout(`${rows.join("\n")}\n`);
    return EXIT.done;
  },
});
