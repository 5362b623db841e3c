/** What a FlowSchema's status says of its priority level. */
export const danglingCondition = (level: string, found: boolean, now: string) => ({
  type: 'Dangling',
  status: found ? 'False' : 'True',
  lastTransitionTime: now,
  reason: found ? 'Found' : 'NotFound',
  message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${
    found ? 'and it exists' : 'but there is no such object'
  }`,
});
