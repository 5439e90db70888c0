import { describe } from "vitest";
import { obtainNats } from "../../support/server-binaries.ts";
import { mustSkip } from "../../support/servers.ts";
import { describeJetStreamLosses } from "./jetstream-losses.ts";
import { describeJetStreamWire } from "./jetstream-wire.ts";
import { describeNatsConformance } from "./nats-conformance.ts";

const program = await obtainNats();

describe.skipIf(mustSkip("queue contract on nats-server", program))(
  `nats-server ${program.ok ? program.version : "(none)"}`,
  () => {
    describeNatsConformance(program);
    describeJetStreamWire(program);
    describeJetStreamLosses(program);
  },
);
