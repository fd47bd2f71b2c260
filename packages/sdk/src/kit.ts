import { clean } from './capture/mask.js';
import { plainBody } from './delivery/body.js';
import { headOf } from './delivery/head.js';
import { change, read } from './delivery/outbox-indexeddb.js';
import { answerOf, isSettled, requestInit } from './delivery/request.js';
import { isIdentified, keysIn, rowName, total } from './delivery/row.js';
import { isLevel, lower } from './identity/consent.js';
import { whenIdle } from './lib/idle.js';
import { listening } from './lib/listen.js';
import { tokens } from './lib/tokens.js';

/**
 * What the core has and its chunks need too, by place. Their source imports it as any other; the build takes it from
 * here, so that it travels once (`fromCore` in rollup.config.js).
 */
export const kit = [
  answerOf,
  change,
  clean,
  headOf,
  isIdentified,
  isLevel,
  isSettled,
  keysIn,
  listening,
  lower,
  plainBody,
  requestInit,
  read,
  rowName,
  tokens,
  total,
  whenIdle,
];
