import { ConflictError, NotAllowedError } from '@backstage/errors';
import { toString as toQr } from 'qrcode';
import { z } from 'zod';
import type { Enrolment, SecondFactorStatus } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { refusalSentences, type SecondFactorRefusal } from '../secondFactor/secondFactor';
import type { Services } from '../services';
import { route, type Route } from './route';

const code = z.object({ code: z.string().max(40) });

export const secondFactorRoutes = ({ secondFactor }: Services): readonly Route[] => [
  route({
    operationId: 'getSecondFactor',
    method: 'get',
    path: '/second-factor',
    summary: "The viewer's own second factor: enrolled or not, recovery codes left",
    handle: async ({ viewer }): Promise<SecondFactorStatus> => {
      const { lockedUntil, ...status } = await secondFactor.status(viewer.user);
      return { ...status, ...(lockedUntil === undefined ? {} : { lockedUntil: new Date(lockedUntil).toISOString() }) };
    },
  }),
  route({
    operationId: 'enrolSecondFactor',
    method: 'post',
    path: '/second-factor/enrol',
    summary: 'A new secret with its QR code and recovery codes, shown once; it counts after a first code confirms it',
    status: 201,
    handle: async ({ viewer }): Promise<Enrolment> => {
      const enrolment = await secondFactor.enrol(viewer.user);
      if (enrolment === undefined)
        throw new ConflictError('You have a second factor: reset it with a code or a recovery code first.');
      return { ...enrolment, qrSvg: await toQr(enrolment.uri, { type: 'svg', margin: 1, errorCorrectionLevel: 'M' }) };
    },
  }),
  route<Record<string, never>, z.infer<typeof code>>({
    operationId: 'confirmSecondFactor',
    method: 'post',
    path: '/second-factor/confirm',
    summary: 'Confirms the enrolment with the first code',
    body: code,
    handle: async ({ viewer, body }) => accept(await secondFactor.confirm(viewer.user, body.code)),
  }),
  route<Record<string, never>, z.infer<typeof code>>({
    operationId: 'resetSecondFactor',
    method: 'post',
    path: '/second-factor/reset',
    summary: 'Removes the second factor, with a code of it or a recovery code',
    body: code,
    handle: async ({ viewer, body }) => accept(await secondFactor.reset(viewer.user, body.code)),
  }),
];

const accept = (refusal: SecondFactorRefusal | undefined): { readonly ok: true } => {
  if (refusal !== undefined) throw new NotAllowedError(refusalSentences[refusal]);
  return { ok: true };
};
