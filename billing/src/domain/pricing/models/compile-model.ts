import type { Issue } from '../../issue.ts';
import type { Result } from '../../result.ts';
import type { PriceModel } from '../price-version.ts';
import { compileFlat } from './flat.ts';
import { compileGraduated } from './graduated.ts';
import { compilePackage } from './package.ts';
import type { Rating } from './rating.ts';
import { compileVolume } from './volume.ts';

/** The registry of price models: a new one is a file, an arm here and a row in the tests. */
export const compileModel = (price: PriceModel, path: string): Result<Rating, readonly Issue[]> => {
  switch (price.model) {
    case 'flat':
      return compileFlat(price, path);
    case 'package':
      return compilePackage(price, path);
    case 'graduated':
      return compileGraduated(price, path);
    case 'volume':
      return compileVolume(price, path);
  }
};
