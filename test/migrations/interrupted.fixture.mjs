// A runner with slow migrations of every kind, to be killed in the middle of them. Built code, as it runs in production.

/** @param {string} path */
const built = (path) => import(new URL(`../../dist/src/${path}.js`, import.meta.url).href);
/** @type {typeof import('../../src/common/clock.js')} */
const { SystemClock } = await built('common/clock');
/** @type {typeof import('../../src/config/settings.js')} */
const { readSettings } = await built('config/settings');
/** @type {typeof import('../../src/database/schema/migration.js')} */
const { migration } = await built('database/schema/migration');
/** @type {typeof import('../../src/database/schema/open-session.js')} */
const { openSession } = await built('database/schema/open-session');
/** @type {typeof import('../../src/database/schema/runner.js')} */
const { up } = await built('database/schema/runner');
/** @type {typeof import('../../src/database/schema/table-builder.js')} */
const { indexOn, table } = await built('database/schema/table-builder');
/** @type {typeof import('../../src/database/schema/table-changes.js')} */
const { withCheck } = await built('database/schema/table-changes');

const ROWS = 20_000;
const numbers = table('numbers', (t) => t.text('id').count('value').text('words', { nullable: true }));
const positive = { name: 'ck_numbers_value', condition: 'value >= 0' };
const down = { irreversible: 'a test' };

const migrations = [
  migration({
    id: '0001_numbers',
    kind: 'schema',
    up: (schema) => {
      schema.createTable(numbers);
      schema.sql({
        title: 'rows to work on',
        sqlite: [
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) INSERT INTO numbers (id, value) SELECT printf('n%06d', i), i FROM n`,
        ],
        postgres: [
          `INSERT INTO numbers (id, value) SELECT 'n' || lpad(i::text, 6, '0'), i FROM generate_series(1, ${ROWS}) AS i`,
        ],
        lock: 'none',
      });
    },
    down,
  }),
  migration({
    id: '0002_add',
    kind: 'data',
    up: (rows) => rows.update(numbers, { set: { value: 'value + 1000000' }, batchRows: 500 }),
    down,
  }),
  migration({
    id: '0003_index',
    kind: 'schema',
    transactional: false,
    up: (schema) =>
      schema.createIndex(numbers, indexOn('numbers', ['value', 'id'], { unique: false }), { concurrently: true }),
    down,
  }),
  migration({
    id: '0004_check',
    kind: 'schema',
    up: (schema) =>
      schema.addCheck({ ...numbers, indexes: [indexOn('numbers', ['value', 'id'], { unique: false })] }, positive),
    down,
  }),
  migration({
    id: '0005_compute',
    kind: 'data',
    up: (rows) =>
      rows.compute(withCheck(numbers, positive), {
        read: ['value', 'words'],
        write: ['value', 'words'],
        batchRows: 500,
        compute: ({ value, words }) => ({ value: Number(value) + 1, words: `${words ?? ''}${value},` }),
      }),
    down,
  }),
];

const session = await openSession(readSettings(process.env), { intent: 'make', patienceMs: 30_000 });
/** @param {string} line */
const say = (line) => void process.stdout.write(`${line}\n`);
say('started');
const ran = await up(session, migrations, {
  appliedBy: 'test',
  clock: new SystemClock(),
  waitMs: 60_000,
  tell: say,
});
await session.close();
say(JSON.stringify(ran.map(({ id }) => id)));
