/**
 * The places that geolocation records can be for: continents, countries by ISO 3166-1, and the states of the United
 * States. Countries are named as Unicode names them, which is how AWS does, but for a few; the parts of Ukraine, which
 * AWS has too, are not here.
 */
import type { GeoLocationDetails } from '../../api/route53.ts';

/** Which continents there are, and which countries are said to lie on each. */
const CONTINENTS: readonly (readonly [code: string, name: string, countries: string])[] = [
  [
    'AF',
    'Africa',
    'AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW',
  ],
  ['AN', 'Antarctica', 'AQ GS TF'],
  [
    'AS',
    'Asia',
    'AE AF AM AZ BD BH BN BT CC CN GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TM TR TW UZ VN YE',
  ],
  [
    'EU',
    'Europe',
    'AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA XK',
  ],
  [
    'NA',
    'North America',
    'AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI',
  ],
  ['OC', 'Oceania', 'AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS'],
  ['SA', 'South America', 'AR BO BR CL CO EC FK GF GY PE PY SR UY VE'],
];

const STATES: ReadonlyMap<string, string> = new Map([
  ['AK', 'Alaska'],
  ['AL', 'Alabama'],
  ['AR', 'Arkansas'],
  ['AZ', 'Arizona'],
  ['CA', 'California'],
  ['CO', 'Colorado'],
  ['CT', 'Connecticut'],
  ['DC', 'District of Columbia'],
  ['DE', 'Delaware'],
  ['FL', 'Florida'],
  ['GA', 'Georgia'],
  ['HI', 'Hawaii'],
  ['IA', 'Iowa'],
  ['ID', 'Idaho'],
  ['IL', 'Illinois'],
  ['IN', 'Indiana'],
  ['KS', 'Kansas'],
  ['KY', 'Kentucky'],
  ['LA', 'Louisiana'],
  ['MA', 'Massachusetts'],
  ['MD', 'Maryland'],
  ['ME', 'Maine'],
  ['MI', 'Michigan'],
  ['MN', 'Minnesota'],
  ['MO', 'Missouri'],
  ['MS', 'Mississippi'],
  ['MT', 'Montana'],
  ['NC', 'North Carolina'],
  ['ND', 'North Dakota'],
  ['NE', 'Nebraska'],
  ['NH', 'New Hampshire'],
  ['NJ', 'New Jersey'],
  ['NM', 'New Mexico'],
  ['NV', 'Nevada'],
  ['NY', 'New York'],
  ['OH', 'Ohio'],
  ['OK', 'Oklahoma'],
  ['OR', 'Oregon'],
  ['PA', 'Pennsylvania'],
  ['RI', 'Rhode Island'],
  ['SC', 'South Carolina'],
  ['SD', 'South Dakota'],
  ['TN', 'Tennessee'],
  ['TX', 'Texas'],
  ['UT', 'Utah'],
  ['VA', 'Virginia'],
  ['VT', 'Vermont'],
  ['WA', 'Washington'],
  ['WI', 'Wisconsin'],
  ['WV', 'West Virginia'],
  ['WY', 'Wyoming'],
]);

/** Where nobody knows where a question comes from. */
const DEFAULT: GeoLocationDetails = { CountryCode: '*', CountryName: 'Default' };

export interface PlaceCodes {
  readonly continent?: string | undefined;
  readonly country?: string | undefined;
  readonly subdivision?: string | undefined;
}

/** Made when it is first asked for: names cost some milliseconds that a start need not pay. */
let known: readonly GeoLocationDetails[] | undefined;

/** All places, in the order in which they are listed: continents, the default, countries, each with its parts. */
export function allPlaces(): readonly GeoLocationDetails[] {
  return (known ??= listPlaces());
}

function listPlaces(): GeoLocationDetails[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  const continents = CONTINENTS.map(([ContinentCode, ContinentName]) => ({ ContinentCode, ContinentName }));
  const countries = CONTINENTS.flatMap(([ContinentCode, ContinentName, codes]) =>
    codes.split(' ').map((CountryCode) => ({
      ContinentCode,
      ContinentName,
      CountryCode,
      CountryName: names.of(CountryCode) ?? CountryCode,
    })),
  ).toSorted((a, b) => (a.CountryCode < b.CountryCode ? -1 : 1));
  const places = countries.flatMap((country) =>
    country.CountryCode === 'US' ? [country, ...statesOf(country)] : [country],
  );
  return [...continents, DEFAULT, ...places];
}

function statesOf({ CountryCode, CountryName }: GeoLocationDetails): GeoLocationDetails[] {
  return [...STATES].map(([SubdivisionCode, SubdivisionName]) => {
    return { CountryCode, CountryName, SubdivisionCode, SubdivisionName } as GeoLocationDetails;
  });
}

/** Whether the codes say that very place. A country is said without its continent. */
export function isPlace(place: GeoLocationDetails, { continent, country, subdivision }: PlaceCodes): boolean {
  if (place.SubdivisionCode !== subdivision || place.CountryCode !== country) return false;
  return country === undefined ? place.ContinentCode === continent : continent === undefined;
}
