import type { DeliveryNotice, DeliveryObserver } from "../../src/delivery/delivery-observer.ts";
import type { QueueNotice } from "../../src/delivery/queue/queue-status.ts";

/** Keeps everything it is told. */
export class RecordingObserver implements DeliveryObserver {
  readonly notices: DeliveryNotice[] = [];
  readonly queueNotices: QueueNotice[] = [];
  readonly states: string[] = [];
  readonly attempts: string[] = [];
  readonly losses: string[] = [];
  flushes = 0;

  recovered(): void {}

  sent(): void {}

  queue(notice: QueueNotice): void {
    this.queueNotices.push(notice);
  }

  lost(destination: string, category: string, reason: string): void {
    this.losses.push(`${destination} ${category} ${reason}`);
  }

  attempt(destination: string, result: string): void {
    this.attempts.push(`${destination} ${result}`);
  }

  state(destination: string, state: string): void {
    this.states.push(`${destination} ${state}`);
  }

  notice(notice: DeliveryNotice): void {
    this.notices.push(notice);
  }

  flushed(): void {
    this.flushes += 1;
  }
}
