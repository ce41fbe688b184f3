import type { Theme } from '../app/theme';

const names = [
  'state-moving',
  'state-still',
  'state-late',
  'state-lost',
  'map-sea',
  'map-land',
  'map-coast',
  'map-border',
  'map-grid',
  'map-grid-text',
  'map-label',
  'map-halo',
  'map-fence',
  'surface',
  'text',
  'accent',
] as const;

export type Palette = Readonly<Record<(typeof names)[number], string>> & { readonly theme: Theme };

/** The colours of the page's own tokens, for a map that CSS does not reach. */
export function readPalette(theme: Theme): Palette {
  const style = getComputedStyle(document.documentElement);
  const entries = names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]);
  return { ...Object.fromEntries(entries), theme };
}
