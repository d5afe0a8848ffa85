// What the demonstration says of itself in DATA_DIR/demo.json, for whoever drives it from outside.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type DemoUser = { organization: string; userName: string; password: string; kind: string; totp?: string };
export type DemoClient = {
  application: string;
  audience: string;
  client_id: string;
  client_secret?: string;
  grant_types: string[];
  redirect_uris: string[];
};
export type DemoFile = {
  issuer: string;
  scim: { organization: string; baseUrl: string; token: string }[];
  users: DemoUser[];
  clients: DemoClient[];
  staff: { userName: string; password: string; totp: string; roles: string[] }[];
  operator: { userName: string; password: string; totp: string; apiToken: string };
  mailbox: string;
};

export const demoFilePath = (dataDir: string): string => join(dataDir, 'demo.json');

export const readDemoFile = async (dataDir: string): Promise<DemoFile> =>
  JSON.parse(await readFile(demoFilePath(dataDir), 'utf8')) as DemoFile;
