import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { spansIn } from "../../../test/support/otlp.ts";
import type { Span } from "../../core/trace/span.ts";
import { createOtlpExporter } from "./exporter.ts";

const SPAN: Span = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentSpanId: null,
  name: "WorkflowRun w",
  startAt: 1_700_000_000_000,
  endAt: 1_700_000_000_250,
  status: "ok",
  message: null,
  attributes: { "station.run_id": "run_1" },
  events: [],
};

/** A collector that answers every request so, an exporter to it, and what reaches either's ears. */
async function collectorThatAnswers(
  status: number | ((spans: readonly Span[]) => number),
  body = new Uint8Array(),
) {
  const requests: { readonly type: string | undefined; readonly spans: readonly Span[] }[] = [];
  const server = createServer(async (request, response) => {
    const spans = spansIn(await buffer(request));
    requests.push({ type: request.headers["content-type"], spans });
    response
      .writeHead(typeof status === "number" ? status : status(spans), {
        "content-type": "application/x-protobuf",
      })
      .end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const warnings: unknown[] = [];
  const exporter = createOtlpExporter({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    headers: {},
    serviceName: "station",
    serviceVersion: "0.1.0",
    log: { info() {}, error() {}, warn: (...warning) => warnings.push(warning) },
  });
  onTestFinished(async () => {
    await exporter.close();
    server.closeAllConnections();
    server.close();
  });
  return { exporter, requests, warnings };
}

it("a collector gets the spans as protobuf", async () => {
  const { exporter, requests, warnings } = await collectorThatAnswers(200);
  await exporter.send([SPAN]);
  expect(requests).toEqual([{ type: "application/x-protobuf", spans: [SPAN] }]);
  expect(warnings).toEqual([]);
});

it("spans that a collector refuses are not taken for sent", async () => {
  const { exporter } = await collectorThatAnswers(400);
  await expect(exporter.send([SPAN])).rejects.toThrow(/did not take the spans/);
});

it("spans that a collector takes no request of are sent in smaller ones, and one that is too large alone is passed over", async () => {
  const large = { ...SPAN, name: "large" };
  const { exporter, requests, warnings } = await collectorThatAnswers((spans) =>
    spans.length > 2 || spans.some(({ name }) => name === "large") ? 413 : 200,
  );
  await exporter.send([SPAN, SPAN, SPAN, large, SPAN]);
  const taken = requests.flatMap(({ spans }) =>
    spans.length > 2 || spans.some(({ name }) => name === "large") ? [] : [spans.length],
  );
  expect(taken).toEqual([2, 1, 1]);
  expect(warnings).toEqual([
    ["spans refused by the collector", { spans: 1, error: "one is larger than it takes" }],
  ]);
});

it("spans that a collector took the request without are said in the log", async () => {
  // ExportTracePartialSuccess: rejected_spans (field 1), error_message (field 2).
  const reason = Buffer.from("too old");
  const partial = Buffer.from([0x08, 2, 0x12, reason.length, ...reason]);
  const { exporter, warnings } = await collectorThatAnswers(
    200,
    Buffer.from([0x0a, partial.length, ...partial]),
  );
  await exporter.send([SPAN]);
  expect(warnings).toEqual([["spans refused by the collector", { spans: 2, error: "too old" }]]);
});
