// What people are told about; see ../operations/notice-preferences.ts.
import { noticePreferences, setNoticePreferences } from '../../notices/preferences.ts';
import { compact } from '../compact.ts';
import type { Handlers } from '../operation.ts';
import type { noticePreferenceOperations } from '../operations/notice-preferences.ts';

export const noticePreferenceHandlers: Handlers<typeof noticePreferenceOperations> = {
  'notice-preference.get': (ctx, { params }) => noticePreferences(ctx, params.user),
  'notice-preference.set': (ctx, { params, body }) => setNoticePreferences(ctx, params.user, compact(body)),
};
