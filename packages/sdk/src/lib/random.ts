/** Chance; tests fix it. */
export interface Random {
  /** 0 ≤ x < 1. */
  number(): number;
  uuid(): string;
}

export const systemRandom: Random = {
  number: () => Math.random(),
  // randomUUID exists in secure contexts only, and sites on plain http are still out there: an address of a blob ends
  // with one, in every browser
  uuid: () => crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36),
};
