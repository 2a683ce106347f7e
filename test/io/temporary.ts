/** A folder of its own for each test file, removed at the end, and the refusal that an action must give. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { isHarnessError, type HarnessError } from "../../harness/core/errors.js";

export interface Temporary {
  readonly folder: string;
  path(name: string): string;
  write(name: string, content: string | Uint8Array): string;
}

export function temporaryFolder(): Temporary {
  const folder = mkdtempSync(join(tmpdir(), "wafermark-test-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = (name: string): string => join(folder, name);
  return {
    folder,
    path,
    write(name, content) {
      writeFileSync(path(name), content);
      return path(name);
    },
  };
}

/** The refusal that `action` ends with; anything else, success too, fails the test. */
export async function refusal(action: () => unknown): Promise<HarnessError> {
  try {
    await action();
  } catch (error) {
    if (isHarnessError(error)) return error;
    throw error;
  }
  throw new Error("expected a refusal, got success");
}
