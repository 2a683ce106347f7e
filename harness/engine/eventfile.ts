/** Files of events in the line format of core/eventtext.ts: read piece by piece, any size; plain or gzip. */
import type { CollisionEvent, LineProblem } from "../core/eventtext.js";
import { OBJECT_CODES, type ObjectCode } from "../core/eventtext.js";
import { EventReader } from "../core/eventreader.js";
import { defaultLimits } from "../io/limits.js";
import { openSource } from "../io/source.js";

export interface EventFileOptions {
  readonly skipBad?: boolean;
  readonly expectedSha256?: string;
  readonly signal?: AbortSignal;
}

export interface EventStream {
  /** One pass over the file; each batch is what one piece of it ends. */
  batches(): AsyncGenerator<readonly CollisionEvent[]>;
  /** Lines left out so far, by what is wrong with them. */
  skipped(): Readonly<Partial<Record<LineProblem, number>>>;
  /** Of the file's bytes; after the last batch. */
  sha256(): Promise<string>;
}

/** Opens a file of events. Refuses (InputError) at the first bad line, with its place, unless they are skipped and counted. */
export async function openEvents(path: string, options: EventFileOptions = {}): Promise<EventStream> {
  const source = await openSource(path, defaultLimits(), options.expectedSha256);
  const reader = new EventReader({ where: path, skipBad: options.skipBad ?? false });
  return {
    async *batches() {
      for await (const piece of source.chunks()) {
        options.signal?.throwIfAborted();
        const events = reader.push(piece);
        if (events.length > 0) yield events;
      }
      reader.end();
    },
    skipped: () => reader.skipped,
    sha256: () => source.sha256(),
  };
}

export interface EventCensus {
  readonly events: number;
  readonly skipped: Readonly<Partial<Record<LineProblem, number>>>;
  /** Of each code. */
  readonly objects: Readonly<Record<ObjectCode, number>>;
  readonly processes: Readonly<Record<string, number>>;
  /** Largest number of objects of an event. */
  readonly mostObjects: number;
  /** Means, GeV. */
  readonly met: number;
  readonly ht: number;
  readonly sha256: string;
}

const GEV_PER_MEV = 1e-3;

/** What a file of events holds. Memory does not grow with it. */
export async function eventCensus(path: string, options: EventFileOptions = {}): Promise<EventCensus> {
  const stream = await openEvents(path, options);
  const objects = new Map<ObjectCode, number>(OBJECT_CODES.map((code) => [code, 0]));
  const processes = new Map<string, number>();
  let [events, mostObjects, met, ht] = [0, 0, 0, 0];
  for await (const batch of stream.batches()) {
    for (const event of batch) {
      events++;
      mostObjects = Math.max(mostObjects, event.objects.length);
      met += event.met;
      processes.set(event.process, (processes.get(event.process) ?? 0) + 1);
      for (const { code, pt } of event.objects) {
        objects.set(code, (objects.get(code) ?? 0) + 1);
        if (code === "j" || code === "b") ht += pt;
      }
    }
  }
  const perEvent = (sum: number): number => (events === 0 ? 0 : (GEV_PER_MEV * sum) / events);
  return {
    events,
    skipped: stream.skipped(),
    objects: Object.fromEntries(objects) as Record<ObjectCode, number>,
    processes: Object.fromEntries(processes),
    mostObjects,
    met: perEvent(met),
    ht: perEvent(ht),
    sha256: await stream.sha256(),
  };
}
