import type { Clock } from "../../clock.ts";

/**
 * The time of day as it was at the start, and the time that has passed since. A wall clock that is set makes nothing older or
 * younger within a life: a day forward for three seconds, and nothing has expired.
 */
export function steadyClock(clock: Clock): Clock {
  const start = clock.now() - clock.monotonic();
  return {
    now: () => start + clock.monotonic(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}
