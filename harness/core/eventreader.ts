/**
 * Events out of pieces of a file, in any sizes: memory holds one piece and one line.
 *
 * A file has one kind of line ending, its first line's. A line that is no event ends the reading with its place, or is left out and
 * counted by what is wrong with it; no event is lost without one or the other.
 */
import { BadLine, parseEventLine, type CollisionEvent, type LineProblem } from "./eventtext.js";

export interface EventReaderOptions {
  /** The file, for refusals. */
  readonly where: string;
  /** Leave bad lines out and count them. */
  readonly skipBad?: boolean;
}

const LONGEST_LINE = 1 << 20;
const LINE_FEED = 10;

const tooLong = (): BadLine =>
  new BadLine("too long", LONGEST_LINE, `expected at most ${LONGEST_LINE} bytes, got more`);

export class EventReader {
  readonly #where: string;
  readonly #skipBad: boolean;
  readonly #skipped = new Map<LineProblem, number>();
  readonly #decoder = new TextDecoder("latin1"); // columns are bytes; what is not ASCII is no event
  #rest = "";
  /** The rest of a line that was too long is passed over. */
  #passing = false;
  #line = 0;
  #returns: boolean | undefined;
  #events = 0;

  constructor({ where, skipBad = false }: EventReaderOptions) {
    this.#where = where;
    this.#skipBad = skipBad;
  }

  /** Lines left out so far, by what is wrong with them. */
  get skipped(): Readonly<Partial<Record<LineProblem, number>>> {
    return Object.fromEntries(this.#skipped);
  }

  get events(): number {
    return this.#events;
  }

  /** True when the file's lines end in carriage return and line feed. */
  get returns(): boolean {
    return this.#returns === true;
  }

  /** Events that end in this piece. Throws InputError at a bad line. */
  push(bytes: Uint8Array): CollisionEvent[] {
    const events: CollisionEvent[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      const line = this.#rest + this.#decoder.decode(bytes.subarray(from, end));
      this.#rest = "";
      from = end + 1;
      this.#take(line, events);
    }
    this.#keep(this.#decoder.decode(bytes.subarray(from)));
    return events;
  }

  /** To be called behind the last piece: a last line without its end was cut off. */
  end(): void {
    if (this.#rest === "" && !this.#passing) return;
    this.#line++;
    if (this.#passing) return;
    const column = this.#rest.length + 1;
    this.#refuse(
      new BadLine("no line ending", column, "expected a line feed, got the end of the file: was it cut off?"),
    );
  }

  #keep(text: string): void {
    if (this.#passing) return;
    this.#rest += text;
    if (this.#rest.length <= LONGEST_LINE) return;
    this.#line++;
    this.#refuse(tooLong());
    this.#line--;
    this.#rest = "";
    this.#passing = true;
  }

  #take(line: string, events: CollisionEvent[]): void {
    this.#line++;
    if (this.#passing) {
      this.#passing = false;
      return;
    }
    try {
      if (line.length > LONGEST_LINE) throw tooLong();
      events.push(parseEventLine(this.#withoutReturn(line)));
      this.#events++;
    } catch (error) {
      if (!(error instanceof BadLine)) throw error;
      this.#refuse(error);
    }
  }

  #withoutReturn(line: string): string {
    const returns = line.endsWith("\r");
    this.#returns ??= returns;
    if (returns !== this.#returns) {
      const [expected, got] = returns ? ["LF as before", "CR LF"] : ["CR LF as before", "LF"];
      throw new BadLine(
        "other line ending",
        line.length + (returns ? 0 : 1),
        `expected ${expected}, got ${got}`,
      );
    }
    return returns ? line.slice(0, -1) : line;
  }

  #refuse(bad: BadLine): void {
    if (!this.#skipBad) throw bad.refusal(this.#where, this.#line);
    this.#skipped.set(bad.problem, (this.#skipped.get(bad.problem) ?? 0) + 1);
  }
}
