/** ln Gamma(x) for x > 0, by Stirling's series after shifting the argument above 8; absolute error below 1e-10. */
import { log } from "../core/elementary.js";

const HALF_LOG_TWO_PI = 0.9189385332046727;
const SERIES_FROM = 8;

export function logGamma(x: number): number {
  let argument = x;
  let product = 1;
  while (argument < SERIES_FROM) {
    product *= argument;
    argument += 1;
  }
  const inverse = 1 / argument;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return (argument - 0.5) * log(argument) - argument + HALF_LOG_TWO_PI + series - log(product);
}
