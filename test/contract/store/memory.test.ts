import { storeContract } from "./store-contract.ts";
import { inMemory } from "./subject.ts";

const place = inMemory();
storeContract("a store in memory", () => place);
