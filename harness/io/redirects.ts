/** HTTP GET that follows redirects by hand: a bounded number, never round in circles, never from https to anything else. */
import { InputError, LimitError, printable } from "../core/errors.js";

const MOST_REDIRECTS = 8;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Answers with the first response that is no redirect. Refuses (InputError) bad redirects, (LimitError) a server out of reach. */
export async function getFollowing(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  const seen = new Set([url]);
  let now = url;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await got(now, headers, signal);
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    now = nextAddress(now, response.headers.get("location"));
    if (seen.has(now)) throw refused(url, "a redirect in a circle", "an address not visited before", now);
    seen.add(now);
  }
  throw refused(url, "too many redirects", `at most ${MOST_REDIRECTS}`, "more");
}

async function got(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, { headers, redirect: "manual", signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(url, cause);
  }
}

/** Where a redirect leads; refuses (InputError) other protocols than the web's, and a step down from https. */
export function nextAddress(from: string, location: string | null): string {
  if (location === null || !URL.canParse(location, from))
    throw refused(from, "a redirect to nowhere", "an address", location ?? "none");
  const next = new URL(location, from);
  const allowed = from.startsWith("https:") ? ["https:"] : ["http:", "https:"];
  if (allowed.includes(next.protocol)) return next.href;
  throw refused(from, "a redirect to another protocol", allowed.join(" or "), next.protocol);
}

function refused(url: string, what: string, expected: string, got: string): InputError {
  return new InputError(`${url}: ${what}: expected ${expected}, got ${printable(got)}`, {
    tag: "redirect",
    remedy: "open the landing page and import the file by hand",
  });
}

/** A connection that could not be made or broke: worth another try. */
export function unreachable(url: string, cause: unknown): LimitError {
  const inner = (cause as { cause?: { code?: unknown } }).cause?.code;
  const reason = typeof inner === "string" ? inner : cause instanceof Error ? cause.message : String(cause);
  return new LimitError(`${url}: the connection failed: expected the whole file, got ${printable(reason)}`, {
    tag: "network",
    remedy: "the same command goes on from where it stopped",
    safe: "what has arrived is kept",
    cause,
  });
}
