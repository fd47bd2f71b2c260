export function manifestFiles(
  content: { version: string; files: object },
  key?: string,
): { 'manifest.json': string; 'manifest.json.sig'?: string };
export function isSigned(text: string, signature: string, publicKey: string): boolean;
