import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Families } from '../../src/phones/family/family.ts';
import { recognise, type PhoneRequest } from '../../src/phones/recognise/recognise.ts';

/** A request that was seen: test/fixtures/ua-public.README.md. */
export interface Sample {
  readonly id: string;
  readonly user_agent: string | null;
  readonly path: string | null;
  readonly dhcp_vendor_class: string | null;
  readonly method?: string;
  readonly transport: PhoneRequest['transport'];
  readonly evidence: string;
  /** Where a maker's phones speak several dialects. */
  readonly family?: string;
  /** Only the keys that are asserted. */
  readonly expected: Readonly<Record<string, string | null>>;
}

export const samples = JSON.parse(
  readFileSync(join(packageRoot, 'test/fixtures/ua-public.json'), 'utf8'),
) as readonly Sample[];

/** What became of one asserted key. */
export interface Outcome {
  readonly sample: Sample;
  readonly key: string;
  readonly wanted: string | null;
  readonly got: unknown;
  readonly isRight: boolean;
}

/** Every asserted key of every sample. */
export function outcomes(families: Families): readonly Outcome[] {
  return samples.flatMap((sample) => {
    const told: Readonly<Record<string, unknown>> = {
      ...recognise(families, {
        path: sample.path,
        userAgent: sample.user_agent,
        dhcpVendorClass: sample.dhcp_vendor_class ?? undefined,
        method: sample.method ?? 'GET',
        transport: sample.transport,
      }),
    };
    const { expected, family } = sample;
    return Object.entries(family === undefined ? expected : { ...expected, family }).map(([key, wanted]) => {
      const got = told[key];
      return { sample, key, wanted, got, isRight: got === wanted };
    });
  });
}
