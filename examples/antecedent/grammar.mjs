import * as words from './words.mjs';

/**
 * Sentences about an animal and a place with a reason, "because it was ADJECTIVE". The adjective fits one of the two, and that alone
 * says what "it" is. An adjective that fits the other one stands somewhere else in the sentence, so that knowing which
 * adjectives occur is of no use.
 *
 * @typedef {'agent' | 'place'} Kind
 *
 * @typedef {object} Sentence
 * @property {string[]} tokens - lower-case words and punctuation
 * @property {Kind} label - what "it" is
 */

/** Where the adjective of the other noun stands. */
const DISTRACTORS = /** @type {const} */ ([
  'attribute', // the wide road
  'attribute',
  'relative', // the road that was wide
  'notBut', // not because it was wide but because it was tired
  'butNot', // because it was tired, not because it was wide
  'thoughAfter', // because it was tired, although it was wide
  'thoughBefore', // although it was wide, because it was tired
  'thoughApart', // the concession at the other end of the sentence
]);

const FORMS = /** @type {const} */ (['active', 'active', 'passive', 'cleft', 'gerund']);

/** @typedef {ReturnType<typeof drawPlan>} Plan */

/**
 * Everything about a sentence but what "it" is.
 *
 * @param {import('./random.mjs').Random} random
 * @param {{ agent: readonly [noun: string, adjective: string][], place: readonly [string, string][] }} pairs - which adjectives may go with which nouns
 * @param {{ leads?: readonly string[], tails?: readonly string[], plain?: boolean }} [options] - plain: without the other adjective
 */
export function drawPlan(random, pairs, { leads, tails, plain = false } = {}) {
  const pick = (/** @type {readonly string[]} */ choices) => split(random.pick(choices));
  const [agent, agentAdjective] = random.pick(pairs.agent);
  const [place, placeAdjective] = random.pick(pairs.place);
  return {
    noun: { agent, place },
    adjective: { agent: agentAdjective, place: placeAdjective },
    form: random.pick(FORMS),
    distractor: plain ? 'none' : random.pick(DISTRACTORS),
    reasonFirst: random.below(2) === 0,
    relative: random.below(2) === 0 ? ['that', 'was'] : [',', 'which', 'was'],
    active: pick(words.ACTIVE),
    passive: pick(words.PASSIVE),
    gerund: pick(words.GERUNDS),
    appeal: pick(words.APPEALS),
    reason: pick(words.REASONS),
    concession: pick(words.CONCESSIONS),
    copula: pick(words.COPULAS),
    intensifier: pick(words.INTENSIFIERS),
    lead: pick(leads ?? words.LEADS),
    tail: pick(tails ?? words.TAILS),
  };
}

/**
 * The sentence of a plan in which "it" is a `label`.
 *
 * @param {Plan} plan
 * @param {Kind} label
 * @returns {Sentence}
 */
export function write(plan, label) {
  const other = label === 'agent' ? 'place' : 'agent';
  const { distractor, reasonFirst } = plan;
  const concession = clause(plan, plan.concession, other);
  const main = mainClause(plan, other);
  const reason = reasonClause(plan, label, other, concession);
  const apart = distractor === 'thoughApart' ? concession : [];
  const body = reasonFirst
    ? [...reason, ',', ...main, ...(apart.length > 0 ? [',', ...apart] : [])]
    : [
        ...(apart.length > 0 ? [...apart, ','] : []),
        ...main,
        ...(distractor === 'thoughBefore' ? [','] : []),
        ...reason,
      ];
  return { tokens: tidy([...plan.lead, ...body, ...plan.tail, '.']), label };
}

/**
 * Why: "because it was tired", with a concession or a denied reason about the other noun where the plan wants one there.
 *
 * @param {Plan} plan
 * @param {Kind} label
 * @param {Kind} other
 * @param {string[]} concession
 */
function reasonClause(plan, label, other, concession) {
  const reason = clause(plan, plan.reason, label);
  const denied = clause(plan, plan.reason, other);
  switch (plan.distractor) {
    case 'notBut':
      return ['not', ...denied, 'but', ...reason];
    case 'butNot':
      return [...reason, ',', 'not', ...denied];
    case 'thoughAfter':
      return [...reason, ',', ...concession];
    case 'thoughBefore':
      return [...concession, ',', ...reason];
    default:
      return reason;
  }
}

/**
 * Who did what, in one of four forms.
 *
 * @param {Plan} plan
 * @param {Kind} described - the noun that has its adjective beside it, if the plan wants one there
 */
function mainClause(plan, described) {
  const [agent, place] = /** @type {const} */ (['agent', 'place']).map((kind) =>
    nounPhrase(plan, kind, kind === described),
  );
  switch (plan.form) {
    case 'active':
      return [...agent, ...plan.active, ...place];
    case 'passive':
      return [...place, ...plan.passive, ...agent];
    case 'cleft':
      return ['it', 'was', ...place, 'that', ...agent, ...plan.active];
    default:
      return [...plan.gerund, ...place, ...plan.appeal, ...agent];
  }
}

/**
 * @param {Plan} plan
 * @param {Kind} kind
 * @param {boolean} described
 */
function nounPhrase({ noun, adjective, distractor, relative }, kind, described) {
  if (described && distractor === 'attribute') return ['the', adjective[kind], noun[kind]];
  if (described && distractor === 'relative') {
    const end = relative[0] === ',' ? [','] : [];
    return ['the', noun[kind], ...relative, adjective[kind], ...end];
  }
  return ['the', noun[kind]];
}

/**
 * "because it was very tired"
 *
 * @param {Plan} plan
 * @param {string[]} conjunction
 * @param {Kind} kind
 */
function clause({ copula, intensifier, adjective }, conjunction, kind) {
  return [...conjunction, 'it', ...copula, ...intensifier, adjective[kind]];
}

/**
 * Drops a comma before another comma or the full stop.
 *
 * @param {string[]} tokens
 */
function tidy(tokens) {
  return tokens.filter(
    (token, index) => token !== ',' || ![',', '.'].includes(tokens[index + 1] ?? '.'),
  );
}

/** @param {string} text */
function split(text) {
  return text === '' ? [] : text.split(' ');
}
