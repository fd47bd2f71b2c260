import { TypeGuard, type TSchema } from '@sinclair/typebox';
import { ProblemSchema } from './problem.js';
import type { Route } from './route.js';

const plain = (schema: TSchema): unknown => JSON.parse(JSON.stringify(schema));

/** How `parseParameters` reads lists. */
const LISTS =
  'separated by commas; given more than once, each value is taken whole, so that it may hold a comma (an empty one is left out)';

const parameter = (name: string, schema: TSchema): object => ({
  name,
  in: 'query',
  required: !TypeGuard.IsOptional(schema) && !('default' in schema),
  description: TypeGuard.IsArray(schema) ? `${schema.description}; ${LISTS}` : schema.description,
  schema: plain(schema),
  ...(TypeGuard.IsArray(schema) ? { style: 'form', explode: false } : {}),
});

const pathParameters = (path: string): object[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));

const PROBLEMS: Readonly<Record<string, string>> = {
  400: 'a parameter is wrong; `parameter` names it',
  401: 'no valid token',
  403: "the token's role may not do this",
  404: 'no such object',
  503: 'not available now, try again',
};

/** OpenAPI 3.1 of the admin port, made from the same objects that route and check. */
export const openApi = (routes: readonly Route[], version: string): object => {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    const content: Record<string, object> = { 'application/json': { schema: plain(route.answer) } };
    for (const format of route.formats ?? [])
      content[format] = { schema: { type: 'string', format: 'binary' } };
    if (route.liveMs !== undefined)
      content['text/event-stream'] = {
        schema: {
          type: 'string',
          description: `server-sent events: the JSON answer as a message every ${route.liveMs / 1000} s, comments as heartbeats, events named problem with a problem document`,
        },
      };
    paths[path] = {
      ...paths[path],
      [route.method]: {
        operationId: `${route.method} ${route.path}`.replaceAll(/[^a-z]+/gi, '_'),
        summary: route.summary,
        description: `Permission: \`${route.permission}\``,
        security: [{ bearer: [] }],
        parameters: [
          ...pathParameters(route.path),
          ...Object.entries(route.query.properties).map(([name, schema]) => parameter(name, schema)),
        ],
        ...(route.body
          ? {
              requestBody: { required: true, content: { 'application/json': { schema: plain(route.body) } } },
            }
          : {}),
        responses: {
          200: { description: 'the answer', content },
          ...Object.fromEntries(
            Object.entries(PROBLEMS).map(([status, description]) => [
              status,
              {
                description,
                content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
              },
            ]),
          ),
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Lintel admin API', version, license: { name: 'MIT' } },
    paths,
    components: {
      schemas: { Problem: plain(ProblemSchema) },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
};
