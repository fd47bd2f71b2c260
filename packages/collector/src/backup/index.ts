export { openJournal } from './journal.js';
export { createBackups, type Backups, type Operation } from './operations.js';
export { engineFolder, serverDisk } from './place.js';
