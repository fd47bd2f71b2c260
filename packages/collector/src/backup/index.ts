export { openJournal } from './journal.js';
export { backupsElsewhere, createBackups, type Backups, type Operation } from './operations.js';
export { engineFolder, serverDisk } from './place.js';
