// The mails that invite somebody to his account, and tell his administrators when he comes too late.
import { quotedName } from './address.ts';
import { action, small, text, type Letter, type LettersOf, type Say } from './letter.ts';
import { facts, validity, type LinkPart, type Personal } from './letter-parts.ts';

type Invitation = Personal & {
  /** Who invites; null: the operator or the hub itself. */
  readonly inviter: string | null;
  /** Names of the applications that he will find. */
  readonly applications: readonly string[];
  readonly link: LinkPart;
};

export type InvitationMails = {
  readonly invitation: Invitation;
  readonly invitation_reminder: Invitation;
  /** To administrators: somebody opened an invitation that has expired. `who` is his name. */
  readonly invitation_asked: Personal & { readonly who: string; readonly path: string };
};

function invitation(values: Invitation, say: Say, kind: 'invitation' | 'invitation_reminder'): Letter {
  const { applications, inviter } = values;
  const names = { brand: say.brand, organization: quotedName(values.organization), inviter: quotedName(inviter ?? '') };
  const first = inviter === null ? 'mail:invitation.subject_hub' : 'mail:invitation.subject';
  return {
    subject: say.t(kind === 'invitation' ? first : 'mail:invitation_reminder.subject', names),
    name: values.name,
    blocks: [
      ...(kind === 'invitation_reminder' ? [text(say.t('mail:invitation_reminder.lede'))] : []),
      text(say.t(inviter === null ? 'mail:invitation.lede_hub' : 'mail:invitation.lede', names)),
      ...(applications.length === 0
        ? [text(say.t('mail:invitation.no_applications'))]
        : [text(say.t('mail:invitation.applications')), { kind: 'list' as const, items: applications }]),
      facts(values, say),
      text(say.t('mail:invitation.choose')),
      action(say.t('mail:invitation.button'), say.link(values.link.path)),
      small(validity(values.link, say)),
      small(say.t('mail:invitation.unexpected')),
    ],
  };
}

export const invitationLetters: LettersOf<InvitationMails> = {
  invitation: (values, say) => invitation(values, say, 'invitation'),

  invitation_reminder: (values, say) => invitation(values, say, 'invitation_reminder'),

  invitation_asked: (values, say) => ({
    subject: say.t('mail:invitation_asked.subject', { who: quotedName(values.who) }),
    name: values.name,
    blocks: [
      text(
        say.t('mail:invitation_asked.text', {
          who: quotedName(values.who),
          organization: quotedName(values.organization),
        }),
      ),
      action(say.t('mail:invitation_asked.button'), say.link(values.path)),
    ],
  }),
};
