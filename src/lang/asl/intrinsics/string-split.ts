import type { Intrinsic } from './intrinsic.ts';
import { requireString } from './intrinsic.ts';

/** `States.StringSplit(text, separators)`: splits at each character of `separators` and drops empty pieces (recorded). */
export const stringSplit: Intrinsic = {
  argumentCountMin: 2,
  argumentCountMax: 2,
  apply: ([value, characters]) => {
    const separators = new Set(requireString(characters));
    const pieces: string[] = [];
    let piece = '';
    for (const character of requireString(value)) {
      if (!separators.has(character)) {
        piece += character;
      } else if (piece !== '') {
        pieces.push(piece);
        piece = '';
      }
    }
    return piece === '' ? pieces : [...pieces, piece];
  },
};
