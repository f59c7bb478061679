import { isJsonObject, ownValue, type JsonValue } from '../json/json-value.ts';
import { findHidden, showHidden } from './hidden-characters.ts';
import { jsonStrings, type JsonString } from './json-strings.ts';
import { foldLetters, mixesScripts } from './name-skeleton.ts';

/** Warnings are read by people; a definition with more than these is bad enough. */
const MAX_WARNINGS = 20;

/** Characters that are looked at. Longer definitions say so in a warning. */
const MAX_SCANNED = 65_536;

/** Long enough for what honest servers write; longer texts are where instructions hide. */
const MAX_TOOL_DESCRIPTION = 4_000;
const MAX_OTHER_TEXT = 2_000;

/** Text that addresses the model instead of describing the tool (Invariant Labs 2025). Linear: no nested repetition. */
const instructionLike: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'markup that poses as instructions',
    /<\/?\s?(?:important|system|instructions?|secret|hidden|critical|admin|assistant|user|prompt)\b[^<>]{0,80}>/,
  ],
  ['a chat template marker', /<\|[a-z_]{1,30}\|>|\[\/?(?:inst|system)\]/],
  ['an HTML comment', /<!--/],
  [
    'a call to ignore instructions',
    /\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:previous|prior|above|earlier|other|all)\b.{0,40}\b(?:instructions?|rules?|prompts?|messages?|tools?)\b/,
  ],
  [
    'a call to keep something from the user',
    /\b(?:do not|don't|never|without)\b.{0,20}\b(?:tell|telling|mention|mentioning|inform|informing|notify|notifying|reveal|revealing|show|showing)\b.{0,30}\buser\b/,
  ],
  ['a mention of the system prompt', /\bsystem prompt\b/],
  [
    'an order about other tools or files',
    /\b(?:before|when|whenever) (?:using|calling|you use|you call) (?:this|any|other)\b.{0,20}\btools?\b/,
  ],
];

/**
 * What a person should look at before approving. It flags and never decides: an attacker who knows these checks can
 * write around them, and an honest description may trip one.
 */
export const scanDefinition = (definition: JsonValue): readonly string[] => {
  const warnings = new Set<string>(nameWarnings(definition));
  let scanned = 0;
  for (const found of jsonStrings(definition)) {
    const room = MAX_SCANNED - scanned;
    scanned += found.text.length;
    for (const warning of textWarnings({ ...found, text: found.text.slice(0, Math.max(0, room)) }))
      warnings.add(warning);
    if (found.text.length > room)
      warnings.add(`Only the first ${MAX_SCANNED} characters of the definition were looked at.`);
    if (scanned > MAX_SCANNED || warnings.size > MAX_WARNINGS) break;
  }
  return [...warnings].slice(0, MAX_WARNINGS);
};

const nameWarnings = (definition: JsonValue): readonly string[] => {
  const name = isJsonObject(definition) ? ownValue(definition, 'name') : undefined;
  if (typeof name !== 'string') return [];
  const isPlain = /^[A-Za-z0-9_.-]{1,128}$/.test(name);
  return [
    ...(isPlain ? [] : ['The name has characters or a length that the specification advises against.']),
    ...(mixesScripts(name) ? ['The name mixes Latin letters with Cyrillic or Greek ones.'] : []),
  ];
};

const textWarnings = ({ pointer, text, isKey }: JsonString): readonly string[] => {
  const where = isKey ? `The key ${placeOf(pointer)}` : placeOf(pointer);
  const looksLike = instructionsIn(text);
  return [
    ...findHidden(text).map((what) => `${where} has ${what}.`),
    ...looksLike.map((what) => `${where} has ${what}.`),
    ...(isKey ? [] : lengthWarnings(pointer, text)),
    ...(/\s{100}/.test(text) ? [`${where} has a run of 100 or more blanks, which can push text out of sight.`] : []),
  ];
};

/** Case, line breaks, hidden characters and foreign letters must not hide a phrase. */
const instructionsIn = (text: string): readonly string[] => {
  const plain = foldLetters(text)
    .toLowerCase()
    .replace(/\u2019/g, "'")
    .replace(/\s+/g, ' ');
  return instructionLike.filter(([, pattern]) => pattern.test(plain)).map(([what]) => what);
};

const lengthWarnings = (pointer: string, text: string): readonly string[] => {
  const limit = pointer === '/description' ? MAX_TOOL_DESCRIPTION : MAX_OTHER_TEXT;
  return text.length > limit ? [`${placeOf(pointer)} has ${text.length} characters, more than ${limit}.`] : [];
};

/** Keys of a schema are the server's text. */
const placeOf = (pointer: string): string => showHidden(pointer).slice(0, 200);
