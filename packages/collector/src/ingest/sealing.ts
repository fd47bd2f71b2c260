import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  randomUUID,
} from 'node:crypto';

/** Contact data of one inquiry as it is stored, and the wrapped key that opens it. */
export interface Sealed {
  /** `v1.<key id>.<nonce>.<ciphertext>`, base64url. */
  sealed: string;
  keyId: string;
  /** The inquiry's own key, sealed by the key the master key derives: destroying this row destroys the contact. */
  wrapped: string;
}

export interface Sealer {
  seal(subject: SealedField, plain: string): Sealed;
  /** @throws {Error} when anything was changed, or the field moved to another row */
  open(subject: SealedField, sealed: string, wrapped: string): string;
  /** Blind index of an e-mail address: 16 characters, equal for equal addresses, useless without the master key. */
  emailIndex(email: string): string;
}

/** Where a ciphertext belongs: part of what is authenticated, so it opens nowhere else. */
export interface SealedField {
  table: string;
  row: string;
  column: string;
}

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const derive = (masterKey: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, '', `lintel/${purpose}/v1`, 32));

const encrypt = (key: Uint8Array, plain: Uint8Array, associated: string): { nonce: Buffer; text: Buffer } => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(associated));
  return { nonce, text: Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
};

const decrypt = (key: Uint8Array, nonce: Uint8Array, text: Buffer, associated: string): Buffer => {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(associated))
    .setAuthTag(text.subarray(text.length - TAG_BYTES));
  return Buffer.concat([decipher.update(text.subarray(0, text.length - TAG_BYTES)), decipher.final()]);
};

const pack = (keyId: string, { nonce, text }: { nonce: Buffer; text: Buffer }): string =>
  `v1.${keyId}.${nonce.toString('base64url')}.${text.toString('base64url')}`;

const unpack = (packed: string): { keyId: string; nonce: Buffer; text: Buffer } => {
  const [version, keyId, nonce, text] = packed.split('.');
  if (version !== 'v1' || keyId === undefined || nonce === undefined || text === undefined) {
    throw new Error('not a sealed value');
  }
  return { keyId, nonce: Buffer.from(nonce, 'base64url'), text: Buffer.from(text, 'base64url') };
};

const associatedOf = ({ table, row, column }: SealedField, keyId: string): string =>
  [table, row, column, keyId].join('|');

/**
 * Envelope encryption: each inquiry has its own random key, wrapped by a key derived from the master key. HKDF gives
 * wrapping and blind index keys of their own, so neither says anything about the other.
 * @param masterKeys 32 bytes each; the first wraps, all unwrap
 */
export const createSealer = (masterKeys: readonly Uint8Array[]): Sealer => {
  const [first] = masterKeys;
  if (!first) throw new Error('a sealer needs a master key');
  const wrappers = new Map(
    masterKeys.map((key) => {
      const wrapping = derive(key, 'wrap');
      return [createHash('sha256').update(wrapping).digest('hex').slice(0, 16), wrapping] as const;
    }),
  );
  const [wrapperId, wrapper] = [...wrappers][0]!;
  const indexing = derive(first, 'email-index');
  return {
    seal: (subject, plain) => {
      const keyId = randomUUID();
      const key = randomBytes(32);
      const sealed = pack(keyId, encrypt(key, Buffer.from(plain), associatedOf(subject, keyId)));
      const wrapped = pack(wrapperId, encrypt(wrapper, key, `key|${keyId}`));
      return { sealed, keyId, wrapped };
    },
    open: (subject, sealed, wrapped) => {
      const field = unpack(sealed);
      const envelope = unpack(wrapped);
      const unwrapping = wrappers.get(envelope.keyId);
      if (!unwrapping) throw new Error('wrapped by a master key that is not here');
      const key = decrypt(unwrapping, envelope.nonce, envelope.text, `key|${field.keyId}`);
      return decrypt(key, field.nonce, field.text, associatedOf(subject, field.keyId)).toString();
    },
    // the column is FixedString(16) and rows travel as JSON text: 96 bits in base64url are 16 characters
    emailIndex: (email) =>
      createHmac('sha256', indexing)
        .update(email.trim().normalize('NFC').toLowerCase())
        .digest()
        .subarray(0, 12)
        .toString('base64url'),
  };
};
