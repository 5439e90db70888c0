import s from "./states.module.css";

/** A grey bar where a text will be; appears only after 150 ms. */
export function Skeleton({
  width,
  height = 12,
}: {
  readonly width: number | string;
  readonly height?: number;
}) {
  return <span className={s.skeleton} style={{ display: "inline-block", width, height }} aria-hidden />;
}

const WIDTHS = [70, 160, 130, 220, 90];

/** Rows of a table that is on its way. */
export function SkeletonRows({ rows = 8, label }: { readonly rows?: number; readonly label: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows without content
        <div key={row} className={s.skeletonRow}>
          {WIDTHS.map((width) => (
            <Skeleton key={width} width={width * (0.7 + ((row * 37) % 30) / 100)} />
          ))}
        </div>
      ))}
    </div>
  );
}
