import type { Map as MapLibre } from 'maplibre-gl';
import { type Glyph, glyphs } from './glyphs';
import type { Palette } from '../../map/palette';

const BOX = 36;
const RATIO = 2;
/** The glyph's 24 units within the image; the rest is room for the rim. */
const SCALE = 1.3;

const kinds = [
  ['heading', 'state-moving'],
  ['moving', 'state-moving'],
  ['still', 'state-still'],
  ['late', 'state-late'],
  ['lost', 'state-lost'],
] as const;

export const markerImage = (kind: string): string => `person-${kind}`;

/** Draws every marker in the palette's colours; called again, it replaces them. */
export function addMarkerImages(map: MapLibre, palette: Palette): void {
  for (const [kind, color] of kinds) {
    const image = draw(glyphs[kind], palette[color], palette.surface);
    if (!image) continue;
    const id = markerImage(kind);
    if (map.hasImage(id)) map.updateImage(id, image);
    else map.addImage(id, image, { pixelRatio: RATIO });
  }
}

function draw(glyph: Glyph, color: string, ground: string): ImageData | null {
  const canvas = document.createElement('canvas');
  canvas.width = BOX * RATIO;
  canvas.height = BOX * RATIO;
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  pen.scale(RATIO, RATIO);
  pen.translate(BOX / 2, BOX / 2);
  pen.scale(SCALE, SCALE);
  pen.translate(-12, -12);
  pen.lineJoin = 'round';
  pen.lineCap = 'round';

  const outline = new Path2D(glyph.outline);
  // The rim lifts the marker off whatever lies below it.
  pen.shadowColor = 'rgb(0 0 0 / 35%)';
  pen.shadowBlur = 2.5 * RATIO;
  pen.shadowOffsetY = RATIO / 2;
  pen.strokeStyle = ground;
  pen.lineWidth = glyph.isFilled ? 3 : 5;
  pen.stroke(outline);
  pen.shadowColor = 'transparent';
  pen.fillStyle = glyph.isFilled ? color : ground;
  pen.fill(outline);
  if (!glyph.isFilled) stroke(pen, outline, color, 2.4);
  if (glyph.mark !== undefined) stroke(pen, new Path2D(glyph.mark), glyph.isFilled ? ground : color, 2);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function stroke(pen: CanvasRenderingContext2D, path: Path2D, color: string, width: number): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.stroke(path);
}
