import type { Clock } from "../../clock.ts";
import type { AgentSettings } from "../../config/settings/agent-settings.ts";
import { Delivery } from "../../delivery/delivery.ts";
import type { DeliveryObserver } from "../../delivery/delivery-observer.ts";
import { SECOND } from "../../units.ts";
import { planHere } from "../container/agent-plan.ts";
import { deliverySettingsOf } from "../delivery-plan.ts";

/** The directory of each is opened on its own. */
const CATEGORIES = 2;
/** How often it is looked whether all is sent. */
const LOOK = SECOND / 10;
/** What a request under way may take once nobody waits for the rest any more. */
const LAST_REQUESTS = 2 * SECOND;

export type DrainOutcome =
  /** `left`: points that still wait, of all destinations. */
  | {
      readonly kind: "drained" | "stopped";
      readonly sent: number;
      readonly lost: number;
      readonly left: number;
    }
  /** Nothing to send to but files, which have no queue. */
  | { readonly kind: "no_destination" }
  /** The directory cannot be used: `locked` by an agent, or the code of the disk's error. */
  | { readonly kind: "closed"; readonly code: string };

export interface DrainContext {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends waiting; what is not sent stays. */
  readonly signal: AbortSignal;
  /** Something for people, without secrets. */
  say(text: string): void;
}

/** Sends what waits on disk, by the settings of the agent, until nothing does. */
export async function drainQueue(
  settings: AgentSettings,
  context: DrainContext,
): Promise<DrainOutcome> {
  const plan = deliverySettingsOf(settings, planHere(settings).deliveryBytes.value);
  if (plan.queue === undefined) {
    return { kind: "no_destination" };
  }
  const { clock, signal, timeoutMs } = context;
  const { counts, observer } = drainObserver(context);
  const files = plan.destinations.filter(({ kind }) => kind !== "file");
  const delivery = new Delivery({ ...plan, destinations: files }, { clock, observer });
  const end = clock.monotonic() + timeoutMs;
  const isOpen = () => counts.opened === CATEGORIES;
  const isDone = () => isOpen() && pointsLeft(delivery) === 0;
  delivery.start(new AbortController().signal);
  while (!(signal.aborted || clock.monotonic() >= end || isDone())) {
    const { trouble = "starting" } = delivery.status().queue ?? {};
    if (trouble !== "starting" && !isOpen()) {
      await delivery.stop(0);
      return { kind: "closed", code: trouble };
    }
    await clock.sleep(LOOK, signal);
  }
  const kind = isDone() ? "drained" : "stopped";
  await delivery.stop(kind === "drained" ? LAST_REQUESTS : 0);
  return { kind, sent: counts.sent, lost: counts.lost, left: pointsLeft(delivery) };
}

function pointsLeft(delivery: Delivery): number {
  return delivery
    .status()
    .destinations.reduce(
      (all, { ledger }) => all + ledger.metric.queued.points + ledger.logging.queued.points,
      0,
    );
}

/** Counts, and says what a person should read. */
function drainObserver({ say }: Pick<DrainContext, "say">) {
  const counts = { opened: 0, sent: 0, lost: 0 };
  const observer: DeliveryObserver = {
    recovered: (destination, category, { points }) => {
      if (points > 0) {
        say(`${destination}: ${points} points wait (${category})`);
      }
    },
    sent: (_destination, _category, { points }) => {
      counts.sent += points;
    },
    lost: (_destination, _category, _reason, { points }) => {
      counts.lost += points;
    },
    notice: ({ destination, event, reason, detail }) =>
      say([destination, event, reason, detail].filter(Boolean).join(": ")),
    queue: ({ event }) => {
      counts.opened += event === "opened" ? 1 : 0;
    },
    attempt: () => undefined,
    state: () => undefined,
    flushed: () => undefined,
  };
  return { counts, observer };
}
