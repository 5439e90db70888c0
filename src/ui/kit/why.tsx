import { useNow, useTimeFormat } from "../clock.ts";
import { inTheirTime } from "../format.ts";

/** A sentence of the server, with its moments as the person wants times and a capital. */
export function Why({ sentence }: { readonly sentence: string }) {
  const format = useTimeFormat();
  const now = useNow(format === "relative");
  const said = inTheirTime(sentence, now, format);
  // What begins with a state's name keeps it as it is.
  return <>{/^[\w-]+: /.test(said) ? said : said.charAt(0).toUpperCase() + said.slice(1)}</>;
}
