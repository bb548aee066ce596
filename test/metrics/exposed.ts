// What a server exposes, as a scraper reads it.

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposed {
  readonly type: string;
  readonly help: string;
  /** Of the name itself and, for a histogram, of its `_bucket`, `_sum` and `_count`. */
  readonly samples: readonly (Sample & { readonly name: string })[];
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** By the name of the metric. @throws Error for a line that is none */
export function readExposed(text: string): ReadonlyMap<string, Exposed> {
  const metrics = new Map<string, { type: string; help: string; samples: (Sample & { name: string })[] }>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (name !== undefined && rest !== undefined) {
      const metric = metrics.get(name) ?? { type: '', help: '', samples: [] };
      if (kind === 'HELP') metric.help = rest;
      else metric.type = rest;
      metrics.set(name, metric);
      continue;
    }
    const [, sample, labels = '', value] = LINE.exec(line) ?? [];
    if (sample === undefined) throw new Error(`no line of Prometheus' text: ${line}`);
    const owner = metrics.get(sample) ?? metrics.get(sample.replace(/_(bucket|sum|count)$/, ''));
    if (owner === undefined) throw new Error(`a sample of no metric: ${line}`);
    owner.samples.push({
      name: sample,
      labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, label, text_]) => [label!, text_!])),
      value: Number(value),
    });
  }
  return metrics;
}

/** The one sample with these labels; undefined where there is none. */
export function valueOf(
  metrics: ReadonlyMap<string, Exposed>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const metric = metrics.get(name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ''));
  return metric?.samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;
}
