// The gateway's clock, as far as this device can know it: by the Date of its answers. What ends is judged there, so
// countdowns and ages are reckoned by it, whatever the clock of this device says. Pure but for the one number.

let ahead_ms = 0;

/** An answer that was asked for at `sent_ms` and came at `came_ms`, both of this device, bears this Date. */
export function hearTime(date: string | null, sent_ms: number, came_ms: number): void {
  const said_ms = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(said_ms)) return;
  // It was written between the two, in the second that it names: only what contradicts that is changed, so nothing jitters.
  ahead_ms = Math.min(Math.max(ahead_ms, said_ms - came_ms), said_ms + 1000 - sent_ms);
}

/** What the gateway's clock shows when that of this device shows `here_ms`. */
export const gatewayTime = (here_ms = Date.now()): number => here_ms + ahead_ms;
