import { cellToLatLng, latLngToCell } from 'h3-js';

const CELL_RESOLUTION = 9;
/** About the radius of such a cell. */
export const CELL_M = 200;

export const cellOf = ({ lat, lng }: { lat: number; lng: number }): string => latLngToCell(lat, lng, CELL_RESOLUTION);

/** The middle of the cell that holds a point. */
export function blurred(point: { lat: number; lng: number }): { lat: number; lng: number; cell: string } {
  const cell = cellOf(point);
  const [lat, lng] = cellToLatLng(cell);
  return { lat: Math.round(lat * 1e7) / 1e7, lng: Math.round(lng * 1e7) / 1e7, cell };
}
