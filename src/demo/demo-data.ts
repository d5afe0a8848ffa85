// The shape of config/demo.yaml, which explains each field at its top.
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Dimension, Labels, Language, OrganizationAttribute } from '../applications/application.ts';
import type { ApiRole } from '../organizations/api-token.ts';
import type { AdministrationRight } from '../entitlements/administration-rights-of.ts';

/** As written in YAML: a list, or `"*"` or `['*']` for all. */
export type DemoValues = Partial<Record<Dimension, '*' | string[]>>;
export type DemoEntitlement = { application: string; customer_account: string; profile?: string; values: DemoValues };
export type DemoPerson = {
  user_name: string;
  given_name: string;
  family_name: string;
  email: string;
  language: Language;
  title?: string;
  kind?: string;
  administration_rights?: AdministrationRight[];
  account_rights?: Record<string, AdministrationRight[]>;
  connection?: string;
  invited?: boolean;
  active?: boolean;
  service?: boolean;
};
type DemoResource = {
  number: string;
  label: string;
  address?: string;
  state?: 'active' | 'closed';
  master?: boolean;
  services?: string[];
};
export type DemoAccount = {
  number: string;
  name: string;
  address: string;
  billing_addresses?: DemoResource[];
  contracts?: DemoResource[];
  subscriptions?: { application: string; values: DemoValues }[];
};
export type DemoAssignment = ({ to_user: string } | { to_group: string }) & { by: string; until_day?: number } & (
    { role: string } | DemoEntitlement
  );
export type DemoOrganization = {
  key: string;
  name: string;
  attributes?: Partial<Record<OrganizationAttribute, boolean>>;
  settings?: {
    username?: 'free' | 'email';
    deactivate_only?: boolean;
    ftp?: boolean;
    router?: boolean;
    address?: string;
  };
  customer_accounts?: DemoAccount[];
  connections?: { name: string; opened_groups: string[]; opened_by: string }[];
  users: DemoPerson[];
  groups?: { name: string; users: string[]; groups: string[]; connection?: string }[];
  roles?: { name: string; description: string; entitlements: DemoEntitlement[] }[];
  assignments?: DemoAssignment[];
};
export type DemoMandate = {
  from: string;
  to: string;
  by: string;
  customer_account: string;
  onward?: number;
  until_day?: number;
  boxes: { application: string; values: DemoValues }[];
};
export type DemoClientData = {
  client_id: string;
  name: string;
  kind: 'web' | 'native' | 'service';
  application: string;
  redirect_uris?: string[];
  post_logout_redirect_uris?: string[];
  backchannel_logout_uri?: string;
  service_user?: { organization: string; user_name: string };
};
export type DemoNews = { days_ago: number; title: Labels; text: Labels; more_url?: string };
export type DemoStaff = Pick<DemoPerson, 'user_name' | 'given_name' | 'family_name' | 'email' | 'language'> & {
  roles: ApiRole[];
};
export type DemoRegistration = {
  company: string;
  customer_number: string;
  proof: string;
  given_name: string;
  family_name: string;
  email: string;
  phone: string;
  language: Language;
  applications: string[];
};
export type DemoData = {
  contact: { customer_service: string };
  operator: DemoPerson;
  staff: DemoStaff[];
  registrations: DemoRegistration[];
  organizations: DemoOrganization[];
  mandates: DemoMandate[];
  news: DemoNews[];
  clients: DemoClientData[];
};

export const readDemoData = async (): Promise<DemoData> =>
  parse(await readFile(new URL('../../config/demo.yaml', import.meta.url), 'utf8')) as DemoData;
