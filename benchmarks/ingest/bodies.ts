import { randomUUID } from 'node:crypto';
import { AGENTS, createRandom, eventText, pageText, pathOf } from './visit.js';

/** Requests of one kind, ready to be sent: every event has a (stream, seq) of its own. */
export interface Bodies {
  /** Events in each request. */
  events: number;
  next(): Buffer;
}

/** Events of one page instance before the next one begins. */
const PER_STREAM = 40;
/** Page instances that are open at the same time: neighbouring requests are of different visitors. */
const OPEN = 512;

interface Visit {
  seq: number;
  path: string;
  agent: string;
  /** Everything of a batch that stays the same for a page instance. */
  envelope: string;
}

const openVisit = (random: () => number): Visit => {
  const path = pathOf(random);
  return {
    seq: 0,
    path,
    agent: AGENTS[Math.floor(random() * AGENTS.length)]!,
    envelope: `"key":"pk_bench","sdk":"0.1.0","stream":"${randomUUID()}","visitor":"${randomUUID()}","session":"${randomUUID()}","consent":"statistics","page":${pageText(random, path)}`,
  };
};

/** HTTP/1.1 requests with bodies of `events` events each. */
export const createBodies = (events: number, port: number): Bodies => {
  const random = createRandom(20_261_125);
  const visits = Array.from({ length: OPEN }, () => openVisit(random));
  let turn = 0;
  return {
    events,
    next: () => {
      const index = turn++ % OPEN;
      let visit = visits[index]!;
      if (visit.seq + events > PER_STREAM) visit = visits[index] = openVisit(random);
      const now = Date.now();
      let list = '';
      for (let n = 0; n < events; n++) {
        const seq = visit.seq + n;
        list += `${n === 0 ? '' : ','}{"seq":${seq},"at":${now - 2000 + n * 100},${eventText(random, seq, visit.path)}}`;
      }
      visit.seq += events;
      // all of it is ASCII: characters are bytes
      const body = `{"sentAt":${now},${visit.envelope},"events":[${list}]}`;
      return Buffer.from(
        `POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: ${visit.agent}\r\nOrigin: https://nest.example\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        'latin1',
      );
    },
  };
};
