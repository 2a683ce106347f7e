/**
 * JSON read strictly: what JSON.parse lets through or changes in silence is refused with line and column.
 *
 * Refused: repeated keys, `__proto__`, nesting deeper than 64, numbers that a float64 cannot hold (1e400, whole numbers
 * beyond 2^53 that would be rounded), comments, trailing commas, NaN, anything after the value. Objects have no prototype.
 */
import { InputError, printable } from "./errors.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const DEEPEST = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** A string without escapes: the common case. */
const PLAIN = /"[^"\\\u0000-\u001f]*"/y;
const ESCAPED = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

class StrictReader {
  #at = 0;

  constructor(
    readonly text: string,
    readonly name: string,
  ) {}

  document(): Json {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.text.length) this.#refuse("text after the JSON value", "the end of the text");
    return value;
  }

  #refuse(wrong: string, expected: string, tag = "json"): never {
    const before = this.text.slice(0, this.#at).split("\n");
    const place = `line ${before.length} column ${before[before.length - 1].length + 1}`;
    const rest = this.text.slice(this.#at, this.#at + 20);
    const got = rest === "" ? "the end of the text" : printable(rest);
    throw new InputError(`${this.name}: ${place}: ${wrong}: expected ${expected}, got ${got}`, { tag });
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #value(depth: number): Json {
    this.#skipSpace();
    if (depth > DEEPEST) this.#refuse("nested too deeply", `at most ${DEEPEST} levels`);
    switch (this.text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.#at)) this.#refuse("not a JSON value", "a JSON value");
    this.#at += word.length;
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.text)?.[0];
    if (found === undefined) this.#refuse("not a JSON value", "a JSON value");
    const value = Number(found);
    // A whole number is exact, or it is the form in which this float64 is written.
    const rounded =
      /^-?\d+$/.test(found) && !Number.isSafeInteger(value) && String(value) !== found && value !== 0;
    if (!Number.isFinite(value) || rounded) {
      this.#refuse("number out of range", "a number that a float64 holds exactly");
    }
    this.#at += found.length;
    return value;
  }

  #string(): string {
    for (const pattern of [PLAIN, ESCAPED]) {
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.text)?.[0];
      if (found === undefined) continue;
      this.#at += found.length;
      return pattern === PLAIN ? found.slice(1, -1) : (JSON.parse(found) as string);
    }
    return this.#refuse("not a JSON string", "a closed string with JSON escapes");
  }

  #array(depth: number): Json[] {
    const values: Json[] = [];
    this.#at++;
    this.#skipSpace();
    if (this.#took("]")) return values;
    for (;;) {
      values.push(this.#value(depth + 1));
      this.#skipSpace();
      if (this.#took("]")) return values;
      if (!this.#took(",")) this.#refuse("array not closed", '"," or "]"');
    }
  }

  #object(depth: number): Record<string, Json> {
    const members = Object.create(null) as Record<string, Json>;
    this.#at++;
    this.#skipSpace();
    if (this.#took("}")) return members;
    for (;;) {
      this.#skipSpace();
      const start = this.#at;
      const key = this.#string();
      if (key === "__proto__" || key in members) {
        this.#at = start;
        this.#refuse(key === "__proto__" ? "key not allowed" : "key given twice", "each key once");
      }
      this.#skipSpace();
      if (!this.#took(":")) this.#refuse("key without value", '":"');
      members[key] = this.#value(depth + 1);
      this.#skipSpace();
      if (this.#took("}")) return members;
      if (!this.#took(",")) this.#refuse("object not closed", '"," or "}"');
    }
  }

  #took(character: string): boolean {
    if (this.text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

/** The value in `text`; refuses (InputError) what the header lists. `name` is what messages call the text. */
export function parseStrictJson(text: string, name: string): Json {
  return new StrictReader(text.startsWith("\ufeff") ? text.slice(1) : text, name).document();
}
