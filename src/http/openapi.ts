// The OpenAPI document, and the interactive page over it at /docs.
import { type INestApplication } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { HEADERS, PARAMETERS } from './openapi-headers.js';
import { describeOperations } from './openapi-operations.js';
import { Problem } from './problem.dto.js';
import { type Controller, type Handler, type RouteFacts, routeFactsOf } from './route-facts.js';
import { type Stage } from './stage.js';

export const DOCS_PATH = 'docs';

const ABOUT = `Accounts, balances and transactions.

Money is a decimal string beside its currency (\`"amount": "-12.34", "currency": "USD"\`): money in > 0, money out < 0, on every kind of account.
Days are \`YYYY-MM-DD\`, moments RFC 3339 in UTC. Lists are \`{"data": […], "nextCursor": …}\`; hand \`nextCursor\` back as \`cursor\` until it is null.
What is refused is answered as problem+json (RFC 9457) with a stable \`code\`; \`x-refusals\` lists the codes of each operation in the order in which they are tried.
Any POST may be sent again with the same \`Idempotency-Key\`: it has one effect, and the first answer is given again. An edit with \`If-Match\` is refused when somebody else was faster.
Every answer bears an \`X-Request-Id\`: the client's own, where it sent one.`;

/** @param stages what may be refused on the way to every route */
export function openApiDocument(app: INestApplication, version: string, stages: readonly Stage[]): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Passbook')
    .setDescription(ABOUT)
    .setVersion(version)
    .addServer('/')
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
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: operationIdOf,
    extraModels: [Problem],
  });
  document.components = { ...document.components, headers: { ...HEADERS }, parameters: { ...PARAMETERS } };
  const facts = factsByOperation(app);
  describeOperations(document, (operationId) => facts.get(operationId)!, stages);
  return document;
}

function operationIdOf(controller: string, method: string): string {
  return `${controller.replace('Controller', '')}_${method}`;
}

function factsByOperation(app: INestApplication): ReadonlyMap<string, RouteFacts> {
  const facts = new Map<string, RouteFacts>();
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      const controller = metatype as Controller;
      for (const name of Object.getOwnPropertyNames(controller.prototype)) {
        const handler: unknown = Reflect.get(controller.prototype as object, name);
        if (typeof handler === 'function' && Reflect.hasMetadata(PATH_METADATA, handler))
          facts.set(operationIdOf(controller.name, name), routeFactsOf(controller, handler as Handler));
      }
    }
  }
  return facts;
}

export function serveDocs(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup(DOCS_PATH, app, document, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Passbook API' });
}
