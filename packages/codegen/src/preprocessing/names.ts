import { RATIO, ROOT } from './arithmetic.ts';

/** Keeps the row that has come. */
export const TAKE_ROW = 'sparrow_take_row';
/** When the last row has come: finds where the image is placed. */
export const PLACE_IMAGE = 'sparrow_place_image';
/** Makes the next row of the preprocessed image. */
export const MAKE_ROW = 'sparrow_make_row';

/** The functions that preprocess images, in the assembly of networks that want it. */
export const PREPROCESSING_FUNCTIONS: readonly string[] = [TAKE_ROW, PLACE_IMAGE, MAKE_ROW, RATIO.name, ROOT.name];
