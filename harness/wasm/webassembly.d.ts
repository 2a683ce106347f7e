/**
 * The part of the WebAssembly JavaScript interface that Wafermark uses, in the form of TypeScript's own lib.dom.d.ts.
 *
 * Declared here because the harness is compiled without the browser's library, which would let page globals slip in.
 */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  interface Instance {
    readonly exports: Exports;
  }
  interface Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(pages: number): number;
  }
  type Exports = Readonly<Record<string, unknown>>;
  type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  const Module: { prototype: Module; new (bytes: ArrayBufferView | ArrayBuffer): Module };
  const Instance: { prototype: Instance; new (module: Module, imports?: Imports): Instance };
  const Memory: {
    prototype: Memory;
    new (descriptor: { initial: number; maximum?: number; shared?: boolean }): Memory;
  };
  const RuntimeError: { prototype: Error; new (message?: string): Error };
  function compile(bytes: ArrayBufferView | ArrayBuffer): Promise<Module>;
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
