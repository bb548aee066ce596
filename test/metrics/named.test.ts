// The dashboard, the rules and the page name what there is: every metric is one that a server has, with those labels; every rule leads to a
// page that says what to do; and docs/metrics.md lists them all.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Telemetry } from '../../src/metrics/telemetry.js';
import { makeStore, type TestStore } from '../support/each-store.js';
import { TestApp } from '../support/test-app.js';
import { readExpression } from './promql.js';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook_url: string };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What Prometheus itself adds to every sample. */
const OF_THE_SCRAPE = ['job', 'instance', 'namespace', 'pod'];
const PAGE = 'docs/metrics.md';

const rules: Rule[] = (parse(read('ops/alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const panels = (
  JSON.parse(read('ops/grafana/passbook.json')) as { panels: { title: string; targets?: { expr: string }[] }[] }
).panels;
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
];

let store: TestStore;
let app: TestApp;
let metrics: ReadonlyMap<string, Metric>;
beforeAll(async () => {
  store = await makeStore('sqlite');
  app = await TestApp.start(store);
  const all = app.app.get(Telemetry).metrics!.registry.getMetricsAsArray() as unknown as Metric[];
  metrics = new Map(all.map((metric) => [metric.name, metric]));
});
afterAll(async () => {
  await app.stop();
  await store.dispose();
});

/** Of a histogram there are only its parts. */
function metricOf(name: string): Metric | undefined {
  const [, whole] = /^(.*)_(?:bucket|sum|count)$/.exec(name) ?? [];
  const of = whole === undefined ? undefined : metrics.get(whole);
  if (of?.type === 'histogram') return of;
  const own = metrics.get(name);
  return own?.type === 'histogram' ? undefined : own;
}

function labelsOf(name: string): readonly string[] {
  return [...(metricOf(name)?.labelNames ?? []), ...(name.endsWith('_bucket') ? ['le'] : []), ...OF_THE_SCRAPE];
}

/** What is wrong with an expression; nothing, it is to be hoped. */
function problemsOf(expression: string): string[] {
  const { metrics: named, grouping } = readExpression(expression);
  const unknown = named
    .filter(({ metric }) => metricOf(metric) === undefined)
    .map(({ metric }) => `there is no ${metric}`);
  const strange = named.flatMap(({ metric, labels }) =>
    labels.filter((label) => !labelsOf(metric).includes(label)).map((label) => `${metric} has no ${label}`),
  );
  const lost = grouping.filter((label) => !named.some(({ metric }) => labelsOf(metric).includes(label)));
  return [
    ...unknown,
    ...strange,
    ...lost.map((label) => `nothing has ${label}`),
    ...(named.length === 0 ? ['names none'] : []),
  ];
}

describe('an expression', () => {
  it('is found out where it names what there is not', () => {
    expect(problemsOf('sum by (code) (rate(passbook_http_refusals_total{code="x", instance=~"$i"}[5m])) > 0')).toEqual(
      [],
    );
    expect(problemsOf('rate(passbook_http_request_total[5m])')).toEqual(['there is no passbook_http_request_total']);
    expect(problemsOf('passbook_http_refusals_total{route="x"}')).toEqual([
      'passbook_http_refusals_total has no route',
    ]);
    expect(problemsOf('sum by (route) (passbook_http_refusals_total)')).toEqual(['nothing has route']);
    expect(problemsOf('passbook_sync_duration_seconds > 1')).toEqual(['there is no passbook_sync_duration_seconds']);
    expect(problemsOf('passbook_build_info_bucket')).toEqual(['there is no passbook_build_info_bucket']);
    expect(problemsOf('passbook_store_size_bytes > 1e9')).toEqual([]);
    expect(problemsOf('vector(1)')).toEqual(['names none']);
  });

  it.each(expressions)('of %s names what there is', (_, expression) => {
    expect(problemsOf(expression)).toEqual([]);
  });
});

describe('a rule', () => {
  it('is one of at least fifteen, each by a name of its own', () => {
    expect(rules.length).toBeGreaterThanOrEqual(15);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s leads to a page that says what to do', (_, rule) => {
    const { severity } = rule.labels;
    const { summary, runbook_url: page } = rule.annotations;
    expect(['critical', 'warning']).toContain(severity);
    expect(summary).toMatch(/\.$/);
    expect(page).toMatch(/^docs\/runbooks\/[a-z-]+\.md$/);
    expect(existsSync(new URL(`../../${page}`, import.meta.url))).toBe(true);
    // Whoever was told of it finds its name there.
    expect(read(page).includes(rule.alert), page).toBe(true);
  });
});

describe('the page of the metrics', () => {
  it('lists every metric, as it is; made anew with UPDATE_GOLDEN=1', () => {
    const rows = [...metrics.values()].map(({ name, type, labelNames, help }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    const table = tableOf(['Metric', 'Type', 'Labels', 'What it says'], rows);
    const page = read(PAGE);
    const [before] = page.split(/^\| Metric /m);
    const wanted = `${before}${table}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(new URL(`../../${PAGE}`, import.meta.url), wanted);
    else expect(page).toBe(wanted);
  });
});

/** As the formatter wants it: columns padded to their widest cell. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
