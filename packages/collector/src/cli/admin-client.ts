import { readSettings } from '../config.js';
import { BadSettings } from '../errors.js';

/** Asks the running collector's admin port on this host. @throws {BadSettings} in words for the person at the terminal */
export const askAdmin = async <T>(
  path: string,
  init: { method?: string; body?: unknown } = {},
): Promise<T> => {
  const token = process.env['LINTEL_TOKEN'];
  if (!token)
    throw new BadSettings('set LINTEL_TOKEN to an admin token (npx lintel token create --role admin)');
  const { admin } = readSettings(process.env);
  const url = `http://${admin.host}:${admin.port}${path}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
  } catch (cause) {
    throw new BadSettings(
      `no collector answers on ${url}: ${((cause as Error).cause as Error | undefined)?.message ?? ''}`,
    );
  }
  const answer = (await response.json()) as T & { detail?: string };
  if (!response.ok) throw new BadSettings(`${response.status}: ${answer.detail ?? 'refused'}`);
  return answer;
};
