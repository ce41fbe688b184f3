import { type PersonState, stateTitles } from './person-state';
import './glyphs.css';

export interface Glyph {
  /** In a box of 24 units. */
  outline: string;
  /** Filled shapes carry their mark in the ground's colour, hollow ones in their own. */
  isFilled: boolean;
  mark?: string;
  dash?: readonly number[];
}

const disc = 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z';

/** One shape a state, so that nobody needs the colours to tell them apart. The map and the page draw the same ones. */
export const glyphs: Readonly<Record<PersonState | 'heading', Glyph>> = {
  heading: { outline: 'M12 .5 16.900 7a7 7 0 1 1-9.800 0Z', isFilled: true },
  moving: { outline: disc, isFilled: true, mark: 'm9.500 13 2.500-2.500 2.500 2.500' },
  still: { outline: 'M8.500 5.500h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3Z', isFilled: true },
  late: { outline: disc, isFilled: false, mark: 'M12 8.700V12l2.400 1.500' },
  lost: {
    outline: 'M12 3.500 20.500 12 12 20.500 3.500 12Z',
    isFilled: false,
    mark: 'm9.800 9.800 4.400 4.400m0-4.400-4.400 4.400',
  },
  unseen: { outline: disc, isFilled: false, dash: [2, 2.4] },
};

export function StateGlyph({ state, size = 20 }: { state: PersonState; size?: number }) {
  const { outline, isFilled, mark, dash } = glyphs[state];
  return (
    <svg
      className={`glyph glyph-${state}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      role="img"
      aria-label={stateTitles[state]}
    >
      <path
        d={outline}
        fill={isFilled ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={isFilled ? 0 : 2.5}
        strokeDasharray={dash?.join(' ')}
      />
      {mark !== undefined && (
        <path
          d={mark}
          fill="none"
          stroke={isFilled ? 'var(--surface)' : 'currentColor'}
          strokeWidth={2}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
