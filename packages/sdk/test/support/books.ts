import { gunzipSync } from 'node:zlib';
import { checkBatch, checkEvent, type Batch } from '@lintel/protocol';

/** What the network and the collector do with requests from now on. */
export type Weather = 'up' | 'down' | 'answer lost' | 'busy';
export interface Answer {
  status: number;
  text: string;
}

/** A stream as the collector knows it in the end. */
export interface KnownStream {
  consent: string;
  events: Map<number, string>;
  ended: number | undefined;
  dropped: Map<string, number>;
}

/** Given up after they had a number: the only holes a stream may have. */
const AFTER = ['evicted', 'expired', 'too_large', 'refused', 'storage', 'consent_withdrawn'];

/** A collector without a port, that keeps the books of all streams and complains about whatever breaks the wire's rules. */
export const createBooks = () => {
  const streams = new Map<string, KnownStream>();
  const complaints: string[] = [];
  let weather: Weather = 'up';
  let stormy = false;

  const streamOf = (id: string, consent = 'none'): KnownStream => {
    let known = streams.get(id);
    if (!known) {
      known = { consent, events: new Map(), ended: undefined, dropped: new Map() };
      streams.set(id, known);
    }
    return known;
  };
  const take = (batch: Batch): Answer => {
    const checked = checkBatch(batch);
    if (checked.kind === 'invalid') complaints.push(`batch: ${checked.field} ${checked.message}`);
    const { stream, consent, visitor, session } = batch;
    if (consent === 'none' ? (visitor ?? session ?? null) !== null : !visitor || !session)
      complaints.push(`ids at ${consent}: ${String(visitor)} ${String(session)}`);
    const known = streamOf(stream, consent);
    if (known.consent !== consent) complaints.push(`${stream} was ${known.consent} and is ${consent}`);
    for (const { stream: id, count } of batch.ended ?? []) {
      if (streams.has(id) && streams.get(id)!.consent !== consent)
        complaints.push(`${id} ended by a stream of another level`);
      streamOf(id, consent).ended = count;
    }
    for (const [reason, total] of Object.entries(batch.dropped ?? {})) {
      if ((known.dropped.get(reason) ?? 0) > total) complaints.push(`total of ${reason} fell`);
      known.dropped.set(reason, total);
    }
    let duplicate = 0;
    for (const event of batch.events as { seq: number }[]) {
      const verdict = checkEvent(event);
      if (verdict.kind === 'invalid') complaints.push(`event: ${verdict.field} ${verdict.message}`);
      const text = JSON.stringify(event);
      const before = known.events.get(event.seq);
      if (before === undefined) known.events.set(event.seq, text);
      else {
        duplicate++;
        if (before !== text) complaints.push(`${stream}:${event.seq} is two events: ${before} ${text}`);
      }
    }
    const accepted = batch.events.length - duplicate;
    return { status: 202, text: JSON.stringify({ accepted, duplicate, rejected: [] }) };
  };

  return {
    streams,
    complaints,
    weather(next: Weather): void {
      weather = next;
      stormy ||= next !== 'up';
    },
    /** Whether it was ever anything but up. */
    stormy: () => stormy,
    /** A request of the page; null is a network that gave no answer. */
    collect(gzip: boolean, body: string): Answer | null {
      if (weather === 'down') return null;
      if (weather === 'busy') return { status: 503, text: '{"reason":"busy"}' };
      const text = gzip ? gunzipSync(Buffer.from(body, 'base64')).toString('utf8') : body;
      const answer = take(JSON.parse(text) as Batch);
      return weather === 'answer lost' ? null : answer;
    },
    /** Numbers that are missing, and how many of them a reason explains. */
    holes(level: (consent: string) => boolean): { missing: string[]; explained: number } {
      const missing: string[] = [];
      let explained = 0;
      for (const [id, { consent, events, ended, dropped }] of streams) {
        for (const [reason, count] of dropped) if (AFTER.includes(reason)) explained += count;
        const highest = Math.max(-1, ...events.keys());
        if (ended !== undefined && ended < highest + 1)
          complaints.push(`${id} ended with ${ended} and has ${highest}`);
        if (!level(consent)) continue;
        for (let seq = 0; seq < Math.max(ended ?? 0, highest + 1); seq++)
          if (!events.has(seq)) missing.push(`${consent} ${id}:${seq}`);
      }
      return { missing, explained };
    },
  };
};
