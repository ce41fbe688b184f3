interface Place {
  lat: number;
  lng: number;
  accuracy: number;
}

const WAIT_MS = 15_000;

/** Where this device is now. Rejects with words for the person who asked. */
export function currentPlace(): Promise<Place> {
  return new Promise((resolve, reject) => {
    if (!('geolocation' in navigator)) return reject(new Error('This browser cannot tell where it is.'));
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve({ lat: latitude, lng: longitude, accuracy: Math.min(accuracy, 100_000) }),
      ({ code }) => reject(new Error(reasons[code] ?? 'The position could not be found.')),
      { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 30_000 },
    );
  });
}

/** By the codes of GeolocationPositionError. */
const reasons: Readonly<Record<number, string>> = {
  1: 'Checking in needs your position. Allow it for this page in the browser’s settings, then try again.',
  2: 'Your position could not be found. Try again under open sky or near a window.',
  3: 'Finding your position took too long. Try again.',
};
