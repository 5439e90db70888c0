const BEGINNING = `# Everything is checked while you type.
id: my-workflow
name: My workflow
version: "1"
inputSchema:
  type: object
  properties:
    who: { type: string, default: world }
start: greet
states:
  - name: greet
    type: transform
    expression: '"hello " + input.who'
    resultPath: greeting
    end: true
`;

const KEPT = "new-workflow";

/** The text somebody was writing in this browser, or one to begin with. */
export function readDraft(): string {
  return localStorage.getItem(KEPT) ?? BEGINNING;
}

/** Keeps it: a tab that is closed loses nothing. */
export function keepDraft(text: string): void {
  localStorage.setItem(KEPT, text);
}

export function forgetDraft(): void {
  localStorage.removeItem(KEPT);
}
