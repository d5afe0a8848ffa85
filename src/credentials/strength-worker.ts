// Estimates passwords with zxcvbn-ts (USENIX Security 2016) in a thread of its own: a hard case takes it half a second, and
// its word lists take 50 MB, which go with the thread. Lists of the person's language and of English, which everybody uses.
import { parentPort } from 'node:worker_threads';
import { ZxcvbnFactory, type OptionsType } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common';
import type { Language } from '../applications/application.ts';
import type { Estimate, StrengthQuestion } from './password-strength.ts';

type Words = NonNullable<OptionsType['dictionary']>;

/** Longer ones have had their say by then. */
const LONGEST = 48;

const LISTS: Readonly<Record<Language, () => Promise<{ readonly dictionary: Words }>>> = {
  nl: () => import('@zxcvbn-ts/language-nl-be'),
  fr: () => import('@zxcvbn-ts/language-fr'),
  de: () => import('@zxcvbn-ts/language-de'),
  en: () => import('@zxcvbn-ts/language-en'),
};

async function createEstimator(language: Language): Promise<ZxcvbnFactory> {
  const dictionary: Words = { ...common };
  for (const one of new Set<Language>([language, 'en']))
    for (const [name, words] of Object.entries((await LISTS[one]()).dictionary)) dictionary[`${name}-${one}`] = words;
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: LONGEST });
}

const estimators = new Map<Language, Promise<ZxcvbnFactory>>();

async function estimate({ id, password, own, language }: StrengthQuestion): Promise<Estimate> {
  const known = estimators.get(language) ?? createEstimator(language);
  estimators.set(language, known);
  return { id, strength: (await known).check(password, [...own]).score };
}

parentPort?.on('message', (question: StrengthQuestion) => {
  void estimate(question).then((answer) => parentPort?.postMessage(answer));
});
