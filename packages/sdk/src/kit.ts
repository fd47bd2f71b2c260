import { clean } from './capture/mask.js';
import { isText, plainBody } from './delivery/body.js';
import { endedWith, headOf } from './delivery/head.js';
import { answerOf, isSettled, requestInit } from './delivery/request.js';
import { bytesOf, countOf, rowName, ROW_FORMAT, together, total } from './delivery/row.js';
import { whenIdle } from './lib/idle.js';
import { listening } from './lib/listen.js';

/**
 * What the core has and its chunks need too. Their source imports it as any other; the build takes it from here, so
 * that it travels once (`fromCore` in rollup.config.js).
 */
export const kit = {
  answerOf,
  bytesOf,
  clean,
  countOf,
  endedWith,
  headOf,
  isSettled,
  isText,
  listening,
  plainBody,
  requestInit,
  ROW_FORMAT,
  rowName,
  together,
  total,
  whenIdle,
};
