/**
 * Inverse in its own place, row after row, by Gauss and Jordan without pivots: for matrices that need none, which are
 * positive definite or have rows that the diagonal outweighs. At the size of ours a general one spends its time on
 * objects.
 */
export const invertInPlace = (matrix: Float64Array, size: number): Float64Array => {
  for (let pivot = 0; pivot < size; pivot++) {
    const by = matrix[pivot * size + pivot]!;
    matrix[pivot * size + pivot] = 1;
    for (let j = 0; j < size; j++) matrix[pivot * size + j]! /= by;
    for (let i = 0; i < size; i++) {
      const factor = matrix[i * size + pivot]!;
      if (i === pivot || factor === 0) continue;
      matrix[i * size + pivot] = 0;
      for (let j = 0; j < size; j++) matrix[i * size + j]! -= factor * matrix[pivot * size + j]!;
    }
  }
  return matrix;
};
