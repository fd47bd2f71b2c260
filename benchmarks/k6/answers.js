import { check } from 'k6';
import { Counter } from 'k6/metrics';

/** Counters exist before the test begins: k6 knows no others. */
const counters = Object.fromEntries(
  [0, 200, 201, 202, 304, 400, 403, 404, 405, 408, 413, 415, 429, 500, 503].map((status) => [
    status,
    new Counter(`answers_${status}`),
  ]),
);

/** Counts the answer by its status. */
export const count = (response) => {
  counters[response.status]?.add(1);
  return response;
};

/** Every event of the batch has a verdict, and none was refused. */
export const isAcknowledged = (response, events) =>
  check(count(response), {
    'is 202 with a verdict on every event': ({ status, body }) => {
      if (status !== 202) return false;
      const { accepted, duplicate, rejected } = JSON.parse(body);
      return accepted + duplicate === events && rejected.length === 0;
    },
  });

/** A request that is put off says when to come again; nothing else is a way to say no. */
export const isAcknowledgedOrPutOff = (response) =>
  check(count(response), {
    'is 202, or 429/503 with Retry-After': ({ status, headers }) =>
      status === 202 || ((status === 429 || status === 503) && Number(headers['Retry-After']) > 0),
  });
