/**
 * The 48 trigger cells of a low-density module in training order: positions, ground distance, and the 2x2 and 4x4 groups.
 *
 * Positions are in sensor-cell pitches (cm divided by 1.20840075), the unit of every EMD in this project.
 * Source: the three 4x4 rhombi of fastml-science sensor-data-compression, utils/metrics.py (geometry constants).
 */
import { CELLS } from "../core/table.js";
import { sqrt } from "../core/elementary.js";

/** Centimetres per unit: half of the 2.4168015 cm trigger-cell pitch. */
export const PITCH_CM = 0.5 * 2.4168015;

// prettier-ignore
const XY_CM: readonly number[] = [
  0.0, 0.0, 0.0, -2.4168015, 0.0, -4.833603, 0.0, -7.2504044,
  2.09301, -1.2083969, 2.09301, -3.6251984, 2.09301, -6.042, 2.09301, -8.458794,
  4.18602, -2.4168015, 4.18602, -4.833603, 4.18602, -7.2504044, 4.18602, -9.667198,
  6.27903, -3.6251984, 6.27903, -6.042, 6.27903, -8.458794, 6.27903, -10.875603,
  -8.37204, -10.271393, -6.27903, -9.063004, -4.18602, -7.854599, -2.0930138, -6.6461945,
  -8.37204, -7.854599, -6.27903, -6.6461945, -4.18602, -5.4377975, -2.0930138, -4.229393,
  -8.37204, -5.4377975, -6.27903, -4.229393, -4.18602, -3.020996, -2.0930138, -1.8125992,
  -8.37204, -3.020996, -6.27903, -1.8125992, -4.18602, -0.6042023, -2.0930138, 0.6042023,
  4.7092705, -12.386101, 2.6162605, -11.177696, 0.5232506, -9.969299, -1.5697594, -8.760895,
  2.6162605, -13.594498, 0.5232506, -12.386101, -1.5697594, -11.177696, -3.6627693, -9.969299,
  0.5232506, -14.802895, -1.5697594, -13.594498, -3.6627693, -12.386101, -5.7557793, -11.177696,
  -1.5697594, -16.0113, -3.6627693, -14.802895, -5.7557793, -13.594498, -7.848793, -12.386101,
];

/** x0, y0, x1, y1, ... of the 48 cells, in sensor-cell pitches. */
export const TRIGGER_CELL_XY: Float64Array = Float64Array.from(XY_CM, (cm) => cm / PITCH_CM);

/** Euclidean distances between points, [n, n]; `xy` holds n points of `dimensions` coordinates. */
export function distanceMatrix(points: Float64Array, dimensions: number): Float64Array {
  const n = points.length / dimensions;
  const distances = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let square = 0;
      for (let k = 0; k < dimensions; k++) {
        const difference = points[i * dimensions + k] - points[j * dimensions + k];
        square += difference * difference;
      }
      distances[i * n + j] = sqrt(square);
    }
  }
  return distances;
}

/** Ground distance between trigger cells, [48, 48], sensor-cell pitches. */
export function groundDistance(): Float64Array {
  return distanceMatrix(TRIGGER_CELL_XY, 2);
}

/** First cells of the twelve 2x2 groups inside one third; a group is {f, f+1, f+4, f+5}. */
const FIRST_OF_2X2 = [0, 2, 8, 10] as const;

/** The twelve 2x2 groups that tile the module (super trigger cells of 4), training indices. */
export const GROUPS_OF_4: readonly (readonly number[])[] = [0, 16, 32].flatMap((third) =>
  FIRST_OF_2X2.map((first) => [0, 1, 4, 5].map((offset) => third + first + offset)),
);

/** The three thirds of the module (super trigger cells of 16), training indices. */
export const GROUPS_OF_16: readonly (readonly number[])[] = [0, 16, 32].map((third) =>
  Array.from({ length: CELLS / 3 }, (_, i) => third + i),
);
