import { enableCompileCache } from "node:module";

// Imported before a program that runs from source: what was compiled is kept (in the system's temporary folder), so
// that its next start takes half the CPU.
enableCompileCache();
