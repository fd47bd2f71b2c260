import type { AddressInfo } from 'node:net';
import compression from 'compression';
import cors from 'cors';
import express from 'express';
import helmet from 'helmet';
import { Redis } from 'ioredis';
import { z } from 'zod';

/**
 * What one would write first: Express with helmet, cors, compression, express.json and zod, and one XADD for each
 * event. It checks less, enriches nothing and knows no duplicates. `plain-server.ts <redis url>`; prints its port.
 */
const redis = new Redis(process.argv[2] ?? '');

const text = z.string().max(1024);
const place = {
  sel: text.optional(),
  label: text.optional(),
  kind: text.optional(),
  ex: z.number().int().min(0).max(32_767).optional(),
  ey: z.number().int().min(0).max(32_767).optional(),
  px: z.number().int().min(0).max(10_000).optional(),
  py: z.number().int().min(0).optional(),
  box: z.array(z.number().int()).length(4).optional(),
  fixed: z.boolean().optional(),
  vw: z.number().int().optional(),
  vh: z.number().int().optional(),
  dh: z.number().int().optional(),
};
const common = { seq: z.number().int().min(0), at: z.number().int().min(0), path: text.optional() };
const cents = z.number().int().min(0);
const Event = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('page_view'),
    ...common,
    title: text.optional(),
    nav: text.optional(),
    display: text.optional(),
  }),
  z.object({
    type: z.literal('page_leave'),
    ...common,
    view: z.number().optional(),
    engagedMs: z.number().int(),
    visibleMs: z.number().int().optional(),
    depth: z.number().int().optional(),
    depthPx: z.number().int().optional(),
    final: z.boolean().optional(),
  }),
  z.object({ type: z.literal('click'), ...common, ...place }),
  z.object({
    type: z.literal('scroll'),
    ...common,
    view: z.number().optional(),
    depth: z.number().int(),
    px: z.number().int().optional(),
    dh: z.number().int().optional(),
  }),
  z.object({
    type: z.literal('visibility'),
    ...common,
    name: text,
    ms: z.number().int().optional(),
    ratio: z.number().optional(),
    view: z.number().optional(),
  }),
  z.object({
    type: z.literal('vital'),
    ...common,
    name: text,
    value: z.number(),
    delta: z.number().optional(),
    id: text.optional(),
    rating: text.optional(),
    nav: text.optional(),
  }),
  z.object({
    type: z.literal('option_select'),
    ...common,
    group: text,
    option: text,
    previous: text.optional(),
    priceDeltaCents: z.number().int().optional(),
    model: text.optional(),
  }),
  z.object({
    type: z.literal('config'),
    ...common,
    model: text,
    options: z.record(text, text),
    priceCents: cents,
    currency: text.optional(),
    reason: text,
  }),
  z.object({
    type: z.literal('price_view'),
    ...common,
    priceCents: cents,
    currency: text.optional(),
    model: text.optional(),
  }),
]);
const Batch = z.object({
  key: text,
  sdk: text.optional(),
  sentAt: z.number().int(),
  stream: z.uuid(),
  visitor: z.uuid().nullish(),
  session: z.uuid().nullish(),
  consent: z.enum(['none', 'statistics', 'all']).optional(),
  page: z
    .object({
      url: text.nullish(),
      referrer: text.nullish(),
      title: text.nullish(),
      language: text.nullish(),
      timeZone: text.nullish(),
      screen: z.array(z.number()).nullish(),
      viewport: z.array(z.number()).nullish(),
      dpr: z.number().nullish(),
      touch: z.boolean().nullish(),
      connection: text.nullish(),
    })
    .optional(),
  events: z.array(Event).max(500),
});

const app = express();
app.use(helmet());
app.use(cors({ origin: ['https://nest.example'] }));
app.use(compression());
app.use(express.json({ limit: '256kb' }));
app.post('/v1/events', async (request, response) => {
  const batch = Batch.safeParse(request.body);
  if (!batch.success) {
    response.status(400).json({ reason: 'envelope' });
    return;
  }
  const { events, ...envelope } = batch.data;
  await Promise.all(
    events.map((event) => redis.xadd('events', '*', 'event', JSON.stringify({ ...envelope, ...event }))),
  );
  response.status(202).json({ accepted: events.length, duplicate: 0, rejected: [] });
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
