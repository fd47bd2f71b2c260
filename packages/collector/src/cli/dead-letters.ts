import { BadSettings } from '../errors.js';
import { askAdmin } from './admin-client.js';

/** `lintel dead-letters list|replay [ID…]` */
export const deadLetters = async (args: readonly string[]): Promise<void> => {
  const [action, ...ids] = args;
  if (action === 'list') {
    const answer = await askAdmin<{ deadLetters: unknown[] }>('/api/admin/dead-letters');
    for (const letter of answer.deadLetters) process.stdout.write(`${JSON.stringify(letter)}\n`);
    return;
  }
  if (action === 'replay') {
    const answer = await askAdmin<{ replayed: number }>('/api/admin/dead-letters/replay', {
      method: 'POST',
      body: ids.length > 0 ? { ids } : {},
    });
    process.stdout.write(`${answer.replayed} replayed\n`);
    return;
  }
  throw new BadSettings('dead-letters list, or dead-letters replay [ID…]');
};
