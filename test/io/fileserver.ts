/** A web server on this machine whose answers a test chooses. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly base: string;
  /** Requests so far, as path and Range header. */
  readonly seen: { readonly path: string; readonly range: string | undefined }[];
  answer: Answer;
}

export async function fileServer(): Promise<FileServer> {
  const seen: FileServer["seen"] = [];
  const state: { answer: Answer } = {
    answer: (_, response) => void response.writeHead(404).end(),
  };
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? "", range: request.headers.range });
    state.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    seen,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
  };
}

/**
 * Serves `content` under one ETag, with ranges unless told otherwise. `cutAfter` breaks the connection after so many bytes, as soon
 * as `reached` says that the file has grown to them: what a client has not read when a connection breaks is lost to it.
 */
export function serving(
  content: Uint8Array,
  { etag = '"v1"', ranges = true, cutAfter = Infinity, reached = (bytes: number): boolean => bytes > 0 } = {},
): Answer {
  return (request, response) => {
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    const continues = ranges && asked !== undefined && request.headers["if-range"] === etag;
    const from = continues ? Number(asked) : 0;
    if (from >= content.length) {
      response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
      return;
    }
    response.writeHead(continues ? 206 : 200, {
      ETag: etag,
      "Content-Length": content.length - from,
      ...(continues ? { "Content-Range": `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    });
    const body = content.subarray(from, from + cutAfter);
    if (body.length === content.length - from) response.end(body);
    else {
      response.write(body);
      const look = setInterval(() => {
        if (!reached(from + body.length)) return;
        clearInterval(look);
        response.destroy();
      }, 5);
    }
  };
}
