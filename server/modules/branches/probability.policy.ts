/** Least standard deviation in metres: no reading is better than that, whatever it says. */
const LEAST_SIGMA_M = 3;
/** Reported accuracy is the radius that holds 68 % of readings: so many standard deviations in the plane, about 1.51. */
const SIGMAS_OF_ACCURACY = Math.sqrt(-2 * Math.log(1 - 0.68));
const SLICES = 200;

/** Probability that a standard normal value is below `x`. */
export function normal(x: number): number {
  if (x < -8) return 0;
  if (x > 8) return 1;
  let sum = x;
  let term = x;
  for (let n = 3; sum + term !== sum; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + sum * Math.exp(-(x * x) / 2) * (1 / Math.sqrt(2 * Math.PI));
}

/**
 * How likely the true place lies inside a fence.
 * @param signedDistanceM to the border, positive inside
 * @param radiusM of the circle, or of the circle of the same area
 * @param accuracyM as the device reports it: the 68 % radius
 */
export function insideProbability(signedDistanceM: number, radiusM: number, accuracyM: number): number {
  const sigma = Math.max(LEAST_SIGMA_M, accuracyM / SIGMAS_OF_ACCURACY);
  // A border that is far longer than the doubt about the place is as good as straight.
  if (sigma <= radiusM / 2) return normal(signedDistanceM / sigma);
  return inCircle(Math.max(0, radiusM - signedDistanceM), radiusM, sigma);
}

/** The exact share of a round normal distribution, `d` away from the middle, that falls into a circle: by slices of it. */
function inCircle(d: number, r: number, sigma: number): number {
  // Slices at r·sin θ lie closest where the circle ends, so that Simpson's rule sees a smooth function.
  const slice = (theta: number): number => {
    const x = r * Math.sin(theta);
    const half = r * Math.cos(theta);
    const density = Math.exp(-((x - d) ** 2) / (2 * sigma ** 2)) / (sigma * Math.sqrt(2 * Math.PI));
    return density * (2 * normal(half / sigma) - 1) * half;
  };
  const step = Math.PI / SLICES;
  let sum = 0;
  for (let index = 0; index <= SLICES; index += 1) {
    const weight = index === 0 || index === SLICES ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * slice(-Math.PI / 2 + index * step);
  }
  return Math.min(1, Math.max(0, (sum * step) / 3));
}
