import type { MultiLineString, MultiPolygon } from 'geojson';
import type { Box } from './graticule';

/** `world`: the whole earth, coarse. `near`: the finest there is, within a window. */
export type AtlasRequest = { want: 'world'; url: string } | { want: 'near'; url: string; window: Box };

export interface LandAndBorders {
  land: MultiPolygon;
  borders: MultiLineString;
}

export interface CountryLabel {
  name: string;
  lng: number;
  lat: number;
  area: number;
}

export type AtlasAnswer =
  | ({ got: 'world'; labels: CountryLabel[] } & LandAndBorders)
  | ({ got: 'near'; window: Box } & LandAndBorders)
  | { got: 'nothing'; want: AtlasRequest['want'] };
