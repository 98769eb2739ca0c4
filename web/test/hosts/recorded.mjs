/** What a replay can be asked: what was asked when the real one was recorded. Nothing of it is scheduled or sent. */
import { leave, outcome, posted } from "./telling.mjs";

const DIALECTS = ["auto", "delayed", "delayed-dotted", "futures", "futures-prefixed"];
/** Granted as a driver of 2024 could: without the name that the update action got later. */
const DOTTED_ONLY = "^(?!org\\.matrix\\.msc4157\\.update_delayed_event$)";

export async function recorded({ open, room }) {
  const told = {};
  const tell = async (cell, dialect, grant = "all") => {
    const { host, widget } = await open({ grant, options: { dialect, deadlineMs: 1000 } });
    const future = await widget.schedule("leave", leave(room.key(), 8000));
    if (future.ok) {
      told[cell] = cell === dialect ? "scheduled" : `scheduled (\`${future.value.dialect}\`)`;
      const [receipt] = await host.answers("send_event");
      told.receipt ??= Object.entries(receipt)
        .map(([name, value]) => `\`${name}\`${value === "" ? " (empty)" : ""}`)
        .join(", ");
    } else if (future.code === "sent_immediately") {
      const second = await widget.schedule("leave", leave(room.key(), 8000));
      told[cell] = `${outcome(future)} with its event id, then ${outcome(second)}`;
    } else if ((await posted(host, widget)) === 0) told[cell] = `${outcome(future)}, nothing posted`;
    else if ((await host.events()).some(({ name }) => name === "not recorded")) told[cell] = "not recorded";
    else told[cell] = outcome(future);
  };
  await Promise.all([
    ...DIALECTS.map((dialect) => tell(dialect, dialect)),
    tell("dotted", "auto", DOTTED_ONLY),
  ]);
  return told;
}
