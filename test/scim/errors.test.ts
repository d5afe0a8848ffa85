import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, HubError } from '../../src/errors.ts';
import { ScimError, asScimError, badRequest, toScimBody } from '../../src/scim/errors.ts';

describe('SCIM errors (RFC 7644 section 3.12)', () => {
  it('have a status that is a string', () => {
    expect(toScimBody(badRequest('invalidFilter', 'x'))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '400',
      scimType: 'invalidFilter',
      detail: 'x',
    });
    expect(toScimBody(new ScimError(404, undefined, 'x'))).not.toHaveProperty('scimType');
  });

  it('give every refusal of the domain a status of its own, none of them 500', () => {
    for (const code of ERROR_CODES) {
      const error = asScimError(new HubError(code, 'sentence'));
      expect(error).toMatchObject({ detail: 'sentence' });
      expect(error.status).toBeGreaterThanOrEqual(400);
      expect(error.status === 500).toBe(false);
    }
    const form = (code: HubError['code']): unknown[] => {
      const { status, scimType } = asScimError(new HubError(code, 'x'));
      return [status, scimType];
    };
    expect(form('uniqueness')).toEqual([409, 'uniqueness']);
    expect(form('not_found')).toEqual([404, undefined]);
    expect(form('invalid_input')).toEqual([400, 'invalidValue']);
    expect(form('grantor_lacks_right')).toEqual([403, undefined]);
    expect(form('conflict')).toEqual([412, undefined]);
  });

  it('tell when to come back while the database is down', () => {
    expect(asScimError(new HubError('unavailable', 'x', { retryAfter: 7 }))).toMatchObject({
      status: 503,
      retryAfter: 7,
    });
    expect(asScimError(new HubError('unavailable', 'x'))).toMatchObject({ status: 503, retryAfter: 5 });
  });

  it('say nothing of an unknown error but the request it was', () => {
    const error = asScimError(new Error('password of anna is hunter2'), 'req-1');
    expect(toScimBody(error)).toMatchObject({
      status: '500',
      detail: 'The request could not be completed. Request req-1.',
    });
    const known = badRequest('noTarget', 'x');
    expect(asScimError(known)).toBe(known);
  });
});
