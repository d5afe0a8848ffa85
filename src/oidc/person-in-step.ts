// The one person whom a step of the sign-in is about, as he is now: his record, what factors he has, his language.
import type { Response } from 'express';
import { findFactorState, type FactorState } from '../credentials/factor-state.ts';
import { findLiveUser, type LiveUserOfOrganization } from '../credentials/live-user.ts';
import type { Person } from '../credentials/verify-sign-in.ts';
import type { Document } from '../provisioning/attribute.ts';
import { decodeSubject } from '../users/subject.ts';
import { suggestLanguage } from '../web/page.ts';
import { wantedLevel, levelOf, type Level } from './assurance.ts';
import type { Interaction } from './interaction.ts';

export type PersonInStep = {
  readonly person: Person;
  readonly user: LiveUserOfOrganization;
  readonly state: FactorState;
  readonly level: Level;
  readonly wanted: Level;
};

/** Undefined where nobody, or nobody in particular, or nobody who is active stands there. */
export async function personInStep(res: Response, interaction: Interaction): Promise<PersonInStep | undefined> {
  const [person, ...others] = interaction.verified;
  if (!person || others.length > 0) return undefined;
  const { organizationId, userId } = person;
  const user = await findLiveUser(organizationId, userId);
  const state = user && (await findFactorState(organizationId, userId, new Date()));
  if (!state) return undefined;
  speakHis(res, user.document);
  const wanted = wantedLevel(interaction.params['acr_values']) ?? 1;
  return { person, user, state, level: levelOf(interaction.amr), wanted };
}

/** The person of the session, where he is active. */
export async function personOfSession(
  res: Response,
  { sub }: Interaction,
): Promise<LiveUserOfOrganization | undefined> {
  const subject = sub === undefined ? undefined : decodeSubject(sub);
  const user = subject && (await findLiveUser(subject.organizationId, subject.userId));
  if (user) speakHis(res, user.document);
  return user;
}

function speakHis(res: Response, { preferredLanguage }: Document): void {
  if (typeof preferredLanguage === 'string') suggestLanguage(res, { profile: preferredLanguage });
}
