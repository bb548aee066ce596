// Instruments whose values are kept elsewhere and read when somebody asks for them.
import { Counter, Gauge, type Registry } from 'prom-client';

export interface About<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

export type Sample<Label extends string> = readonly [value: number, labels?: Readonly<Record<Label, string>>];
export type Read<Label extends string> = () => readonly Sample<Label>[];

/** One sample, or none where nothing is known. */
export function known<Value>(value: Value | undefined, of: (value: Value) => number): readonly Sample<never>[] {
  return value === undefined ? [] : [[of(value)]];
}

/** What goes up and down. */
export function gauge<Label extends string = never>(registry: Registry, about: About<Label>, read: Read<Label>): void {
  new Gauge({
    ...described(about, registry),
    collect() {
      refill(this, read(), (labels, value) => this.set(labels, value));
    },
  });
}

/** What is counted, by somebody else. */
export function counter<Label extends string = never>(
  registry: Registry,
  about: About<Label>,
  read: Read<Label>,
): void {
  new Counter({
    ...described(about, registry),
    collect() {
      refill(this, read(), (labels, value) => this.inc(labels, value));
    },
  });
}

function described<Label extends string>({ name, help, labels = [] }: About<Label>, registry: Registry) {
  return { name, help, labelNames: [...labels], registers: [registry] };
}

function refill<Label extends string>(
  metric: { reset(): void; remove(labels: object): void },
  samples: readonly Sample<Label>[],
  put: (labels: Record<Label, string>, value: number) => void,
): void {
  metric.reset();
  // One without labels is now zero, and nothing may be known of it, which is another thing.
  metric.remove({});
  for (const [value, labels] of samples) put({ ...labels } as Record<Label, string>, value);
}
