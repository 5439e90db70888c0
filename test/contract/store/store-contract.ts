import { afterAll, afterEach, beforeEach, describe } from "vitest";
import { agentContract } from "./agent-contract.ts";
import { alarmContract } from "./alarm-contract.ts";
import { bundleContract } from "./bundle-contract.ts";
import { cancelContract } from "./cancel-contract.ts";
import { checkpointContract } from "./checkpoint-contract.ts";
import { commitContract } from "./commit-contract.ts";
import { hookContract } from "./hook-contract.ts";
import { keyContract } from "./key-contract.ts";
import { leaseContract } from "./lease-contract.ts";
import { notificationContract } from "./notification-contract.ts";
import { peopleContract } from "./people-contract.ts";
import { queryContract } from "./query-contract.ts";
import { scheduleContract } from "./schedule-contract.ts";
import { slotContract } from "./slot-contract.ts";
import type { Place, Subject } from "./subject.ts";

/** Everything a store promises, tried on a fresh one for each test. */
export function storeContract(name: string, place: () => Place): void {
  describe(name, () => {
    let subject: Subject | undefined;
    const current = () => {
      if (!subject) throw new Error("no store is open");
      return subject;
    };
    beforeEach(async () => {
      subject = await place().open();
    });
    afterEach(async () => {
      await subject?.store.close();
      subject = undefined;
    });
    afterAll(() => place().close());
    commitContract(current);
    alarmContract(current);
    cancelContract(current);
    leaseContract(current);
    queryContract(current);
    agentContract(current);
    keyContract(current);
    peopleContract(current);
    checkpointContract(current);
    notificationContract(current);
    hookContract(current);
    scheduleContract(current);
    slotContract(current);
    bundleContract(current);
  });
}
