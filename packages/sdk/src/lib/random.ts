/** Chance; tests fix it. */
export interface Random {
  /** 0 ≤ x < 1. */
  number(): number;
  uuid(): string;
}

export const systemRandom: Random = {
  number: () => Math.random(),
  // randomUUID exists in secure contexts only, and sites on plain http are still out there
  uuid: () =>
    crypto.randomUUID?.() ??
    '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
      (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (+digit / 4)))).toString(16),
    ),
};
