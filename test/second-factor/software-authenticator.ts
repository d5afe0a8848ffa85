// An authenticator in software for tests (WebAuthn Level 3, sections 6.1 and 6.5): one discoverable ES256 credential, no
// attestation. What a page asks is answered as a browser would answer it; each part can be bent.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Page } from '../oidc/browser.ts';

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const ATTESTED = 0x40;

type Bent = { origin?: string; rpId?: string; verified?: boolean; challenge?: string; counter?: number };
type Options = { challenge: string; rpId?: string; rp?: { id: string }; user?: { id: string } };

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest();
const url64 = (data: Uint8Array | string) => Buffer.from(data).toString('base64url');

// CBOR (RFC 8949), as much of it as an attestation needs.
const head = (major: number, value: number): Buffer => {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
};
const integer = (value: number) => (value >= 0 ? head(0, value) : head(1, -1 - value));
const bytes = (value: Uint8Array) => Buffer.concat([head(2, value.length), value]);
const text = (value: string) => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (...pairs: [Buffer, Buffer][]) => Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

export class SoftwareAuthenticator {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly id = randomBytes(32);
  readonly #origin: string;
  #userHandle = '';
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The credential that `navigator.credentials.create` would give for the page's form, as JSON. */
  create(page: Page, bent: Bent = {}): string {
    const options = optionsOf(page, 'create');
    this.#userHandle = options.user?.id ?? '';
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const coordinate = (value: string | undefined) => bytes(Buffer.from(value ?? '', 'base64url'));
    const key = map(
      [integer(1), integer(2)],
      [integer(3), integer(-7)],
      [integer(-1), integer(1)],
      [integer(-2), coordinate(x)],
      [integer(-3), coordinate(y)],
    );
    const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, key]);
    const data = Buffer.concat([this.#data(options, bent, ATTESTED), credential]);
    const attestation = map([text('fmt'), text('none')], [text('attStmt'), map()], [text('authData'), bytes(data)]);
    return this.#json({
      clientDataJSON: url64(this.#client('webauthn.create', options, bent)),
      attestationObject: url64(attestation),
      transports: ['internal'],
    });
  }

  /** The assertion that `navigator.credentials.get` would give for the page's form, as JSON. */
  get(page: Page, bent: Bent = {}): string {
    const options = optionsOf(page, 'get');
    const client = this.#client('webauthn.get', options, bent);
    const data = this.#data(options, bent, 0);
    const signature = sign('sha256', Buffer.concat([data, sha256(client)]), this.#keys.privateKey);
    return this.#json({
      clientDataJSON: url64(client),
      authenticatorData: url64(data),
      signature: url64(signature),
      userHandle: this.#userHandle,
    });
  }

  #client(type: string, { challenge }: Options, bent: Bent): string {
    const { origin = this.#origin } = bent;
    return JSON.stringify({ type, challenge: bent.challenge ?? challenge, origin, crossOrigin: false });
  }

  #data(options: Options, bent: Bent, more: number): Buffer {
    const flags = USER_PRESENT | (bent.verified === false ? 0 : USER_VERIFIED) | more;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(bent.counter ?? ++this.#counter);
    return Buffer.concat([sha256(bent.rpId ?? options.rpId ?? options.rp?.id ?? ''), Buffer.from([flags]), counter]);
  }

  #json(response: object): string {
    const id = url64(this.id);
    return JSON.stringify({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} });
  }
}

/** The page with nothing but its passkey form in it, to be submitted with a `credential`. */
export function passkeyForm(page: Page): Page {
  const form = /<form[^>]*data-passkey[\s\S]*?<\/form>/.exec(page.html)?.[0];
  if (form === undefined) throw new Error(`There is no passkey form on ${page.url.pathname}`);
  return { ...page, html: form };
}

export function optionsOf(page: Page, use: 'create' | 'get'): Options {
  const found = new RegExp(`data-passkey="${use}" data-options="([^"]*)"`).exec(page.html)?.[1] ?? 'null';
  return JSON.parse(found.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')) as Options;
}
