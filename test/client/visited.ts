// A client whose every answer is held against the document, and which knows what it has called.
import { type ClientOptions, createPassbookClient, type PassbookClient } from '../../client/index.js';
import { holdToContract } from '../support/contract.js';
import { operationOf } from '../support/document.js';

export class Visitor {
  /** The operations that were answered with a success. */
  readonly visited = new Set<string>();

  constructor(private readonly baseUrl: string) {}

  client(options: Omit<ClientOptions, 'baseUrl'> = {}): PassbookClient {
    return createPassbookClient({ ...options, baseUrl: this.baseUrl, fetch: (request) => this.fetch(request) });
  }

  private async fetch(request: Request): Promise<Response> {
    const { method } = request;
    const response = await fetch(request);
    const url = request.url.slice(this.baseUrl.length);
    const headers = Object.fromEntries(response.headers);
    holdToContract({ method, url }, { status: response.status, headers, text: await response.clone().text() });
    if (response.ok) this.visited.add(operationOf(method, url)!.id);
    return response;
  }
}
