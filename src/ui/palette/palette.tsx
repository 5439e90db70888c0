import { type LinkProps, useNavigate } from "@tanstack/react-router";
import { Command, defaultFilter, useCommandState } from "cmdk";
import { ArrowRight, Hand, type LucideIcon, Play, Search, Workflow, Zap } from "lucide-react";
import * as Dialog from "radix-ui/dialog";
import { createContext, type ReactNode, useContext, useRef, useState } from "react";
import { headingOf } from "../approvals/approval-status.ts";
import { Deadline } from "../approvals/deadline.tsx";
import { useApprovals } from "../approvals/use-approvals.ts";
import { KEYS, keyOf, pressKey } from "../keys.ts";
import { StatusIcon } from "../kit/badge.tsx";
import { Time } from "../kit/time.tsx";
import { shortId } from "../runs/short-id.ts";
import { useNamedEnvironment } from "../shell/environment.tsx";
import { PLACES } from "../shell/navigation.ts";
import { openStart } from "../workflows/start/open-start.ts";
import { useWorkflowNames } from "../workflows/use-workflow-names.ts";
import { closePalette, type PaletteAsked } from "./open-palette.ts";
import s from "./palette.module.css";
import { recentChoices, rememberChoice, weighted } from "./recent.ts";
import { useFoundRuns } from "./use-found-runs.ts";

/** Before anything is typed a section shows this many. */
const FEW = 5;

/** ⌘K: everything that can be gone to or done, found by a few letters. */
export function Palette({ asked: { actions } }: { readonly asked: PaletteAsked }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [recent] = useState(recentChoices);
  const { runs, isFound } = useFoundRuns(text.trim());
  const { rows: approvals } = useApprovals("mine");
  const { data: workflows = [] } = useWorkflowNames(useNamedEnvironment());
  const few = <Row,>(rows: readonly Row[]) => (text === "" ? rows.slice(0, FEW) : rows);
  const go = (link: LinkProps) => () => void navigate(link);
  const here = actions.filter((id) => !EVERYWHERE.has(KEYS[id].group));
  const help = actions.filter((id) => KEYS[id].group === "Everywhere" && !NOT_HELP.has(id));
  const chosen = useRef<(() => void) | null>(null);
  const choose = (value: string, act: () => void) => {
    rememberChoice(value);
    chosen.current = act;
    closePalette();
  };
  return (
    <Frame chosen={chosen}>
      <Choose value={choose}>
        <Command
          label="Search and run commands"
          vimBindings={false}
          loop
          filter={(value, search, keywords) =>
            weighted(defaultFilter(value, search, keywords), value, recent)
          }
        >
          <div className={s.search}>
            <Search size={16} aria-hidden />
            <Command.Input
              className={s.input}
              placeholder="Go to a page, workflow or run, or do something…"
              value={text}
              onValueChange={setText}
            />
            <kbd>Esc</kbd>
          </div>
          <Results
            nothing={
              isFound && runs.length > 0 ? null : (
                <>
                  Nothing is called “{text}”. Runs are found by id, workflow, starter, label, error and input
                  value.
                </>
              )
            }
          >
            <Section title="Actions here">
              {here.map((id) => (
                <Item
                  key={id}
                  value={KEYS[id].does}
                  icon={Zap}
                  shortcut={keyOf(id)}
                  onSelect={() => pressKey(id)}
                >
                  {KEYS[id].does}
                </Item>
              ))}
            </Section>
            <Section title="Go to">
              {PLACES.map(({ label, icon, link, key }) => (
                <Item key={label} value={label} icon={icon} shortcut={keyOf(key)} onSelect={go(link)}>
                  {label}
                </Item>
              ))}
            </Section>
            <Section title="Waiting for you">
              {few(approvals).map((approval) => (
                <Item
                  key={approval.approvalId}
                  value={`Approve ${headingOf(approval)} ${approval.workflowId} ${approval.approvalId}`}
                  icon={Hand}
                  side={<Deadline expiresAt={approval.expiresAt} />}
                  onSelect={go({ to: "/approvals", search: { approval: approval.approvalId } })}
                >
                  {headingOf(approval)} <small className={s.more}>{approval.workflowId}</small>
                </Item>
              ))}
            </Section>
            <Section title="Workflows">
              {few(workflows).map(({ id, name, environment }) => (
                <Item
                  key={id}
                  value={`${name} ${id}`}
                  icon={Workflow}
                  onSelect={go({
                    to: "/workflows/$workflowId",
                    params: { workflowId: id },
                    search: { environment },
                  })}
                >
                  {name} <small className={s.more}>{id}</small>
                </Item>
              ))}
            </Section>
            <Section title="Start a run">
              {few(workflows.filter(({ status }) => status === "active")).map(({ id, name, environment }) => (
                <Item
                  key={id}
                  value={`Run ${id} ${name}`}
                  icon={Play}
                  onSelect={() => openStart({ workflowId: id, environment })}
                >
                  Run {id}…
                </Item>
              ))}
            </Section>
            <Section title="Runs">
              {few(runs).map(({ runId, workflowId, status, createdAt }) => (
                <Item
                  key={runId}
                  value={`${runId} ${workflowId}`}
                  isFound={isFound}
                  mark={<StatusIcon status={status} />}
                  side={<Time at={createdAt} />}
                  onSelect={go({ to: "/runs/$runId", params: { runId }, search: {} })}
                >
                  {workflowId} <small className={`${s.more} mono`}>{shortId(runId)}</small>
                </Item>
              ))}
            </Section>
            <Section title="Help">
              {help.map((id) => (
                <Item
                  key={id}
                  value={KEYS[id].does}
                  icon={ArrowRight}
                  shortcut={keyOf(id)}
                  onSelect={() => pressKey(id)}
                >
                  {KEYS[id].does}
                </Item>
              ))}
            </Section>
          </Results>
        </Command>
      </Choose>
    </Frame>
  );
}

/** Chooses an entry, to be remembered by its value. */
const Choose = createContext<(value: string, act: () => void) => void>(() => {});

/** The dialog around it. What was chosen is done when the dialog has gone: it may want the focus for itself. */
function Frame({
  chosen,
  children,
}: {
  readonly chosen: { readonly current: (() => void) | null };
  readonly children: ReactNode;
}) {
  const act = (event: Event) => {
    if (!chosen.current) return;
    event.preventDefault();
    chosen.current();
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && closePalette()}>
      <Dialog.Portal>
        <Dialog.Overlay className={s.overlay} />
        <Dialog.Content className={s.palette} aria-describedby={undefined} onCloseAutoFocus={act}>
          <Dialog.Title className="sr">Search and run commands</Dialog.Title>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What fits; when nothing does, `nothing` says so, unless the server has found something. */
function Results({ nothing, children }: { readonly nothing: ReactNode; readonly children: ReactNode }) {
  const isEmpty = useCommandState(({ filtered }) => filtered.count === 0) && nothing !== null;
  return (
    <>
      {isEmpty && (
        <p className={s.empty} role="status">
          {nothing}
        </p>
      )}
      <Command.List className={s.list} label="Results" hidden={isEmpty}>
        {children}
      </Command.List>
    </>
  );
}

/** Groups of keys that are not about the page: they have sections of their own, or move about in it. */
const EVERYWHERE: ReadonlySet<string> = new Set(["Everywhere", "Go to", "Lists"]);
const NOT_HELP: ReadonlySet<string> = new Set(["app.palette", "app.back", "app.filter"]);

function Section({ title, children }: { readonly title: string; readonly children: ReactNode[] }) {
  return (
    children.length > 0 && (
      <Command.Group heading={title} className={s.section}>
        {children}
      </Command.Group>
    )
  );
}

function Item({
  value,
  icon: Icon,
  mark,
  side,
  shortcut,
  isFound = false,
  onSelect,
  children,
}: {
  /** What is searched, and what is remembered of a choice. */
  readonly value: string;
  readonly icon?: LucideIcon;
  readonly mark?: ReactNode;
  readonly side?: ReactNode;
  readonly shortcut?: string;
  /** The server has found it for the text: it is shown whatever its letters are. */
  readonly isFound?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}) {
  const choose = useContext(Choose);
  return (
    <Command.Item
      className={s.item}
      value={value}
      forceMount={isFound}
      onSelect={() => choose(value, onSelect)}
    >
      {Icon ? <Icon size={15} aria-hidden /> : mark}
      <span className={s.label}>{children}</span>
      {side && <span className={s.side}>{side}</span>}
      {shortcut && <kbd>{shortcut}</kbd>}
    </Command.Item>
  );
}
