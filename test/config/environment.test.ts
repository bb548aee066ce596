import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/common/exit-codes.js';
import { ConfigurationInvalid, describeProblems } from '../../src/config/configuration-invalid.js';
import { Environment } from '../../src/config/environment.js';
import { settingsOf } from '../../src/config/setting.js';
import { containing, problemsOf, read, variablesAtFault } from './reading.js';

describe('a problem', () => {
  it('is named together with all others', () => {
    const problems = problemsOf({
      NODE_ENV: 'prodution',
      PORT: '70000',
      DB_POOL_SIZE: 'abc',
      DB_ECHO: 'maybe',
      LOG_LEVEL: '',
      DATABASE_SSLMODE: 'strict',
      DATABASE_URL: 'postgrse://ann:pw@db/bank',
    });
    expect(problems).toEqual([
      { variable: 'NODE_ENV', got: '"prodution"', takes: 'one of `development`, `test`, `production`' },
      { variable: 'DATABASE_SSLMODE', got: '"strict"', takes: containing('`verify-full`') },
      { variable: 'DB_POOL_SIZE', got: '"abc"', takes: 'a whole number from 1 to 1000' },
      { variable: 'DB_ECHO', got: '"maybe"', takes: containing('true or false') },
      { variable: 'PORT', got: '"70000"', takes: 'a whole number from 0 to 65535' },
      { variable: 'LOG_LEVEL', got: '"" (set but empty)', takes: containing('`info`') },
      { variable: 'DATABASE_URL', got: '"postgrse://ann:****@db/bank"', takes: containing('postgres://') },
    ]);
  });

  it('is described in lines that can be read', () => {
    expect(describeProblems(new ConfigurationInvalid(problemsOf({ DB_POOL_SIZE: '0', PORT: '' })))).toBe(
      [
        'The configuration has 2 problems:',
        '  DB_POOL_SIZE: got "0"',
        '    takes a whole number from 1 to 1000',
        '  PORT: got "" (set but empty)',
        '    takes a whole number from 0 to 65535',
      ].join('\n'),
    );
    expect(EXIT.configuration).toBe(78);
  });

  it.each(['abc', '5.5', ' ', '1e3', '', '0', '1001', '-1', '+5', '05', '0x10', ' 5', '5\n', '٥', '9'.repeat(40)])(
    'is a pool size of %j',
    (text) => expect(variablesAtFault({ DB_POOL_SIZE: text })).toEqual(['DB_POOL_SIZE']),
  );

  it.each(['2', 'y', 't', '', ' true', 'null'])('is a yes or no of %j', (text) => {
    expect(variablesAtFault({ DB_ECHO: text })).toEqual(['DB_ECHO']);
  });

  it.each([
    ['true', true],
    ['1', true],
    ['YES', true],
    ['on', true],
    ['False', false],
    ['0', false],
    ['no', false],
    ['off', false],
  ])('is not a yes or no of %j', (text, value) => {
    expect(read({ DB_ECHO: text }).queries.echo).toBe(value);
  });

  it.each(['XG:2', 'xgc:2', '1GC:2', 'XGC', 'XGC:7', 'XGC:2,XGC:2', 'XGC:2,', 'TOOLONGCC:2', 'XGC:2;NCR:0'])(
    'is a list of private currencies like %j',
    (text) => expect(variablesAtFault({ CURRENCIES_PRIVATE: text })).toEqual(['CURRENCIES_PRIVATE']),
  );

  it.each(['300.1.1.1', '1.2.3', 'a b', 'http://localhost', 'host:80', '-a'])('is a host like %j', (text) => {
    expect(variablesAtFault({ HOST: text })).toEqual(['HOST']);
  });

  it('is every variable of ours that is set but empty', () => {
    const variables = settingsOf(Environment).map((record) => record.variable);
    const empty = Object.fromEntries(variables.map((variable) => [variable, '']));
    expect(variablesAtFault(empty)).toEqual(variables);
  });

  it('is cut when it is long', () => {
    expect(problemsOf({ SANDBOX_SEED: 'x'.repeat(5_000) })[0]?.got.length).toBeLessThan(150);
  });
});
