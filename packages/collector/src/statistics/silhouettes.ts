/** Points in one array, row after row: arrays of arrays cost three times as much to walk. */
export interface Cloud {
  values: Float64Array;
  width: number;
}

export const cloudOf = (points: readonly (readonly number[])[]): Cloud => {
  const width = points[0]!.length;
  const values = new Float64Array(points.length * width);
  points.forEach((point, i) => values.set(point, i * width));
  return { values, width };
};

const distanceOf = ({ values, width }: Cloud, i: number, j: number): number => {
  let sum = 0;
  for (let at = i * width, to = j * width; at < (i + 1) * width; at++, to++)
    sum += (values[at]! - values[to]!) ** 2;
  return Math.sqrt(sum);
};

/** Number of each point among the combinations of labels that occur; `of` has the label in each labelling of each. */
const classesOf = (
  labellings: readonly Uint32Array[],
  n: number,
): { classes: Uint32Array; of: number[][] } => {
  const known = new Map<string, number>();
  const of: number[][] = [];
  const classes = Uint32Array.from({ length: n }, (_, i) => {
    const labels = labellings.map((own) => own[i]!);
    const key = labels.join(' ');
    const place = known.get(key) ?? of.push(labels) - 1;
    known.set(key, place);
    return place;
  });
  return { classes, of };
};

/** Σ of the distances of each point to the points of each class, point after point. */
const distancesTo = (cloud: Cloud, classes: Uint32Array, count: number): Float64Array => {
  const n = classes.length;
  const sums = new Float64Array(n * count);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const distance = distanceOf(cloud, i, j);
      sums[i * count + classes[j]!]! += distance;
      sums[j * count + classes[i]!]! += distance;
    }
  }
  return sums;
};

/**
 * How well labels part the points: mean of (b − a) / max(a, b), own group's mean distance a, next group's b. Of all
 * labellings at once, because distances are what it costs: points with the same labels in each of them are one class.
 * @param labellings of the points of the cloud, labels from 0   @returns one number a labelling, −1…1
 * Source: Rousseeuw (1987), doi:10.1016/0377-0427(87)90125-7
 */
export const silhouettes = (cloud: Cloud, labellings: readonly Uint32Array[]): number[] => {
  const n = cloud.values.length / cloud.width;
  const { classes, of } = classesOf(labellings, n);
  const distances = distancesTo(cloud, classes, of.length);
  return labellings.map((labels, labelling) => {
    const groupOf = Uint32Array.from(of, (own) => own[labelling]!);
    const k = groupOf.reduce((most, label) => Math.max(most, label), 0) + 1;
    const sizes = new Uint32Array(k);
    for (const label of labels) sizes[label]!++;
    const sums = new Float64Array(k);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const own = labels[i]!;
      // alone in its group: 0 by definition
      if (sizes[own] === 1) continue;
      sums.fill(0);
      for (let c = 0; c < groupOf.length; c++) sums[groupOf[c]!]! += distances[i * groupOf.length + c]!;
      const a = sums[own]! / (sizes[own]! - 1);
      let b = Infinity;
      for (let label = 0; label < k; label++)
        if (label !== own && sizes[label]! > 0) b = Math.min(b, sums[label]! / sizes[label]!);
      const widest = Math.max(a, b);
      if (Number.isFinite(b) && widest > 0) total += (b - a) / widest;
    }
    return total / n;
  });
};
