/** A workflow that is over at once. */
export const quick = (id: string) => `id: ${id}
version: "1.0"
name: Quick ${id}
inputSchema:
  type: object
  properties:
    count: { type: integer }
  required: [count]
states:
  - name: done
    type: inject
    data: { ok: true }
    resultPath: result
    end: true
`;

/** A workflow that asks people. */
export const gate = (id: string, extra = "") => `id: ${id}
version: "1.0"
name: Gate ${id}
states:
  - name: ask
    type: operation
    action: human.approval
    input:
      message: May it happen?
      approvers: ["user:ana", "user:ben"]
      excludeStarter: false
${extra}    next: done
  - name: done
    type: inject
    data: { ok: true }
    end: true
`;

/** A workflow that waits for the signal `go`. */
export const waiter = (id: string) => `id: ${id}
version: "1.0"
name: Waiter ${id}
states:
  - name: wait
    type: signal
    signal: go
    resultPath: got
    end: true
`;
