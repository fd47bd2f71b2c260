/** Metres: x along the house, y into its depth, z up. The front gable stands at x = 0, the long side at y = 0. */
export type Point3 = readonly [x: number, y: number, z: number];
export type Point2 = readonly [x: number, y: number];
export type Project = (point: Point3) => Point2;

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Two-point perspective as architects draw it: the camera stays level, so verticals stay vertical.
 * @param eye position of the camera   @param heading direction of view on the ground, any length
 */
export const perspective = (eye: Point3, heading: Point2): Project => {
  const length = Math.hypot(...heading);
  const [fx, fy] = [heading[0] / length, heading[1] / length];
  return ([x, y, z]) => {
    const depth = (x - eye[0]) * fx + (y - eye[1]) * fy;
    return [((x - eye[0]) * fy - (y - eye[1]) * fx) / depth, (eye[2] - z) / depth];
  };
};

/** Scales and moves `project` so that `points` fill the width of `frame` and stand on its bottom edge. */
export const fitInto = (project: Project, points: readonly Point3[], frame: Frame): Project => {
  const flat = points.map(project);
  const xs = flat.map(([x]) => x);
  const ys = flat.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(frame.width / (right - left), frame.height / (bottom - top));
  const dx = frame.left + (frame.width - scale * (right - left)) / 2 - scale * left;
  const dy = frame.top + frame.height - scale * bottom;
  return (point) => {
    const [x, y] = project(point);
    return [x * scale + dx, y * scale + dy];
  };
};

const digits = (value: number): string => value.toFixed(1);

/** SVG path of a closed polygon. */
export const polygon = (project: Project, points: readonly Point3[]): string =>
  `M${points.map((point) => project(point).map(digits).join(' ')).join('L')}Z`;

/** SVG path of a line. */
export const line = (project: Project, from: Point3, to: Point3): string =>
  `M${project(from).map(digits).join(' ')}L${project(to).map(digits).join(' ')}`;
