import { expect, test } from "vitest";
import { blocksIn, linksIn } from "./markdown.ts";

test("a report is read as it was meant: headings, lists, code, bold and links with their host", () => {
  const report = `## Found\n\nRate of **checkout** is \`0.083\`, see [the board](https://grafana.example.com/d/1).\nMore below\n- one\n- two\n\n1. drain\n2. restart\n\`\`\`\nkubectl get pods\n\`\`\``;
  expect(blocksIn(report)).toEqual([
    { is: "heading", of: [{ is: "text", text: "Found" }] },
    {
      is: "paragraph",
      of: [
        { is: "text", text: "Rate of " },
        { is: "strong", text: "checkout" },
        { is: "text", text: " is " },
        { is: "code", text: "0.083" },
        { is: "text", text: ", see " },
        {
          is: "link",
          text: "the board",
          href: "https://grafana.example.com/d/1",
          host: "grafana.example.com",
        },
        { is: "text", text: ".\nMore below" },
      ],
    },
    { is: "list", isNumbered: false, items: [[{ is: "text", text: "one" }], [{ is: "text", text: "two" }]] },
    {
      is: "list",
      isNumbered: true,
      items: [[{ is: "text", text: "drain" }], [{ is: "text", text: "restart" }]],
    },
    { is: "code", text: "kubectl get pods" },
  ]);
});

test("what could load or run something stays the text that it is", () => {
  for (const text of [
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![seen](data:image/png;base64,x)",
    "[bank](https://bank.example@evil.example/)",
  ])
    expect(blocksIn(text)).toEqual([{ is: "paragraph", of: [{ is: "text", text }] }]);
});

test("an address in a question is a link that ends where the sentence goes on", () => {
  expect(linksIn("Restart? See https://wiki.example.com/restart. **Now**")).toEqual([
    { is: "text", text: "Restart? See " },
    {
      is: "link",
      text: "https://wiki.example.com/restart",
      href: "https://wiki.example.com/restart",
      host: null,
    },
    { is: "text", text: ". **Now**" },
  ]);
});

test("nothing that an agent writes is read from the other end", () => {
  const text = "delete \u202edorp\u202c now";
  const read = [{ is: "text", text: "delete \\u202edorp\\u202c now" }];
  expect(linksIn(text)).toEqual(read);
  expect(blocksIn(text)).toEqual([{ is: "paragraph", of: read }]);
});

test("a text that never ends its code, or is empty, is shown all the same", () => {
  expect(blocksIn("```\nkubectl")).toEqual([{ is: "code", text: "kubectl" }]);
  expect(blocksIn("")).toEqual([]);
});

test.each([
  ["[https://github.com](https://github.co/login)", "github.co"],
  ["[https://bank.example/?next=https://evil.example](https://evil.example/)", "evil.example"],
  ["[https://bank.example\\@evil.example](https://evil.example/)", "evil.example"],
  ["[see //evil.example](https://evil.example/)", "evil.example"],
  ["https://b\u00e4nk.example/", "xn--bnk-qla.example"],
  ["[https://bank.example/a](https://bank.example/b)", null],
])("%s says where it leads unless its text begins with that", (text, host) => {
  expect(blocksIn(text)).toMatchObject([{ of: [{ is: "link", host }] }]);
});

test.each(["[", "[a", "**a", "`a", "http://", "https://a.,"])(
  "a line of nothing but %s keeps nobody waiting",
  (part) => {
    const text = part.repeat(100_000);
    expect(blocksIn(text)).toHaveLength(1);
  },
);

test("a text of nothing but the ends of code keeps nobody waiting", () => {
  expect(blocksIn("```\n".repeat(200_000))).toHaveLength(100_000);
});
