import type { GetGeoLocationRequest, GetGeoLocationResponse } from '../../../api/route53.ts';
import { noSuchGeoLocation } from '../errors.ts';
import { allPlaces, isPlace } from '../places.ts';
import type { Handler } from '../../service.ts';

/** Without any code, the default. */
export function getGeoLocation(): Handler<GetGeoLocationRequest, GetGeoLocationResponse> {
  return ({ ContinentCode: continent, CountryCode: country, SubdivisionCode: subdivision }) => {
    const isDefault = continent === undefined && country === undefined && subdivision === undefined;
    const codes = isDefault ? { country: '*' } : { continent, country, subdivision };
    const place = allPlaces().find((candidate) => isPlace(candidate, codes));
    if (place === undefined) throw noSuchGeoLocation();
    return { GeoLocationDetails: place };
  };
}
