// A browser and what it runs on as a person calls it: "Firefox on Windows".
import type { DeviceWords } from '../../credentials/user-agent.ts';
import type { Translate } from '../../texts.ts';

export function deviceLabel({ browser, platform }: DeviceWords, t: Translate): string {
  if (browser !== null && platform !== null) return t('security:device.both', { browser, platform });
  return browser ?? platform ?? t('security:device.unknown');
}
