import { storeContract } from "./store-contract.ts";
import { inFiles } from "./subject.ts";

const place = inFiles();
storeContract("a store in a file", () => place);
