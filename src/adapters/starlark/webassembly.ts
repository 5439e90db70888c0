// The part of the WebAssembly API in use: TypeScript types it only together with the whole DOM.

/** A compiled module; it can be posted to threads, which share its code. */
export type WasmModule = { readonly wasmModule: unique symbol };

export type WasmMemory = { readonly buffer: ArrayBuffer };

export type WasmImports = {
  readonly [module: string]: { readonly [name: string]: (...args: never[]) => unknown };
};

type WebAssemblyApi = {
  readonly compile: (bytes: Uint8Array) => Promise<WasmModule>;
  readonly Instance: new (module: WasmModule, imports: WasmImports) => { readonly exports: object };
};

/** The global `WebAssembly`. */
export const webAssembly: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi })
  .WebAssembly;
