// The OpenAPI document, and the interactive page over it at /docs.
import { type INestApplication } from '@nestjs/common';
import {
  type ApiResponseOptions,
  DocumentBuilder,
  getSchemaPath,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { Problem } from './problem.dto.js';

export const DOCS_PATH = 'docs';

const ABOUT = `Accounts, balances and transactions.

Money is a decimal string beside its currency (\`"amount": "-12.34", "currency": "USD"\`): money in > 0, money out < 0, on every kind of account.
Days are \`YYYY-MM-DD\`, moments RFC 3339 in UTC. Lists are \`{"data": […], "nextCursor": …}\`; hand \`nextCursor\` back as \`cursor\` until it is null.
What is refused is answered as problem+json (RFC 9457) with a stable \`code\`.`;

export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Passbook')
    .setDescription(ABOUT)
    .setVersion(version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer pbk_…`.' })
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-API-Key',
        description: 'The same key, for clients that cannot set Authorization.',
      },
      'x-api-key',
    )
    .addGlobalResponse(
      problemAnswer(500, '`internal_fault`: something went wrong here; the log says what.'),
      problemAnswer(503, 'The store cannot be had just now, or the answer took too long: trying again later is right.'),
    )
    .build();
  return SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
}

function problemAnswer(status: number, description: string): ApiResponseOptions {
  return { status, description, content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } } };
}

export function serveDocs(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup(DOCS_PATH, app, document, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Passbook API' });
}
