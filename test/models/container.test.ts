/** A container with a model inside: decodes without any other file, and not when the model is another. */
import { describe, expect, it } from "vitest";
import { autoencoderCodec } from "../../harness/codecs/aemodel.js";
import type { Container } from "../../harness/core/container.js";
import { containerColumns } from "../../harness/core/containerheader.js";
import { CELLS } from "../../harness/core/table.js";
import { codecOf, decodeBlock, encodeBlock } from "../../harness/engine/storing.js";
import { packModel } from "../../harness/engine/storedmodel.js";
import { sha256 } from "../../harness/io/hash.js";
import { DECODER_443, ENCODER_443 } from "../../harness/models/catalogue.js";
import type { ImportedPart } from "../../harness/models/imported.js";
import { initialise } from "../../harness/models/initialise.js";
import { plan, type Network } from "../../harness/models/network.js";
import { completeParameters } from "../../harness/core/parameters.js";
import { releaseKernels } from "../wasm/releasekernels.js";

const partOf = (network: Network): ImportedPart => {
  const planned = plan(network);
  return { plan: planned, parameters: initialise(planned, 8) };
};
const parts = { encoder: partOf(ENCODER_443), decoder: partOf(DECODER_443) };
const model = { id: "own", architecture: "own", sha256: "", source: "test", parts };

describe("a model in a container", () => {
  const codec = autoencoderCodec(model, { id: "ae-own", title: "", source: "" });
  const bytes = packModel(model);
  const parameters = completeParameters(codec, { links: 3, order: "interleave" });
  const container = (changes: Partial<Container> = {}): Container => ({
    version: 1,
    header: {
      codec: "ae-own",
      parameters: { ...parameters },
      model: { id: "own", sha256: sha256(bytes) },
      columns: containerColumns([]),
      writer: "test",
    },
    model: bytes,
    rows: 2,
    blocks: [],
    ...changes,
  });

  it("is all that decoding needs", async () => {
    const calq = Float64Array.from({ length: 2 * CELLS }, (_, i) => (i * 37) % 91);
    const open = await codec.open(parameters, releaseKernels);
    const block = await encodeBlock(open, { rows: 2, calq, labels: new Map() }, 0);
    const again = await codecOf(container(), "f.wmk", releaseKernels);
    expect(await decodeBlock(again, block, "f.wmk")).toEqual(await decodeBlock(open, block, "f.wmk"));
    expect(block.payloadBits).toBe(2 * (5 + 9 + 16 * 5));
  });

  it("is refused when it is damaged, missing, or not named", async () => {
    const refused = (changes: Partial<Container>): Promise<unknown> =>
      codecOf(container(changes), "f.wmk", releaseKernels).then(
        () => "accepted",
        (error: unknown) => (error as Error).message,
      );
    const damaged = bytes.slice();
    damaged[bytes.length - 1] ^= 1;
    expect(await refused({ model: damaged })).toMatch(/model: expected SHA-256/);
    expect(await refused({ model: new Uint8Array() })).toMatch(/got a reference only/);
    const { header } = container();
    expect(await refused({ header: { ...header, model: null } })).toMatch(/expected its name in the header/);
    expect(await refused({ header: { ...header, codec: "identity" } })).toMatch(/needs a model/);
  });
});
