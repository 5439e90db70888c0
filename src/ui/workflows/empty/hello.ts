/** A workflow to begin with, in as few lines as show an input, an expression and an end. */
export const HELLO = `id: hello
name: Hello
version: "1"
inputSchema:
  type: object
  properties:
    who: { type: string, default: world }
states:
  - name: greet
    type: transform
    expression: '"hello " + input.who'
    end: true
`;
