// A faithful fake of Teller's API: a real HTTPS server on this machine, over a bank in a test's own hands.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, createServer as createFront, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TLSSocket } from 'node:tls';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { FakeBank } from './bank.js';
import { type Certificates, certificates, type ServerCertificate } from './certificates.js';
import { Faults, send } from './faults.js';
import { answerTo, type Question } from './routes.js';

/** A question as it was asked, for a test to look at. */
export interface AskedQuestion extends Question {
  /** Which connection it came on, counted from 1. */
  readonly connection: number;
  /** Of what was answered; undefined while it is not. */
  status: number | undefined;
}

/** TLS's own number for what is wrong with a client's certificate. */
const ALERTS = { bad_certificate: 42, certificate_revoked: 44, certificate_expired: 45, unknown_ca: 48 } as const;

/**
 * How to use it:
 *
 *     const teller = await FakeTeller.start();                      // a port of its own; many at a time are fine
 *     const card = teller.bank.open({ type: 'credit' });            // an account at the bank
 *     const coffee = card.hold({ amount: '4.50', description: 'Coffee' });
 *     card.settle(coffee, { newId: true, date: '2026-11-22' });     // also post, change, withdraw, fill, close, reopen
 *     const enrollment = teller.bank.enroll([card]);                // a consent: id, userId, token, onSuccess()
 *     enrollment.disconnect('user_action.mfa_required');            // also repair, revoke; bank.reEnroll(enrollment)
 *     teller.bank.later(21, () => card.withdraw(coffee));           // a history: bank.advance(days) lets it happen
 *     teller.faults.once('GET /transactions', limitsRate('1'));     // faults.ts: what can go wrong, for which questions
 *     teller.asked                                                  // every question: method, path, query, headers, connection
 *     teller.variables()                                            // the environment of a service that asks it
 *     await teller.stop();
 *
 * Tokens of the sandbox (`test_token_…`) need no client certificate, all others do; one that is sent must be good. Amounts are the bank's own
 * words and signs (a charge on a credit account is positive). A page is what `count`, `from_id`, `start_date` and `end_date` ask for, newest first.
 */
export class FakeTeller {
  readonly bank = new FakeBank();
  readonly faults = new Faults();
  readonly asked: AskedQuestion[] = [];
  /** How many connections were made, those that broke in the handshake too. */
  connections = 0;
  /** What stands beneath TLS, and which it is. */
  private readonly sockets = new Map<Socket, number>();
  private alert: number | undefined;
  private folder: string | undefined;

  private constructor(
    readonly certificates: Certificates,
    private readonly front: Server,
    private readonly https: HttpsServer,
  ) {
    front.on('connection', (socket: Socket) => this.connect(socket));
    https.on('request', (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response));
  }

  static async start(options: { readonly certificate?: ServerCertificate } = {}): Promise<FakeTeller> {
    const made = await certificates();
    const { certificate: cert, privateKey: key } = made.server[options.certificate ?? 'valid'];
    const https = createHttps({ cert, key, ca: made.authority, requestCert: true, rejectUnauthorized: false });
    const teller = new FakeTeller(made, createFront(), https);
    await new Promise<void>((resolve) => teller.front.listen(0, '127.0.0.1', resolve));
    return teller;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.front.address() as AddressInfo).port}`;
  }

  /** From the next connection on. */
  present(certificate: ServerCertificate): void {
    const { certificate: cert, privateKey: key } = this.certificates.server[certificate];
    this.https.setSecureContext({ cert, key, ca: this.certificates.authority });
  }

  /** Every handshake is refused with a TLS alert about the client's certificate, until `acceptHandshakes`. */
  refuseHandshakes(alert: keyof typeof ALERTS): void {
    this.alert = ALERTS[alert];
  }

  acceptHandshakes(): void {
    this.alert = undefined;
  }

  /** The questions about one thing: `/transactions`, `/balances` … */
  askedAbout(part: string): AskedQuestion[] {
    return this.asked.filter(({ path }) => path.includes(part));
  }

  /** What a service's environment must hold to ask this one. */
  variables({ environment = 'sandbox', certificate = false } = {}): Readonly<Record<string, string>> {
    this.folder ??= mkdtempSync(join(temporaryFolder(), 'passbook-teller-'));
    const authorities = join(this.folder, 'authorities.pem');
    writeFileSync(authorities, this.certificates.authority);
    const { certificate: cert, privateKey } = this.certificates.client.valid;
    return {
      TELLER_ENVIRONMENT: environment,
      TELLER_APPLICATION_ID: 'app_test',
      TELLER_API_URL: this.url,
      TELLER_CA_FILE: authorities,
      ...(certificate ? { TELLER_CERTIFICATE: cert, TELLER_PRIVATE_KEY: privateKey } : {}),
    };
  }

  /** Breaks every connection that stands, as a restart of a proxy would. */
  dropConnections(): void {
    for (const socket of this.sockets.keys()) socket.destroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.front.close(resolve));
    this.dropConnections();
    this.https.closeAllConnections();
    await closed;
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private connect(socket: Socket): void {
    this.connections += 1;
    this.sockets.set(socket, this.connections);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    if (this.alert === undefined) this.https.emit('connection', socket);
    else this.refuseHandshake(socket, this.alert);
  }

  /** A fatal alert in answer to the first record. */
  private refuseHandshake(socket: Socket, alert: number): void {
    socket.once('data', () => socket.end(Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, alert])));
  }

  private beneath({ socket: { remotePort } }: IncomingMessage): readonly [Socket, number] {
    return [...this.sockets].find(([socket]) => socket.remotePort === remotePort)!;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const [socket, number] = this.beneath(request);
    const question: AskedQuestion = {
      ...questionOf(request),
      connection: number,
      status: undefined,
    };
    this.asked.push(question);
    const planned = () => answerTo(this.bank, question, this.url);
    const fault = this.faults.take(question);
    await (fault === undefined ? send(response, planned()) : fault(response, planned, () => socket.resetAndDestroy()));
    question.status = response.headersSent ? response.statusCode : undefined;
  }
}

function questionOf({ method, url, headers, socket }: IncomingMessage): Question {
  const { pathname, searchParams } = new URL(url ?? '/', 'https://teller');
  return {
    method: method ?? '',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers,
    token: tokenOf(headers.authorization),
    certificate: certificateOf(socket as TLSSocket),
  };
}

/** The user name of Basic credentials; a password is not Teller's, and makes them nobody's. */
function tokenOf(header = ''): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const [, token] = /^([^:]*):$/.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return token === '' ? undefined : token;
}

function certificateOf(socket: TLSSocket): Question['certificate'] {
  if (socket.authorized) return 'valid';
  return Object.keys(socket.getPeerCertificate()).length === 0 ? 'none' : 'invalid';
}
