/** Ends the name of a process that executes no steps: where it is alone, nobody takes what is waiting. */
export const EXECUTES_NOTHING = ":api";
