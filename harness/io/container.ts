/** .wmk containers on disk: written block by block behind an atomic rename, read whole within the memory budget. */
import { ContainerEncoder, decodeContainer, type Block, type Container } from "../core/container.js";
import type { ContainerHeader } from "../core/containerheader.js";
import { AtomicFile } from "./atomic.js";
import { defaultLimits } from "./limits.js";
import { openSource } from "./source.js";

export class ContainerFile {
  private constructor(
    private readonly file: AtomicFile,
    private readonly encoder: ContainerEncoder,
  ) {}

  static async create(path: string, header: ContainerHeader, model?: Uint8Array): Promise<ContainerFile> {
    const container = new ContainerFile(await AtomicFile.create(path), new ContainerEncoder(header, model));
    await container.file.write(container.encoder.start());
    return container;
  }

  async append(block: Block): Promise<void> {
    await this.file.write(this.encoder.block(block));
  }

  /** Writes index and checksum and puts the file in place; answers with its size in bytes. */
  async commit(): Promise<number> {
    await this.file.write(this.encoder.end());
    await this.file.commit();
    return this.file.position;
  }

  /** Removes what was written; harmless after `commit`. */
  async abandon(): Promise<void> {
    await this.file.abandon();
  }
}

/** Reads and checks a container; refuses (InputError, LimitError) everything that is not exactly one. */
export async function readContainer(path: string, limits = defaultLimits()): Promise<Container> {
  const source = await openSource(path, limits);
  return decodeContainer(await source.bytes(), path);
}
