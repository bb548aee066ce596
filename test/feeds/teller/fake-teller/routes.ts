// What the fake Teller answers when nothing goes wrong on the way: the documented endpoints, and their refusals in the order in which they are tried.
import { type BankAccount } from './account.js';
import { type BankEnrollment, type FakeBank } from './bank.js';
import { print, wireAccount, wireBalance, wireError, wireLine, wireList } from './wire.js';

/** What came in. */
export interface Question {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Undefined when none was sent. */
  readonly token: string | undefined;
  readonly certificate: 'none' | 'valid' | 'invalid';
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export function answer(status: number, body: string | Uint8Array, headers: Answer['headers'] = JSON_TYPE): Answer {
  return { status, headers, body };
}

export function refusal(status: number, code: string, message: string, headers: Answer['headers'] = {}): Answer {
  return answer(status, wireError(code, message), { ...JSON_TYPE, ...headers });
}

/** As a TLS terminator says it, in front of the API. */
const BAD_CERTIFICATE = answer(
  400,
  '<html>\r\n<head><title>400 The SSL certificate error</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n' +
    '<center>The SSL certificate error</center>\r\n</body>\r\n</html>\r\n',
  { 'content-type': 'text/html' },
);
const NOT_FOUND = refusal(404, 'not_found', 'The requested resource does not exist');

export function answerTo(bank: FakeBank, question: Question, base: string): Answer {
  if (question.certificate === 'invalid') return BAD_CERTIFICATE;
  if (question.path === '/institutions' && question.method === 'GET') return institutions(bank);
  const { token } = question;
  if (token === undefined)
    return refusal(401, 'unauthorized', 'Missing access token: Retry request using HTTP Basic Auth.');
  if (!token.startsWith('test_') && question.certificate === 'none')
    return refusal(400, 'bad_request', 'Missing certificate: Retry request using your Teller client certificate.');
  const enrollment = bank.enrollmentOf(token);
  if (enrollment === undefined) return refusal(403, 'forbidden', 'The access token is invalid or was revoked.');
  return answerFor(enrollment, question, base);
}

function answerFor(enrollment: BankEnrollment, question: Question, base: string): Answer {
  const [root, accountId, part, lineId, ...more] = question.path.split('/').slice(1);
  if (root !== 'accounts' || more.length > 0) return NOT_FOUND;
  if (question.method === 'DELETE' && part === undefined) return ended(enrollment, accountId);
  if (question.method !== 'GET') return NOT_FOUND;
  const isList = accountId === undefined;
  if (enrollment.trouble !== undefined && !(isList && enrollment.isStillListed))
    return disconnected(enrollment.trouble);
  if (isList)
    return answer(200, wireList([...enrollment.accounts].map((account) => wireAccount(account, enrollment, base))));
  const account = reached(enrollment, accountId);
  if (account === undefined) return NOT_FOUND;
  if (account.status === 'closed') return closed(account);
  if (part === undefined) return answer(200, wireAccount(account, enrollment, base));
  if (part === 'balances' && lineId === undefined) return answer(200, wireBalance(account, base));
  if (part !== 'transactions') return NOT_FOUND;
  if (lineId === undefined) return transactions(account, question.query, base);
  const line = account.find(lineId);
  return line === undefined ? NOT_FOUND : answer(200, wireLine(account, line, base));
}

function transactions(account: BankAccount, query: Question['query'], base: string): Answer {
  const { count, from_id: fromId, start_date: start, end_date: end } = query;
  if (count !== undefined && !/^[1-9]\d{0,6}$/.test(count)) return invalid('count');
  if (start !== undefined && !isDay(start)) return invalid('start_date');
  if (end !== undefined && !isDay(end)) return invalid('end_date');
  const lines = account.page({ fromId, start, end, count: count === undefined ? undefined : Number(count) });
  if (lines === null) return NOT_FOUND;
  return answer(200, wireList(lines.map((line) => wireLine(account, line, base))));
}

function institutions({ institutions: all }: FakeBank): Answer {
  const products = ['verify', 'balance', 'transactions', 'identity'];
  return answer(200, wireList(all.map(({ id, name }) => print({ name, id, products }))));
}

/** What the person agreed to ends: for one account, or for all of them. */
function ended(enrollment: BankEnrollment, accountId: string | undefined): Answer {
  if (accountId === undefined) enrollment.revoke();
  else {
    const account = reached(enrollment, accountId);
    if (account === undefined) return NOT_FOUND;
    enrollment.accounts.delete(account);
  }
  return answer(204, '', {});
}

function disconnected(reason: string): Answer {
  const code = ['enrollment', 'disconnected', ...(reason === '' ? [] : [reason])].join('.');
  return refusal(404, code, 'Enrollment is not healthy');
}

function closed({ closedFor }: BankAccount): Answer {
  const code = closedFor === null ? 'account.closed' : `account.closed.${closedFor}`;
  return refusal(410, code, 'The requested account is closed');
}

function invalid(parameter: string): Answer {
  return refusal(422, 'unprocessable_entity', `Invalid ${parameter}`);
}

function reached(enrollment: BankEnrollment, accountId: string): BankAccount | undefined {
  return [...enrollment.accounts].find(({ id }) => id === accountId);
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}
