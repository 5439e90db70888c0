import type { Reply, Turn } from "../../core/agent/agent-run.ts";
import { conversationOf } from "../../core/agent/messages.ts";
import { Spoken } from "../../core/agent/spoken.ts";
import { ModelFailure } from "../ports/agents.ts";
import type { Means } from "./means.ts";
import type { Session } from "./session.ts";

/** A provider that fails for the moment is asked again so often. */
const MAX_TRIES = 3;
/** How often a text under way is told at most. */
const TELL_EVERY_MS = 100;
/** A longer wait that a provider asks for is the step's matter. */
const MAX_WAIT_MS = 60_000;

/** Asks the model for its next turn. Rejects with `ModelFailure` when the provider will not answer. */
export async function askModel(
  means: Pick<Means, "clock" | "log" | "sleep" | "redact" | "onProgress">,
  session: Session,
  ask: string | null,
): Promise<Turn> {
  const { clock, onProgress, redact } = means;
  const { run, model, tools, signal, agent } = session;
  const seq = run.turns.length + 1;
  const { runId, stepId } = run.place;
  const about = () => ({ runId, stepId, agentRunId: run.id, agent: agent.name, at: clock.now() });
  const startedAt = clock.now();
  onProgress({ ...about(), type: "agent.turn", seq, status: "started" });
  const conversation = conversationOf(run);
  let spoken = new Spoken(redact);
  let resting: NodeJS.Timeout | null = null;
  const tell = (isWhole: boolean) => {
    const piece = spoken.next(isWhole);
    if (piece) onProgress({ ...about(), type: "agent.text", seq, ...piece });
    resting = null;
  };
  const request = {
    messages: ask === null ? conversation : [...conversation, { role: "user" as const, text: ask }],
    tools: [...tools.values()].map(({ modelName, description, inputSchema }) => ({
      name: modelName,
      description,
      inputSchema,
    })),
    outputSchema: agent.outputSchema ?? null,
    signal,
    onText: (delta: string) => {
      spoken.hear(delta);
      resting ??= setTimeout(() => tell(false), TELL_EVERY_MS);
    },
  };
  const { reply, tries } = await patiently(means, session, () => {
    // What an answer that broke off had said is said anew.
    spoken = new Spoken(redact);
    return model.turn(request);
  }).finally(() => {
    if (resting !== null) clearTimeout(resting);
  });
  tell(true);
  onProgress({ ...about(), type: "agent.turn", seq, status: "finished", text: reply.text });
  const kind = ask === null ? "answer" : "repair";
  return { seq, kind, ask, reply, tries, startedAt, endedAt: clock.now() };
}

async function patiently(
  { log, sleep, clock }: Pick<Means, "log" | "sleep" | "clock">,
  { run, signal }: Session,
  turn: () => Promise<Reply>,
): Promise<{ readonly reply: Reply; readonly tries: number }> {
  for (let tries = 1; ; tries++)
    try {
      return { reply: await turn(), tries };
    } catch (failure) {
      if (!(failure instanceof ModelFailure) || signal.aborted) throw failure;
      const { retryable, retryAfterSeconds, code } = failure.error;
      const wait =
        retryAfterSeconds === undefined ? backoff(tries, clock.random()) : retryAfterSeconds * 1000;
      if (!retryable || tries === MAX_TRIES || wait > MAX_WAIT_MS) throw failure;
      log.warn("model asked again", { agent_run_id: run.id, error_code: code, tries, wait_ms: wait });
      await sleep(wait, signal);
    }
}

function backoff(tries: number, random: number): number {
  return Math.round(500 * 2 ** (tries - 1) * (0.5 + random));
}
