import { describe } from "vitest";
import { obtainOldNats } from "../../support/server-binaries.ts";
import { mustSkip } from "../../support/servers.ts";
import { describeJetStreamLosses } from "./jetstream-losses.ts";
import { describeNatsConformance } from "./nats-conformance.ts";

const program = await obtainOldNats();

describe.skipIf(mustSkip("queue contract on the oldest supported nats-server", program))(
  `nats-server ${program.ok ? program.version : "(none)"}`,
  () => {
    describeNatsConformance(program);
    describeJetStreamLosses(program);
  },
);
