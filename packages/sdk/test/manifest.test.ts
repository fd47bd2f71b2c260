import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { isSigned, manifestFiles } from '../scripts/manifest.js';

const DIST = new URL('../dist/', import.meta.url);
const CONTENT = { version: '1.2.3', files: { 'lintel.js': { integrity: 'sha384-x', bytes: 1, gzip: 1 } } };
const pem = (type: 'ed25519' | 'ed448'): { secret: string; open: string } => {
  const { privateKey, publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

describe('manifest', () => {
  it('is signed by the key of the build, and no byte of it can be changed', () => {
    const { secret, open } = pem('ed25519');
    const { 'manifest.json': text, 'manifest.json.sig': signature } = manifestFiles(CONTENT, secret);
    expect(JSON.parse(text)).to.eql({ ...CONTENT, signature: 'manifest.json.sig' });
    expect(isSigned(text, signature!, open)).to.equal(true);
    expect(isSigned(text.replace('1.2.3', '1.2.4'), signature!, open)).to.equal(false);
    expect(isSigned(text, signature!, pem('ed25519').open)).to.equal(false);
    // two clean builds are the same to the byte
    expect(manifestFiles(CONTENT, secret)['manifest.json.sig']).to.equal(signature);
  });

  it('says so when nobody signed it, and takes no other kind of key', () => {
    expect(JSON.parse(manifestFiles(CONTENT)['manifest.json'])).to.eql({ ...CONTENT, signature: null });
    expect(manifestFiles(CONTENT)).to.have.all.keys('manifest.json');
    expect(() => manifestFiles(CONTENT, pem('ed448').secret)).to.throw('Ed25519');
  });

  it('names every file of the script tag with its true hash', () => {
    const { files } = JSON.parse(readFileSync(new URL('manifest.json', DIST), 'utf8')) as {
      files: Record<string, { integrity: string; bytes: number }>;
    };
    expect(Object.keys(files)).to.include.members([
      'lintel.js',
      'lintel-signals.js',
      'lintel-vitals.js',
      'stub.js',
    ]);
    for (const [name, { integrity, bytes }] of Object.entries(files)) {
      const content = readFileSync(new URL(name, DIST));
      expect(integrity, name).to.equal(`sha384-${createHash('sha384').update(content).digest('base64')}`);
      expect(bytes, name).to.equal(content.length);
    }
  });
});
