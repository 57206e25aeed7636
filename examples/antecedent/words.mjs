/** The words of the grammar, a choice a line; a choice may be several words or none. */

/** @param {string} text */
const list = (text) => text.trim().split(/\s+/);

/** What can be tired, and what can be wide. */
export const NOUNS = {
  agent: list(
    `chicken dog horse fox cow goat donkey cat pony sheep
     goose camel mule rabbit pig deer turkey calf lamb hedgehog`,
  ),
  place: list(
    `road bridge river field street stream path valley meadow canal
     swamp tunnel hill ditch trail courtyard square track pond alley`,
  ),
};

/** Adjectives that fit one kind of noun and never the other: the only clue to what "it" is. */
export const ADJECTIVES = {
  agent: list(
    `tired hungry afraid lazy nervous sleepy ill thirsty shy stubborn
     cautious injured bored confused exhausted impatient timid grumpy careful old`,
  ),
  place: list(
    `wide muddy flooded icy steep narrow slippery busy rocky dusty
     blocked crowded overgrown unlit endless windy deep bumpy swampy long`,
  ),
};

/** Agent, verb, place. */
export const ACTIVE = [
  'refused to cross',
  'would not cross',
  'did not want to cross',
  'hesitated to cross',
  'avoided',
  'stayed away from',
  'turned back before',
  'never entered',
  'could not get across',
  'declined to walk over',
];

/** Place, verb, agent. */
export const PASSIVE = [
  'was avoided by',
  'was not crossed by',
  'was never entered by',
  'was left alone by',
];

/** Doing something to the place, and what that did to the agent. */
export const GERUNDS = ['crossing', 'entering', 'walking over'];
export const APPEALS = ['did not appeal to', 'made no sense to', 'was too much for'];

export const REASONS = ['because', 'because', 'since'];
export const CONCESSIONS = ['although', 'even though'];
export const COPULAS = ['was', 'was', 'seemed', 'looked'];
export const INTENSIFIERS = ['', '', 'very', 'rather', 'far too', 'quite'];

/** What may stand before a sentence and behind it. */
export const LEADS = [
  '',
  '',
  'yesterday ,',
  'late in the evening ,',
  'on the way home ,',
  'the farmer said that',
  'as my neighbour told me ,',
  'after a whole day in the sun ,',
];
export const TAILS = [
  '',
  '',
  'that day',
  'at the time',
  'as usual',
  'according to the farmer',
  ', and so we all went home',
  ', or so the neighbour told me after the walk',
];
