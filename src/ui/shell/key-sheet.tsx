import { KEYS, shownKey } from "../keys.ts";
import { Dialog } from "../kit/dialog.tsx";
import s from "./key-sheet.module.css";

/** Every key there is, from the table of keys. */
export function KeySheet({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const groups = Map.groupBy(Object.values(KEYS), ({ group }) => group);
  return (
    <Dialog open={open} onClose={onClose} title="Keys" wide scrolls>
      <div className={s.groups}>
        {[...groups].map(([group, keys]) => (
          <section key={group}>
            <h3 className={s.group}>{group}</h3>
            <dl className={s.keys}>
              {keys.map(({ does, keys: names }) => (
                <div key={does} className={s.key}>
                  <dt>{does}</dt>
                  <dd>
                    {names.map((name) => (
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
