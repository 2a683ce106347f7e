/** The .wmk container: round trips, the file of version 1 that must decode for ever, and C3: damage is never silent. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  ContainerEncoder,
  decodeContainer,
  type Block,
  type Container,
} from "../../harness/core/container.js";
import { containerColumns, type ContainerHeader } from "../../harness/core/containerheader.js";
import { crc32c } from "../../harness/core/crc32c.js";
import { rng } from "../../harness/core/rng.js";
import type { Label } from "../../harness/core/table.js";
import { sha256 } from "../../harness/io/hash.js";
import { refusal } from "./temporary.js";

const GOLDEN = fileURLToPath(new URL("golden/v1.wmk", import.meta.url));
const GOLDEN_SHA256 = "3135680ec5de481eb84d3d1079680dac296ded38a2e3215023ca2afe7e563305";

function header(labels: readonly Label[] = []): ContainerHeader {
  return {
    codec: "best-choice",
    parameters: { links: 2, drop: 1, variant: "calq", exact: true },
    model: null,
    columns: containerColumns(labels),
    writer: "wafermark 0.1.0",
  };
}

function block(rows: number, labels: readonly Label[], seed: number): Block {
  const random = rng(seed);
  const payloadBits = rows * 13 + 3;
  const payload = Uint8Array.from({ length: Math.ceil(payloadBits / 8) }, () => random.integer(256));
  payload[payload.length - 1] &= 0xff << (8 * payload.length - payloadBits);
  return {
    rows,
    payloadBits,
    payload,
    labels: new Map(
      labels.map((label) => [label, Float64Array.from({ length: rows }, () => random.normal())]),
    ),
  };
}

function encode(labels: readonly Label[], blocks: readonly Block[], model = new Uint8Array(0)): Uint8Array {
  const encoder = new ContainerEncoder(header(labels), model);
  return Buffer.concat([encoder.start(), ...blocks.map((each) => encoder.block(each)), encoder.end()]);
}

/** The synthetic container of the golden file. */
const goldenBlocks = [block(5, ["eta", "layer"], 11), block(3, ["eta", "layer"], 12)];
const goldenBytes = encode(["eta", "layer"], goldenBlocks, Uint8Array.of(1, 2, 3));

const decode = (bytes: Uint8Array): Container => decodeContainer(bytes, "x.wmk");

describe("crc32c", () => {
  it("gives the published check values", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(new Uint8Array(0))).toBe(0);
  });

  it("goes on from any point", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i * 7);
    for (let cut = 0; cut <= 100; cut++)
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  });
});

describe("decodeContainer", () => {
  it("gives back header, model, rows, bits and labels", () => {
    const { version, header: read, model, rows, blocks } = decode(goldenBytes);
    expect({ version, read, rows }).toEqual({ version: 1, read: header(["eta", "layer"]), rows: 8 });
    expect(Array.from(model)).toEqual([1, 2, 3]);
    expect(blocks.map(({ payloadBits, payload }) => [payloadBits, Array.from(payload)])).toEqual(
      goldenBlocks.map(({ payloadBits, payload }) => [payloadBits, Array.from(payload)]),
    );
    blocks.forEach(({ labels }, i) => {
      expect(labels).toEqual(goldenBlocks[i].labels);
    });
  });

  it("reads a container without rows, from a view with an offset", () => {
    const bytes = encode([], []);
    const around = new Uint8Array(bytes.length + 9).fill(255);
    around.set(bytes, 5);
    expect(decode(around.subarray(5, 5 + bytes.length)).rows).toBe(0);
  });

  it("decodes the committed file of version 1 to what it always was", () => {
    const bytes = readFileSync(GOLDEN);
    expect(sha256(bytes)).toBe(GOLDEN_SHA256);
    const { rows, blocks, header: read } = decode(bytes);
    expect(read).toEqual(header(["eta", "layer"]));
    expect(rows).toBe(8);
    expect(Array.from(blocks[1].payload)).toEqual(Array.from(goldenBlocks[1].payload));
    expect(Buffer.from(goldenBytes).equals(bytes)).toBe(true); // and it is still what this version writes
  });
});

describe("damage", () => {
  const small = encode(["eta"], [block(4, ["eta"], 3), block(2, ["eta"], 4)]);
  const large = encode([], [block(250, [], 5)]);

  it("every single-bit flip is refused", () => {
    for (const bytes of [goldenBytes, small, large, encode([], [])]) {
      expect(bytes.length).toBeLessThan(6000);
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const bad = Uint8Array.from(bytes);
        bad[bit >> 3] ^= 1 << (bit & 7);
        expect(() => decode(bad), `bit ${bit}`).toThrow(expect.objectContaining({ exitCode: 3 }));
      }
    }
  });

  it("every truncation is refused", () => {
    for (const bytes of [goldenBytes, small, large]) {
      for (let length = 0; length < bytes.length; length++)
        expect(() => decode(bytes.subarray(0, length))).toThrow(expect.objectContaining({ exitCode: 3 }));
    }
  });

  it("row 9: bytes behind the end are refused with their number", async () => {
    const error = await refusal(() => decode(Buffer.concat([small, new Uint8Array(17)])));
    expect(error.message).toBe("x.wmk: bytes behind the end of the container: expected none, got 17");
  });

  it("row 7: an unknown version is named, not guessed", async () => {
    const bad = Uint8Array.from(small);
    bad[4] = 2;
    expect((await refusal(() => decode(bad))).message).toBe(
      "x.wmk: unknown container version: expected 1, got 2",
    );
  });

  it("row 8: a wrong checksum", async () => {
    const bad = Uint8Array.from(small);
    bad[bad.length - 8] ^= 1;
    expect(await refusal(() => decode(bad))).toMatchObject({ tag: "checksum", exitCode: 3 });
  });

  it("row 11: counts are compared with the bytes that are there", () => {
    const starts = [8, 12]; // header and model length
    const firstBlock = decodeOffset(goldenBytes);
    for (const at of [...starts, firstBlock + 4, firstBlock + 8]) {
      for (const count of [0, 2 ** 31, 2 ** 32 - 1]) {
        const bad = Uint8Array.from(goldenBytes);
        new DataView(bad.buffer).setUint32(at, count, true);
        expect(() => decode(bad)).toThrow(expect.objectContaining({ exitCode: 3 }));
      }
    }
  });

  it.each([
    ["text", Buffer.from("CALQ_0,CALQ_1\n")],
    ["nothing", new Uint8Array(0)],
    ["the magic alone", Buffer.from("WMK1")],
    ["two containers", Buffer.concat([small, small])],
  ])("%s is refused", (_, bytes) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ exitCode: 3 }));
  });

  it("headers with valid checksums that say impossible things", () => {
    const bad = (change: object): Uint8Array => {
      const encoder = new ContainerEncoder({ ...header(), ...change });
      return Buffer.concat([encoder.start(), encoder.end()]);
    };
    const columns = containerColumns(["eta", "phi"]);
    for (const change of [
      { codec: "../x" },
      { codec: 7 },
      { extra: 1 },
      { parameters: { __proto__x: { deep: 1 } } },
      { parameters: { "a b": 1 } },
      { model: { id: "x", sha256: "00" } },
      { columns: [] },
      { columns: columns.slice(1) },
      { columns: [...columns].reverse() },
      { columns: [...columns, columns[49]] },
      { columns: [...columns.slice(0, 48), { ...columns[48], name: "colour" }] },
      { columns: columns.map((column) => ({ ...column, dtype: "float32" })) },
    ])
      expect(() => decode(bad(change)), JSON.stringify(change).slice(0, 60)).toThrow(
        expect.objectContaining({ exitCode: 3, tag: "corrupt" }),
      );
  });

  it("2,000 mutants of several bytes: refused, or the same file", () => {
    const random = rng(20241125);
    for (let mutant = 0; mutant < 2000; mutant++) {
      const bytes = [goldenBytes, small, large][mutant % 3];
      const bad = Uint8Array.from(bytes);
      for (let k = 1 + random.integer(8); k > 0; k--) bad[random.integer(bad.length)] = random.integer(256);
      if (Buffer.from(bad).equals(bytes)) continue;
      expect(() => decode(bad)).toThrow(expect.objectContaining({ exitCode: 3 }));
    }
  });
});

describe("ContainerEncoder", () => {
  it("writes the same bytes twice", () => {
    const again = encode(["eta", "layer"], goldenBlocks, Uint8Array.of(1, 2, 3));
    expect(Buffer.from(again).equals(goldenBytes)).toBe(true);
  });

  it.each([
    ["no rows", { rows: 0 }],
    ["too many rows", { rows: 65537 }],
    ["fewer bits than rows", { payloadBits: 1 }],
    ["another payload length", { payload: new Uint8Array(1) }],
  ])("refuses a block with %s", (_, change) => {
    const encoder = new ContainerEncoder(header());
    encoder.start();
    expect(() => encoder.block({ ...block(4, [], 1), ...change })).toThrow(RangeError);
  });

  it("refuses labels that are missing or of another length", () => {
    const encoder = new ContainerEncoder(header(["eta"]));
    expect(() => encoder.block(block(4, [], 1))).toThrow(RangeError);
    expect(() =>
      encoder.block({ ...block(4, [], 1), labels: new Map([["eta", new Float64Array(3)]]) }),
    ).toThrow(RangeError);
  });
});

/** Offset of the first block: behind the prelude, the header, the model and their checksum. */
function decodeOffset(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return 16 + view.getUint32(8, true) + view.getUint32(12, true) + 4;
}
