import type { ListGeoLocationsRequest, ListGeoLocationsResponse } from '../../../api/route53.ts';
import { noSuchGeoLocation } from '../errors.ts';
import { PAGE_ITEMS_MAX } from '../limits.ts';
import { paginate } from '../paginate.ts';
import { allPlaces, isPlace, type PlaceCodes } from '../places.ts';
import type { Handler } from '../../service.ts';

export function listGeoLocations(): Handler<ListGeoLocationsRequest, ListGeoLocationsResponse> {
  return (input) => {
    const { items, next, rest } = paginate(
      allPlaces().slice(startOf(input)),
      { maxItems: input.MaxItems, countMax: PAGE_ITEMS_MAX },
      () => true,
    );
    return {
      GeoLocationDetailsList: items,
      ...rest,
      ...(next?.CountryCode === undefined ? { NextContinentCode: next?.ContinentCode } : {}),
      ...(next?.CountryCode === undefined ? {} : { NextCountryCode: next.CountryCode }),
      ...(next?.SubdivisionCode === undefined ? {} : { NextSubdivisionCode: next.SubdivisionCode }),
    };
  };
}

/** Where in the list the place stands that the page begins with. */
function startOf(input: ListGeoLocationsRequest): number {
  const codes: PlaceCodes = {
    continent: input.StartContinentCode,
    country: input.StartCountryCode,
    subdivision: input.StartSubdivisionCode,
  };
  if (Object.values(codes).every((code) => code === undefined)) return 0;
  const at = allPlaces().findIndex((place) => isPlace(place, codes));
  if (at === -1) throw noSuchGeoLocation();
  return at;
}
