// The door of recovery: takes what a visitor typed and answers nothing. Whether somebody has that name is looked up by the
// job alone (recover-password.ts), so that neither the answer nor its time can tell.
import type { Language } from '../applications/application.ts';
import type { Ctx } from '../context.ts';
import { enqueue } from '../database/jobs.ts';
import { fold } from '../provisioning/fold.ts';
import { countRecovery } from './recovery-throttle.ts';
import { secrets } from './secrets.ts';
import { addressPrefix } from './sign-in-throttle.ts';

export const RECOVER_ACCESS = 'recover-access';

type RecoveryRequest = {
  /** Username or e-mail address, as typed. */
  readonly identifier: string;
  /** Of the page: for somebody with whom no language is stored. */
  readonly language: Language;
};

const LABEL = 'recovery request';

/** `address` is the visitor's IP address. Too many requests are dropped in silence. */
export async function requestRecovery(ctx: Ctx, input: RecoveryRequest & { readonly address: string }): Promise<void> {
  const identifier = input.identifier.trim();
  const within = await countRecovery(
    [
      { by: 'identifier', value: fold(identifier) },
      { by: 'address', value: addressPrefix(input.address) },
    ],
    ctx.now,
  );
  if (!within) return void ctx.log.info({ requestId: ctx.requestId }, 'recovery throttled');
  // The queue's table keeps finished jobs for a while: what was typed does not stand there in clear.
  const request: RecoveryRequest = { identifier, language: input.language };
  await enqueue(RECOVER_ACCESS, {
    request: secrets()
      .seal(Buffer.from(JSON.stringify(request)), LABEL)
      .toString('base64'),
  });
}

/** What `requestRecovery` put into the job. */
export const readRecoveryRequest = (data: Readonly<Record<string, unknown>>): RecoveryRequest =>
  JSON.parse(
    secrets()
      .open(Buffer.from(String(data['request']), 'base64'), LABEL)
      .toString(),
  ) as RecoveryRequest;
