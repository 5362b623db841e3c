import { expect, it } from 'vitest';
import type { KubeObject } from '../../objects/object.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhooks.ts';

it('warns of rules that name reviews, which no webhook is asked about', () => {
  const rule = (apiGroups: string[], resources: string[]) => ({ apiGroups, resources });
  const webhooks = [
    { rules: [rule([''], ['tokenreviews', 'pods']), rule(['*'], ['tokenreviews'])] },
    {
      rules: [
        rule(['authentication.k8s.io'], ['*']),
        rule(['apps', 'authentication.k8s.io'], ['deployments', 'tokenreviews', 'tokenreviews']),
        rule(['authorization.k8s.io', 'authentication.k8s.io'], ['selfsubjectreviews', 'subjectaccessreviews']),
        rule(['constructor'], ['tokenreviews']),
      ],
    },
    {},
  ];
  const configuration = { webhooks } as unknown as KubeObject;
  const excluded = 'is excluded from admission webhooks; this rule will have no effect';
  for (const strategy of [mutatingWebhookConfiguration, validatingWebhookConfiguration])
    expect(strategy.warnings?.(configuration, undefined)).toEqual([
      `webhooks[1].rules[1]: tokenreviews.authentication.k8s.io ${excluded}`,
      `webhooks[1].rules[2]: subjectaccessreviews.authorization.k8s.io ${excluded}`,
      `webhooks[1].rules[2]: selfsubjectreviews.authentication.k8s.io ${excluded}`,
    ]);
});
