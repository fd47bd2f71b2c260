import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';

/**
 * The manifest of a build and, with a key, its detached signature: whoever mirrors the files can prove whose they are.
 * Without a key the manifest says `"signature": null`.
 * @param content `{ version, files }`   @param key Ed25519 private key, PEM (PKCS #8)
 * @returns file name → text
 * @throws {Error} when the key is no Ed25519 private key
 */
export const manifestFiles = (content, key) => {
  const name = 'manifest.json.sig';
  const text = `${JSON.stringify({ ...content, signature: key ? name : null }, null, 2)}\n`;
  if (!key) return { 'manifest.json': text };
  const secret = createPrivateKey(key);
  if (secret.asymmetricKeyType !== 'ed25519') throw new Error('the signing key is no Ed25519 key');
  return { 'manifest.json': text, [name]: `${sign(null, Buffer.from(text), secret).toString('base64')}\n` };
};

/** Whether `signature` (base64) is that of `text` by the owner of `publicKey` (PEM). */
export const isSigned = (text, signature, publicKey) =>
  verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'base64'));
