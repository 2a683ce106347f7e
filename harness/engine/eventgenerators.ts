/** The generator of events that manifests may name. What it makes is in simulation/jets. */
import { z } from "zod";
import type { LinesGenerator } from "../core/generator.js";
import { eventOf } from "../simulation/jets/events.js";
import { PROCESSES } from "../simulation/jets/processes.js";
import { parsed } from "./generatorparameters.js";

const eventParameters = z.strictObject({ process: z.enum(PROCESSES) });

/** Events as lines: event i has random stream i. */
export const EVENT_GENERATOR: LinesGenerator = {
  kind: "lines",
  name: "collision-events",
  domain: "events",
  unitsPerChunk: 500,
  open(parameters, where) {
    const { process } = parsed(eventParameters, parameters, this.name, where);
    return {
      make(seed, from, to) {
        const lines = Array.from({ length: to - from }, (_, i) => `${eventOf(process, seed, from + i)}\n`);
        return { rows: to - from, lines: lines.join("") };
      },
    };
  },
};
