/**
 * The output buffer behind threshold-sum: smooths events of variable length onto links of constant rate.
 *
 * An event that would overfill it is replaced by a one-word stand-in (type 110); when it is nearly full, short events are
 * replaced too (type 111). Per crossing two 16-bit words leave for each link; gaps are filled with idle words.
 * Source: ECON-T emulator, checked on the published test vectors.
 */
import { BitReader, BitWriter } from "../core/bits.js";
import {
  BUFFER_WORD_BITS,
  EVENT,
  eventWords,
  packThresholdSum,
  replacedEvent,
  type ThresholdSumEvent,
} from "./thresholdsum.js";

export interface BufferThresholds {
  /** Most words that may wait after an event was added. */
  readonly t1: number;
  /** Above this many waiting words, short events are replaced. */
  readonly t2: number;
  /** Events of up to this many words are short. */
  readonly t3: number;
}

/** The longest event: header, type, sum, map and 48 charges. */
const LONGEST_EVENT = 25;

/**
 * The thresholds that a number of links asks for when no register sets them: 12 crossings' worth of words, and room for the
 * longest event below it. With one link that room would be negative, which no register can hold: it is 0 then.
 */
export function defaultBufferThresholds(links: number): BufferThresholds {
  const t1 = 24 * links;
  return { t1, t2: Math.max(0, t1 - LONGEST_EVENT), t3: LONGEST_EVENT };
}

/** 16-bit words that leave per crossing. */
export function wordsPerCrossing(links: number): number {
  return 2 * links;
}

/** The event that enters a buffer in which `waiting` words stand: itself or its stand-in. */
export function admit(
  event: ThresholdSumEvent,
  calq: ArrayLike<number>,
  waiting: number,
  thresholds: BufferThresholds,
): ThresholdSumEvent {
  const words = eventWords(event);
  if (waiting + words > thresholds.t1) return replacedEvent(calq, event.header, EVENT.overflow);
  if (waiting > thresholds.t2 && words <= thresholds.t3)
    return replacedEvent(calq, event.header, EVENT.drained);
  return event;
}

/** Words that wait after an event entered and a crossing's share left. */
export function waitingAfter(waiting: number, event: ThresholdSumEvent, links: number): number {
  return Math.max(0, waiting + eventWords(event) - wordsPerCrossing(links));
}

/** Idle word: the 5-bit header, then the link reset pattern (11 bits). */
export function idleWord(header: number, linkResetPattern: number): number {
  return header * 2048 + linkResetPattern;
}

/** A buffer with its content: one object per chip, fed one event per crossing. */
export class ThresholdBuffer {
  readonly #links: number;
  readonly #thresholds: BufferThresholds;
  readonly #linkResetPattern: number;
  #words: number[] = [];

  constructor(links: number, thresholds: BufferThresholds, linkResetPattern: number) {
    this.#links = links;
    this.#thresholds = thresholds;
    this.#linkResetPattern = linkResetPattern;
  }

  /** Takes the event of a crossing in and gives the 16-bit words [2 links] that leave in it. */
  step(event: ThresholdSumEvent, calq: ArrayLike<number>): number[] {
    this.#append(admit(event, calq, this.#words.length, this.#thresholds));
    const leaving = this.#words.splice(0, wordsPerCrossing(this.#links));
    while (leaving.length < wordsPerCrossing(this.#links))
      leaving.push(idleWord(event.header, this.#linkResetPattern));
    return leaving;
  }

  #append(event: ThresholdSumEvent): void {
    const writer = new BitWriter(64);
    packThresholdSum(writer, event);
    const reader = new BitReader(writer.toBytes());
    for (let i = 0; i < eventWords(event); i++) this.#words.push(reader.read(BUFFER_WORD_BITS));
  }
}
