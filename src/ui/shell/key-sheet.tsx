import { useState } from "react";
import { activeKeys, KEYS, type KeyId, shownKey } from "../keys.ts";
import { Dialog } from "../kit/dialog.tsx";
import s from "./key-sheet.module.css";

/** Every key there is, from the table of keys; those that do nothing on the page below stand back. */
export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const [active] = useState(() => new Set(activeKeys()));
  const groups = Map.groupBy(Object.keys(KEYS) as KeyId[], (id) => KEYS[id].group);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Keys"
      description="What is grey does nothing on this page."
      wide
      scrolls
    >
      <div className={s.groups}>
        {[...groups].map(([group, keys]) => (
          <section key={group}>
            <h3 className={s.group}>{group}</h3>
            <dl className={s.keys}>
              {keys.map((id) => (
                <div key={id} className={s.key} data-off={!active.has(id) || undefined}>
                  <dt>{KEYS[id].does}</dt>
                  <dd>
                    {KEYS[id].keys.map((name) => (
                      <kbd key={name}>{shownKey(name)}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
